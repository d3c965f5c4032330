#include "runtime/sample/Sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace osscc::rt {

Status checkSampler(const SamplerOptions &o) {
  auto wrong = [](const char *option, const char *expected, double found) -> Status {
    return fail(Code::kUsage, fmt::format("{}: expected {}, found {}", option, expected, found));
  };
  if (!(o.temperature >= 0) || !std::isfinite(o.temperature))
    return wrong("--temperature", "a number from 0", o.temperature);
  if (o.topK < 0)
    return wrong("--top-k", "a count from 0", double(o.topK));
  if (!(o.topP > 0 && o.topP <= 1))
    return wrong("--top-p", "a number above 0 and up to 1", o.topP);
  if (!(o.minP >= 0 && o.minP <= 1))
    return wrong("--min-p", "a number from 0 to 1", o.minP);
  if (!(o.repetitionPenalty > 0) || !std::isfinite(o.repetitionPenalty))
    return wrong("--repeat-penalty", "a number above 0", o.repetitionPenalty);
  return {};
}

Random::Random(uint64_t seed) {
  for (uint64_t &word : state) { // SplitMix64
    seed += 0x9e3779b97f4a7c15;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    word = z ^ (z >> 31);
  }
}

uint64_t Random::next() {
  uint64_t result = std::rotl(state[1] * 5, 7) * 9;
  uint64_t t = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= t;
  state[3] = std::rotl(state[3], 45);
  return result;
}

double Random::uniform() {
  return double(next() >> 11) * 0x1.0p-53;
}

Sampler::Sampler(const SamplerOptions &options) : options(options), random(options.seed) {}

/// Divides a positive logit of a token that is in the history, multiplies a negative one. Source:
/// Keskar et al., 2019.
void Sampler::penalise(std::span<float> logits, std::span<const int32_t> history) {
  if (options.repetitionPenalty == 1.0)
    return;
  seen.assign(logits.size(), false);
  for (int32_t token : history) {
    if (token < 0 || size_t(token) >= logits.size() || seen[token])
      continue;
    seen[token] = true;
    double penalty = options.repetitionPenalty;
    logits[token] = float(logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty);
  }
}

/// Fills `candidates` with the top-k tokens in falling order of logit, and their probabilities at
/// the temperature.
void Sampler::collect(std::span<const float> logits) {
  candidates.clear();
  for (size_t i = 0; i < logits.size(); ++i)
    if (logits[i] > -std::numeric_limits<float>::infinity()) // false for NaN
      candidates.push_back({int32_t(i), logits[i], 0});
  auto before = [](const Candidate &a, const Candidate &b) {
    return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
  };
  if (options.topK > 0 && size_t(options.topK) < candidates.size()) {
    std::ranges::nth_element(candidates, candidates.begin() + options.topK, before);
    candidates.resize(options.topK);
  }
  std::ranges::sort(candidates, before);

  double sum = 0;
  for (Candidate &c : candidates) {
    // An infinite best logit would give inf - inf.
    double below = c.logit == candidates[0].logit ? 0 : double(c.logit) - candidates[0].logit;
    sum += c.probability = std::exp(below / options.temperature);
  }
  for (Candidate &c : candidates)
    c.probability /= sum;
}

/// Keeps the smallest set of tokens whose probabilities reach top-p. Source: Holtzman et al., 2020,
/// section 3.
void Sampler::keepNucleus() {
  if (options.topP >= 1.0)
    return;
  double sum = 0;
  size_t keep = 0;
  while (keep < candidates.size() && sum < options.topP)
    sum += candidates[keep++].probability;
  candidates.resize(keep);
}

/// Keeps tokens at least min-p times as likely as the best. Source: Nguyen et al., 2024.
void Sampler::keepLikely() {
  double least = options.minP * candidates[0].probability;
  auto unlikely = [&](const Candidate &c) { return c.probability < least; };
  candidates.erase(std::ranges::find_if(candidates, unlikely), candidates.end());
}

Result<int32_t> Sampler::sample(std::span<float> logits, std::span<const int32_t> history) {
  penalise(logits, history);
  if (options.temperature == 0) {
    int32_t best = -1;
    float bestLogit = -std::numeric_limits<float>::infinity();
    for (size_t i = 0; i < logits.size(); ++i)
      if (logits[i] > bestLogit)
        bestLogit = logits[best = int32_t(i)];
    if (best >= 0)
      return best;
  } else if (collect(logits); !candidates.empty()) {
    keepNucleus();
    keepLikely();
    double sum = 0;
    for (const Candidate &c : candidates)
      sum += c.probability;
    double rest = random.uniform() * sum;
    for (const Candidate &c : candidates)
      if ((rest -= c.probability) < 0)
        return c.token;
    return candidates.back().token; // rounding left a sliver
  }
  return fail(Code::kRuntime, "sampler: the model gave no finite logit",
              "run the subcommand verify: the weights may be damaged");
}

} // namespace osscc::rt
