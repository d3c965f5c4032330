// The abi dialect in C++: one op for each thing of runtime/abi/Abi.h that emitted code uses.
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#define GET_ATTRDEF_CLASSES
#include "dialects/abi/AbiDialectAttrs.h.inc"

#include "dialects/abi/AbiDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/abi/AbiOps.h.inc"

namespace osscc::abi {

/// Bytes of a cache line: the alignment of every part of the arena.
inline constexpr int64_t kLineBytes = 64;

/// Pages of the ring that keeps what layers with a window see (osscc_ring_pages of Abi.h).
int64_t ringPages(int64_t window, int64_t maxRows, int64_t rowsPerPage);

} // namespace osscc::abi
