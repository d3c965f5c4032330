// The pack dialect in C++: weights, their formats and recipes, as PackTypes.td and PackOps.td define them.
#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/pack/PackTypesEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/pack/PackTypesAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/pack/PackTypesTypes.h.inc"

#include "dialects/pack/PackTypes.h.inc"

#define GET_OP_CLASSES
#include "dialects/pack/PackOps.h.inc"

namespace osscc::pack {

/// Rows of one tile: weights lie in tiles of this many rows whatever the CPU (docs/design/layout.md).
inline constexpr int64_t kTileRows = 16;

} // namespace osscc::pack
