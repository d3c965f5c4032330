// Source: the reference's _compute_longrope_parameters and longrope_frequency_update.
#include "compiler/import/families/LongRope.h"

#include "compiler/import/families/Rope.h"
#include <cmath>

using namespace llvm;

namespace osscc {

static std::vector<float> readDivisors(JsonFields &fields, StringRef key) {
  std::vector<float> divisors;
  const json::Array *listed = fields.has(key) ? fields.fields().getArray(key) : nullptr;
  if (!listed) {
    fields.fail(key, "expected a list of numbers, one for each frequency");
    return divisors;
  }
  for (const json::Value &value : *listed) {
    auto divisor = static_cast<float>(value.getAsNumber().value_or(0));
    if (!(divisor > 0) || !std::isfinite(divisor)) {
      fields.fail(key, describe(value) + " is not positive and finite");
      return divisors;
    }
    divisors.push_back(divisor);
  }
  return divisors;
}

LongRope readLongRope(JsonFields &fields, JsonFields &config) {
  constexpr StringLiteral kOriginal = "original_max_position_embeddings";
  constexpr double kLargest = 1e9;
  LongRope rope;
  rope.shorter = readDivisors(fields, "short_factor");
  rope.longer = readDivisors(fields, "long_factor");
  bool isInner = fields.has(kOriginal);
  if (!isInner && !config.has(kOriginal))
    fields.fail(kOriginal, "is missing, here and outside");
  rope.original = static_cast<double>(
      (isInner ? fields : config).integer(kOriginal, 2, kMostPositions, kMostPositions));
  auto longest = static_cast<double>(config.integer("max_position_embeddings", 1, kMostPositions));
  double factor = fields.number("factor", 1e-6, kLargest, longest / rope.original);
  double implied = factor <= 1 ? 1 : std::sqrt(1 + std::log(factor) / std::log(rope.original));
  rope.attentionFactor = fields.number("attention_factor", 1e-6, kLargest, implied);
  return rope;
}

RopeScalingSpec scalingOf(const LongRope &rope, JsonFields &config, int64_t turned) {
  for (auto [key, divisors] :
       {std::pair("short_factor", &rope.shorter), {"long_factor", &rope.longer}})
    if (static_cast<int64_t>(divisors->size()) != turned / 2)
      config.fail("rope_scaling", Twine(key) + " has " + Twine(divisors->size()) +
                                      " numbers, expected " + Twine(turned / 2) +
                                      ", one for each frequency");
  RopeScalingSpec scaling{.kind = "divisors", .divisors = rope.shorter};
  scaling.original = rope.original;
  scaling.longDivisors = rope.longer;
  scaling.where = config.place("rope_scaling");
  return scaling;
}

} // namespace osscc
