// How often each token is drawn, against the definition: the plainest program that sorts all tokens
// and adds up their probabilities.
#include "runtime/sample/Sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace osscc::rt {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

/// The probabilities that a sampler stands for.
std::vector<double> definition(const SamplerOptions &o, std::vector<float> logits,
                               const std::vector<int32_t> &history) {
  std::vector<int32_t> past = history;
  std::ranges::sort(past);
  past.erase(std::unique(past.begin(), past.end()), past.end());
  for (int32_t token : past)
    logits[token] = float(logits[token] > 0 ? logits[token] / o.repetitionPenalty
                                            : logits[token] * o.repetitionPenalty);
  std::vector<int32_t> order;
  for (size_t i = 0; i < logits.size(); ++i)
    if (logits[i] > -kInf)
      order.push_back(int32_t(i));
  std::ranges::sort(order, [&](int32_t a, int32_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  });
  if (o.topK > 0 && size_t(o.topK) < order.size())
    order.resize(o.topK);
  std::vector<double> p;
  for (int32_t token : order)
    p.push_back(logits[token] == logits[order[0]]
                    ? 1
                    : std::exp((double(logits[token]) - logits[order[0]]) / o.temperature));
  double all = std::accumulate(p.begin(), p.end(), 0.0), before = 0;
  size_t keep = 0;
  while (keep < p.size() && before < o.topP * all && p[keep] >= o.minP)
    before += p[keep++];
  std::vector<double> result(logits.size());
  for (size_t i = 0; i < keep; ++i)
    result[order[i]] = p[i] / before;
  return result;
}

struct Found {
  double deviations = 0;  ///< of chi-square, as those of a normal distribution
  int64_t impossible = 0; ///< draws of tokens that have no probability
};

/// Tokens that are expected fewer than kLeast times are counted together.
Found draw(const SamplerOptions &options, const std::vector<float> &logits,
           const std::vector<int32_t> &history, int draws) {
  constexpr double kLeast = 8;
  std::vector<double> expected = definition(options, logits, history);
  std::vector<int64_t> counts(logits.size());
  Sampler sampler(options);
  std::vector<float> copy;
  for (int i = 0; i < draws; ++i) {
    copy = logits;
    ++counts[sampler.sample(copy, history).value()];
  }
  Found found;
  double chi = 0, restExpected = 0, restFound = 0;
  int freedom = -1;
  auto add = [&](double wanted, double had) {
    chi += (had - wanted) * (had - wanted) / wanted;
    ++freedom;
  };
  for (size_t i = 0; i < counts.size(); ++i) {
    if (expected[i] == 0)
      found.impossible += counts[i];
    else if (expected[i] * draws >= kLeast)
      add(expected[i] * draws, double(counts[i]));
    else {
      restExpected += expected[i] * draws;
      restFound += double(counts[i]);
    }
  }
  if (restExpected >= kLeast)
    add(restExpected, restFound);
  if (freedom > 0) { // Source: Wilson and Hilferty, 1931
    double ninth = 2.0 / (9.0 * freedom);
    found.deviations = (std::cbrt(chi / freedom) - (1 - ninth)) / std::sqrt(ninth);
  }
  return found;
}

/// Logits as a model has them: some likely tokens, many unlikely ones; `width` 0 makes them equal.
std::vector<float> makeLogits(size_t count, double width, uint64_t seed) {
  Random random(seed);
  std::vector<float> logits(count);
  for (float &logit : logits) {
    double sum = 0;
    for (int i = 0; i < 6; ++i)
      sum += random.uniform() - 0.5;
    logit = float(sum * width);
  }
  return logits;
}

void expectTheDefinition(const SamplerOptions &options, const std::vector<float> &logits, int draws,
                         const std::vector<int32_t> &history = {}) {
  Found found = draw(options, logits, history, draws);
  EXPECT_EQ(found.impossible, 0);
  EXPECT_LT(found.deviations, 4) << "temperature " << options.temperature << " top-k "
                                 << options.topK << " top-p " << options.topP << " min-p "
                                 << options.minP << " penalty " << options.repetitionPenalty << ", "
                                 << logits.size() << " tokens";
}

