// From logits to a token. Deterministic: the same seed and the same logits give the same tokens on
// every machine, since the random numbers, the order of the tokens and the arithmetic, its
// exponential included, are all fixed in this folder.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/sample/Distribution.h"
#include "runtime/sample/Random.h"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace osscc::rt {

struct SamplerOptions {
  double temperature = 1.0; ///< 0: the most likely token, always
  int64_t topK = 0;         ///< 0: every token
  double topP = 1.0;        ///< (0, 1]
  double minP = 0.0;        ///< [0, 1]: share of the largest probability that a token must reach
  double repetitionPenalty = 1.0; ///< > 0; 1: none
  uint64_t seed = 0;
};

/// Checks every range. \errors kUsage naming the option, what was expected and what was found.
Status checkSampler(const SamplerOptions &options);

/// Ids from `begin` to `end`, the latter not included.
struct IdRange {
  int32_t begin = 0, end = 0;

  bool operator==(const IdRange &) const = default;
};

class Sampler {
public:
  /// \param options  must pass checkSampler().
  explicit Sampler(const SamplerOptions &options);

  /// How tokens are chosen from now on. The random numbers go on, so that each answer of a chat has
  /// its own, but begin anew where the seed is another.
  void setOptions(const SamplerOptions &options);

  /// Begins the random numbers of the seed anew.
  void restart();

  /// Ids that are never chosen, from the next token on.
  void forbid(std::vector<IdRange> ids) { forbidden = std::move(ids); }

  /// Ids of which the next token must be one, id t being bit t % 64 of word t / 64; empty: any id.
  /// For one call of sample(), and must outlive it. An id beyond the words is none of them.
  void allowOnly(std::span<const uint64_t> ids) { allowed = ids; }

  /// Chooses the next token. In this order: ids that are forbidden, repetition penalty,
  /// temperature, top-k, top-p, min-p (as transformers does). Equal logits: the lower id stands
  /// first.
  ///
  /// \param logits   [V]; overwritten by the first two. NaN counts as never to be chosen.
  /// \param history  ids already in the text, for the repetition penalty.
  /// \errors  kRuntime when no logit is above minus infinity.
  /// Cost: some passes over the logits, never a sort of them all (Distribution).
  Result<int32_t> sample(std::span<float> logits, std::span<const int32_t> history);

private:
  void mask(std::span<float> logits);
  void penalise(std::span<float> logits, std::span<const int32_t> history);

  SamplerOptions options;
  std::vector<IdRange> forbidden;
  std::span<const uint64_t> allowed;
  Random random;
  Distribution distribution; // kept between calls for its memory
  std::vector<bool> seen;    // [V] ids of the history
};

} // namespace osscc::rt
