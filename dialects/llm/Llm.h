// The llm dialect in C++: types, attributes and ops as LlmDialect.td and LlmOps.td define them.
#pragma once

#include "dialects/pack/Pack.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/llm/LlmDialectEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/llm/LlmDialectTypes.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/llm/LlmDialectAttrs.h.inc"

#include "dialects/llm/LlmDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/llm/LlmOps.h.inc"

namespace osscc::llm {

/// The shape of a weight operand, a tensor before pack-choose-formats and a stored block after it.
llvm::ArrayRef<int64_t> shapeOf(mlir::Type weight);

} // namespace osscc::llm
