// The pack dialect in C++: weights, their formats and recipes, as PackTypes.td and PackOps.td
// define them.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
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

/// Rows of one tile: weights lie in tiles of this many rows whatever the CPU
/// (docs/design/layout.md).
inline constexpr int64_t kTileRows = 16;

/// Channels that codes of a block format come in: a tile has the codes of so many channels of its
/// 16 rows together, whatever the group of the format is. Activations have records of as many.
inline constexpr int64_t kRecordChannels = 32;

/// The shape of a weight in some stage of its recipe.
llvm::ArrayRef<int64_t> shapeOf(mlir::Type stored);

/// Where a stored weight lies in the weights part of the payload.
struct Placement {
  WeightOp weight;
  int64_t offset, bytes, align; ///< in bytes; `offset` is a multiple of `align`
};

/// The place of every weight whose storage is chosen, in the module's order: the order of
/// OssccModel's weights. The code that is emitted and the writer of the payload both go by it.
llvm::SmallVector<Placement> placeWeights(mlir::ModuleOp module);

} // namespace osscc::pack
