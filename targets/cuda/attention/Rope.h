// Rotary position embedding (RoPE) of a pair of channels, which rotate, attend and append share.
#pragma once

#include "targets/cuda/Kernel.h"
#include <optional>

namespace osscc::cuda {

/// How positions turn heads, in a kernel.
struct Rotation {
  Number frequencies; ///< A table of radians a position.
  double factor;      ///< Of cosine and sine.
  int64_t half;       ///< Pairs of a head: channel i goes with i + half.

  static Rotation in(Kernel &kernel, llvm::ArrayRef<float> frequencies, double factor);
};

/// What attend or append rotate by on the way, if they do.
template <typename Op> std::optional<Rotation> rotationIn(Kernel &kernel, Op op) {
  std::optional<llvm::ArrayRef<float>> frequencies = op.getFrequencies();
  if (!frequencies)
    return std::nullopt;
  return Rotation::in(kernel, *frequencies, op.getFactor().convertToDouble());
}

/// The channels a and b of pair `pair`, turned by a position.
std::pair<Number, Number> rotate(const Emitter &emitter, const Rotation &rotation, Number position,
                                 Number pair, Number a, Number b);

} // namespace osscc::cuda
