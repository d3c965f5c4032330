#include "compiler/import/families/Yarn.h"

#include "compiler/import/families/Rope.h"
#include <algorithm>
#include <cmath>
#include <numbers>

using namespace llvm;

namespace osscc {

/// 0.1 scale ln(factor) + 1: the growth of scores in a context that is `factor` times as long.
static double growth(double factor, double scale) {
  return 0.1 * scale * std::log(factor) + 1;
}

Yarn readYarn(JsonFields &fields) {
  constexpr double kMostTurns = 1e6, kLargestScale = 1000;
  Yarn yarn = {};
  yarn.factor = fields.number("factor", 1, kLargestFactor);
  yarn.original =
      static_cast<double>(fields.integer("original_max_position_embeddings", 1, kMostPositions));
  yarn.fast = fields.number("beta_fast", 1e-3, kMostTurns, 32);
  yarn.slow = fields.number("beta_slow", 1e-3, kMostTurns, 1);
  yarn.truncates = fields.boolean("truncate", true);
  if (!fields.failed() && yarn.fast <= yarn.slow)
    fields.fail("beta_fast", "is not above beta_slow");
  double scale = fields.number("mscale", 0, kLargestScale, 0);
  double scaleOfAll = fields.number("mscale_all_dim", 0, kLargestScale, 0);
  bool both = scale != 0 && scaleOfAll != 0;
  double implied =
      both ? growth(yarn.factor, scale) / growth(yarn.factor, scaleOfAll) : growth(yarn.factor, 1);
  yarn.scoreFactor = scaleOfAll == 0 ? 1 : std::pow(growth(yarn.factor, scaleOfAll), 2);
  yarn.attentionFactor = fields.number("attention_factor", 1e-6, kLargestFactor, implied);
  return yarn;
}

// The range is that of transformers' `_compute_yarn_parameters`.
RopeScalingSpec scalingOf(const Yarn &yarn, JsonFields &config, int64_t dims, double theta) {
  auto width = static_cast<double>(dims);
  // The number of the frequency that turns so often in the original context.
  auto numberOf = [&](double turns) {
    return width * std::log(yarn.original / (turns * 2 * std::numbers::pi)) / (2 * std::log(theta));
  };
  double low = numberOf(yarn.fast), high = numberOf(yarn.slow);
  if (yarn.truncates) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max<double>(low, 0);
  high = std::min(high, width - 1);
  if (low == high)
    high += 0.001; // as the reference does
  if (low > high)
    config.fail("rope_scaling", "YaRN with an original context of " +
                                    Twine(static_cast<int64_t>(yarn.original)) +
                                    " leaves no frequency between those that it keeps and those "
                                    "that it divides");
  return {"yarn", yarn.factor, low, high, 0};
}

std::optional<TemperatureSpec> readGrowth(JsonFields &fields) {
  constexpr StringLiteral kKey = "llama_4_scaling_beta";
  if (!fields.has(kKey))
    return std::nullopt;
  fields.has("max_position_embeddings"); // again, as the config has it outside
  return TemperatureSpec{fields.integer("original_max_position_embeddings", 1, kMostPositions),
                         fields.number(kKey, 0, 1e6)};
}

} // namespace osscc