TEST(Frequencies, AreThoseOfTheDefinitionForEachCombination) {
  std::vector<float> logits = makeLogits(333, 6, 1);
  std::vector<int32_t> history = {5, 7, 7, 200};
  for (int i = 0; i < 333; ++i)
    if (logits[i] > 4)
      history.push_back(i);
  uint64_t seed = 0;
  for (double temperature : {0.6, 1.5})
    for (int64_t topK : {0, 1, 20, 200})
      for (double topP : {1.0, 0.9, 0.2})
        for (double minP : {0.0, 0.02})
          for (double penalty : {1.0, 1.3})
            expectTheDefinition({temperature, topK, topP, minP, penalty, ++seed}, logits, 1500,
                                history);
}

// Blocks of 128, a last one that is not full, more tokens than the sample that top-k is found by.
TEST(Frequencies, AreThoseOfTheDefinitionForEachSize) {
  uint64_t seed = 0;
  for (size_t size : {1, 2, 3, 63, 127, 128, 129, 1000, 5000})
    for (double width : {0.0, 1.0, 8.0}) {
      std::vector<float> logits = makeLogits(size, width, size);
      for (const SamplerOptions &options :
           {SamplerOptions{}, SamplerOptions{.topP = 0.7}, SamplerOptions{.topK = 40},
            SamplerOptions{.topK = 900, .topP = 0.5}, SamplerOptions{.topP = 0.95, .minP = 0.1}}) {
        SamplerOptions seeded = options;
        seeded.seed = ++seed;
        expectTheDefinition(seeded, logits, 1500);
      }
    }
}

TEST(Frequencies, AreThoseOfTheDefinitionForEqualAndInfiniteLogits) {
  std::vector<float> steps(200), odd = makeLogits(130, 4, 3);
  for (size_t i = 0; i < steps.size(); ++i)
    steps[i] = float(i * 7 % 5); // many of the same logit
  for (size_t i = 0; i < odd.size(); i += 3)
    odd[i] = i % 2 ? -kInf : std::numeric_limits<float>::quiet_NaN();
  std::vector<float> infinite = odd, huge = odd;
  infinite[70] = infinite[100] = kInf;
  huge[9] = huge[10] = std::numeric_limits<float>::max();
  huge[11] = std::numeric_limits<float>::lowest();
  uint64_t seed = 0;
  for (const auto &logits : {steps, odd, infinite, huge})
    for (const SamplerOptions &options :
         {SamplerOptions{}, SamplerOptions{.topK = 1}, SamplerOptions{.topK = 50},
          SamplerOptions{.topK = 150, .topP = 0.8}, SamplerOptions{.topP = 0.5, .minP = 0.3},
          SamplerOptions{.temperature = 1e-3}, SamplerOptions{.temperature = 1e30, .topK = 77}}) {
      SamplerOptions seeded = options;
      seeded.seed = ++seed;
      expectTheDefinition(seeded, logits, 1500);
    }
}

double milliseconds(const std::function<void()> &work) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 5; ++i) {
    auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(
        best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                  .count());
  }
  return best;
}

// Sampling is to cost little beside a token: a sort of a large vocabulary did not.
TEST(Sampling, IsFarCheaperThanASort) {
  for (double width : {0.01, 8.0}) { // flat, and as a model has it
    std::vector<float> logits = makeLogits(262144, width, 5);
    double sort = milliseconds([copy = logits]() mutable {
      std::vector<std::pair<float, int32_t>> pairs;
      for (size_t i = 0; i < copy.size(); ++i)
        pairs.emplace_back(-copy[i], int32_t(i));
      std::ranges::sort(pairs);
    });
    for (const SamplerOptions &options :
         {SamplerOptions{}, SamplerOptions{.topP = 0.9}, SamplerOptions{.topP = 0.05},
          SamplerOptions{.minP = 0.05}, SamplerOptions{.topK = 50}, SamplerOptions{.topK = 100000},
          SamplerOptions{.topK = 100000, .topP = 0.9}}) {
      Sampler sampler(options);
      std::vector<float> copy = logits;
      double found = milliseconds([&] { (void)sampler.sample(copy, {}); });
      RecordProperty("milliseconds", std::to_string(found));
      EXPECT_LT(found * 4, sort) << "top-k " << options.topK << " top-p " << options.topP
                                 << " min-p " << options.minP << " width " << width;
    }
  }
}

} // namespace
} // namespace osscc::rt
