// The distribution that logits stand for, and draws from the beginning of its order: tokens in
// falling order of their logits; of equal logits the lower id stands first.
//
// Nothing is sorted. What stands before a token is what a pass over all logits finds to be larger,
// and a draw from the first tokens that reach some mass is a draw from all, repeated from those
// before the token as long as it lies behind: each time the mass left shrinks to a random part.
// Blocks whose largest logit is too small are passed over.
#pragma once

#include "runtime/sample/Passes.h"
#include "runtime/sample/Random.h"

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace osscc::rt {

class Distribution {
public:
  /// Takes logits [V], which must outlive what is asked of them. NaN and minus infinity stand for
  /// tokens that are never chosen. \returns whether there are others.
  bool assign(std::span<const float> logits);

  /// The first token of the order.
  int32_t best() const;

  /// Keeps the first `count` tokens of the order only; at least 1.
  void keepFirst(int64_t count);

  /// Gives every token that is kept its weight, exp((logit - best logit) / temperature), in
  /// proportion to its probability. An infinite best logit leaves nothing to the finite ones.
  /// \param temperature  above 0.
  void weigh(double temperature);

  /// The sum of the weights of what is kept.
  double mass() const { return keptMass; }

  /// Drops what is less likely than `share` times the best; above 0, at most 1.
  void keepLikely(double share);

  /// Draws, by weight, one of the kept tokens that have less than `limit` before them.
  /// \param limit  above 0.
  int32_t draw(double limit, Random &random);

private:
  static constexpr float kInfinity = std::numeric_limits<float>::infinity();

  /// Between two tokens of the order: behind all larger logits, and those of the same logit whose
  /// ids are below `id`.
  struct Place {
    float logit = -kInfinity;
    int64_t id = 0;
  };

  Place end() const { return {-kInfinity, int64_t(logits.size())}; }
  const float *block(int64_t index) const;
  static int64_t equalOf(int64_t index, Place place);
  Place behind(int64_t count) const;
  /// How many logits are larger, or not smaller.
  int64_t countLarger(float logit, bool orEqual) const;
  Place behindOfEqual(float logit, int64_t count) const;
  Place behindOfBetween(float above, float below, int64_t count) const;
  double massBefore(Place place);
  int32_t pick(double target, Place place) const;

  std::span<const float> logits;
  std::array<float, passes::kBlock> tail; ///< the last block, filled up with minus infinity
  std::vector<float> largest;             ///< logit of each block
  std::vector<float> weights;             ///< [V], rounded up to whole blocks
  std::vector<double> sums;               ///< of each block's weights that stand before a place
  float bestLogit = 0;
  float scale = 0; ///< a logit's step of 1 in powers of two
  Place kept;
  double keptMass = 0;
  bool sumsAreOfKept = false; ///< else of a token that was drawn in vain
};

} // namespace osscc::rt
