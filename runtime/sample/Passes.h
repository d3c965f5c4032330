// What is done to each block of 128 logits or weights, by the widest registers that the CPU has;
// its results do not depend on them.
#pragma once

#include <cstdint>

namespace osscc::rt::passes {

constexpr int64_t kBlock = 128;

/// The largest logit; minus infinity if there is none but NaN.
float largest(const float *logits);

/// weights[i] = 2^((logits[i] - best) * scale); 0 for NaN. Returns their sum.
/// \param best  finite and not below any logit; \param scale  finite, not negative.
double weigh(const float *logits, float best, float scale, float *weights);

/// The sum of the weights of tokens whose logit is larger than `place`, and of the first `equal`
/// those whose logit is `place`.
double sumBefore(const float *logits, const float *weights, float place, int64_t equal);

/// How many logits of `blocks` neighbouring blocks are larger than `place`, or equal to it where
/// that counts too; at most 2^31 logits.
int64_t countLarger(const float *logits, int64_t blocks, float place, bool orEqual);

/// Writes which logits of the block are larger than `below` and smaller than `above`; returns how
/// many. \param found  room for kBlock numbers.
int64_t findBetween(const float *logits, float below, float above, int32_t *found);

} // namespace osscc::rt::passes
