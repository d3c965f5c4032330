/// Floats of all widths in LLVM IR: narrow ones are computed in single precision and rounded.
#ifndef OSSCC_TEST_CUDA_PTX_FLOATS_H
#define OSSCC_TEST_CUDA_PTX_FLOATS_H

#include "test/cuda/ptx/Emitter.h"

namespace osscc::standin {

/// A value of halves or bfloats as single precision; others as they are.
llvm::Value *widened(Emitter &e, llvm::Value *value, Type type);
/// Single precision to the nearest value of a type of 16 bits, ties to even; others as they are.
llvm::Value *narrowed(Emitter &e, llvm::Value *value, Type type);
/// Numbers below the normal ones become zero of their sign.
llvm::Value *flushed(Emitter &e, llvm::Value *value);
/// At least 0 and at most 1; what is no number becomes 0.
llvm::Value *clamped(Emitter &e, llvm::Value *value);

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_PTX_FLOATS_H
