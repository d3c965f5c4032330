// Rotary position embedding (RoPE) of pairs of channels, which rotate, attend and append share.
#pragma once

#include "mlir/IR/Builders.h"
#include <optional>

namespace osscc::cpu {

/// The cosine and sine of the angles of channels [begin, begin + lanes) of half a head.
struct Angles {
  int64_t begin, lanes;
  mlir::Value cos, sin;
};

/// How positions turn heads: by frequencies in radians a position; cosine and sine are multiplied
/// by a factor.
struct Rotation {
  llvm::ArrayRef<float> frequencies;
  float factor;
};

/// What attend or append rotate by on the way, if they do.
template <typename Op> std::optional<Rotation> rotationOf(Op op) {
  std::optional<llvm::ArrayRef<float>> frequencies = op.getFrequencies();
  if (!frequencies)
    return std::nullopt;
  return Rotation{*frequencies, op.getFactor().convertToFloat()};
}

/// The angles of one row by its position, in vectors of a power of two up to 16.
llvm::SmallVector<Angles> emitAngles(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value row,
                                     const Rotation &rotation);

/// Rotates the pairs of these channels in a head of 2 * half channels. `load` gives and `store`
/// takes their lanes from a channel of the head on.
void rotatePairs(mlir::OpBuilder &builder, mlir::Location loc, const Angles &angles, int64_t half,
                 llvm::function_ref<mlir::Value(int64_t)> load,
                 llvm::function_ref<void(int64_t, mlir::Value)> store);

} // namespace osscc::cpu
