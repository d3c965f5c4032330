// Rotary position embedding (RoPE) of pairs of channels, which rotate, attend and append share.
#pragma once

#include "mlir/IR/Builders.h"

namespace osscc::cpu {

/// The cosine and sine of the angles of channels [begin, begin + lanes) of half a head.
struct Angles {
  int64_t begin, lanes;
  mlir::Value cos, sin;
};

/// The angles of one row by its position, in vectors of a power of two up to 16.
llvm::SmallVector<Angles> emitAngles(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value row,
                                     llvm::ArrayRef<float> frequencies);

/// Rotates the pairs of these channels in a head of 2 * half channels. `load` gives and `store`
/// takes their lanes from a channel of the head on.
void rotatePairs(mlir::OpBuilder &builder, mlir::Location loc, const Angles &angles, int64_t half,
                 llvm::function_ref<mlir::Value(int64_t)> load,
                 llvm::function_ref<void(int64_t, mlir::Value)> store);

} // namespace osscc::cpu
