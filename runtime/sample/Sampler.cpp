#include "runtime/sample/Sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace osscc::rt {

Status checkSampler(const SamplerOptions &o) {
  auto wrong = [](const char *option, const char *expected, double found) -> Status {
    return usageError(fmt::format("{}: expected {}, found {}", option, expected, found));
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

Sampler::Sampler(const SamplerOptions &options) : options(options), random(options.seed) {}

void Sampler::setOptions(const SamplerOptions &changed) {
  bool otherSeed = changed.seed != options.seed;
  options = changed;
  if (otherSeed)
    restart();
}

void Sampler::restart() {
  random = Random(options.seed);
}

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

/// Takes the ids that must not be chosen out of the logits.
void Sampler::mask(std::span<float> logits) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  for (IdRange ids : forbidden) {
    size_t begin = std::min(size_t(ids.begin), logits.size());
    size_t end = std::clamp(size_t(ids.end), begin, logits.size());
    std::ranges::fill(logits.subspan(begin, end - begin), kNever);
  }
  auto only = std::exchange(allowed, {});
  for (size_t id = 0; !only.empty() && id < logits.size(); ++id)
    if (id / 64 >= only.size() || !(only[id / 64] >> (id % 64) & 1))
      logits[id] = kNever;
}

Result<int32_t> Sampler::sample(std::span<float> logits, std::span<const int32_t> history) {
  bool isHeld = !allowed.empty();
  mask(logits);
  penalise(logits, history);
  if (!distribution.assign(logits))
    return isHeld
               ? fail(Code::kRuntime, "sampler: no token that the schema allows has a finite logit",
                      "give a schema that allows more")
               : fail(Code::kRuntime, "sampler: the model gave no finite logit",
                      "run the subcommand verify: the weights may be damaged");
  if (options.temperature == 0)
    return distribution.best();
  if (options.topK > 0)
    distribution.keepFirst(options.topK);
  distribution.weigh(options.temperature);
  // Top-p keeps the fewest tokens that reach it: those with less of the mass before them. Source:
  // Holtzman et al., 2020, section 3. Min-p then drops some of these; what stands before a token
  // stays. Source: Nguyen et al., 2024.
  double limit = options.topP < 1 ? options.topP * distribution.mass()
                                  : std::numeric_limits<double>::infinity();
  if (options.minP > 0)
    distribution.keepLikely(options.minP);
  return distribution.draw(limit, random);
}

} // namespace osscc::rt
