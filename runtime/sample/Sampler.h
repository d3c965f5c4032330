// From logits to a token. Deterministic: the same seed and the same logits give the same tokens on
// every machine, since the random numbers, the order of the candidates and the arithmetic are all
// fixed here.
#pragma once

#include "runtime/base/Status.h"

#include <cstdint>
#include <span>
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

/// xoshiro256**, its state filled by SplitMix64. Source: Blackman and Vigna, 2021.
class Random {
public:
  explicit Random(uint64_t seed);
  uint64_t next();
  double uniform(); ///< in [0, 1), 53 bits
private:
  uint64_t state[4];
};

class Sampler {
public:
  /// \param options  must pass checkSampler().
  explicit Sampler(const SamplerOptions &options);

  /// Chooses the next token. In this order: repetition penalty, temperature, top-k, top-p, min-p
  /// (as transformers does). Equal logits: the lower id stands first.
  ///
  /// \param logits   [V]; overwritten by the repetition penalty. NaN counts as never to be chosen.
  /// \param history  ids already in the text, for the repetition penalty.
  /// \errors  kRuntime when no logit is above minus infinity.
  /// Cost: one pass for greedy, else one partial sort.
  Result<int32_t> sample(std::span<float> logits, std::span<const int32_t> history);

private:
  struct Candidate {
    int32_t token;
    float logit;
    double probability;
  };

  void penalise(std::span<float> logits, std::span<const int32_t> history);
  void collect(std::span<const float> logits);
  void keepNucleus();
  void keepLikely();

  SamplerOptions options;
  Random random;
  std::vector<Candidate> candidates; // kept between calls for its memory
  std::vector<bool> seen;            // [V] ids of the history
};

} // namespace osscc::rt
