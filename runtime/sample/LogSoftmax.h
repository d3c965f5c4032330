// Log-probabilities of one row of logits, in double.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace osscc::rt {

/// log(sum over v of exp(logits[v])), summed in rising v after the largest logit was taken out.
/// Subtract it from a logit and it is a log-probability.
double logSumExp(std::span<const float> logits);

/// The ids of the k largest logits, falling; of equal ones the lower id first. k beyond [V] gives
/// all.
std::vector<int32_t> largest(std::span<const float> logits, int64_t k);

} // namespace osscc::rt
