// The norm of a row, for its own kernel and for a matmul that begins with it.
#pragma once

#include "targets/cuda/Kernel.h"

namespace osscc::cuda {

/// Threads that share the norm of a whole row: a part of the numbers.
int64_t threadsOfNorm(tile::NormOp op);

/// Emits the norm of row `row` to the same row of `out`, by the first threadsOfNorm() threads of a
/// block, which are all of it.
void emitNormOfRow(Kernel &kernel, tile::NormOp op, Number row, const Rows &out);

} // namespace osscc::cuda
