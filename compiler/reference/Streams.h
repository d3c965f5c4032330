// The numbers of the ops of streams and of sparse gates, as LlmStreams.td defines them. Letters as
// in Operations.h.
#pragma once

#include "compiler/reference/Tensor.h"
#include "llvm/ADT/ArrayRef.h"

namespace osscc::reference {

/// parts [T, D] each, weights [T, at least first + parts] -> [T, D].
Tensor mix(llvm::ArrayRef<const Tensor *> parts, const Tensor &weights, int64_t first);

/// x [T, D] as large as target [T, any] -> [T, D].
Tensor match(const Tensor &x, const Tensor &target, float least);

/// x [T, F] -> the same.
Tensor cutoff(const Tensor &x, float deviations);

/// The weights of xielu, [1, 1] each.
struct Xielu {
  const Tensor &positive, &negative, &beta, &eps;
};

/// x [T, F] -> the same.
Tensor xielu(const Tensor &x, const Xielu &weights);

} // namespace osscc::reference
