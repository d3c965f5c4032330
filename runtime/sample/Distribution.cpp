#include "runtime/sample/Distribution.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

namespace osscc::rt {

using passes::kBlock;

const float *Distribution::block(int64_t index) const {
  return (index + 1) * kBlock <= int64_t(logits.size()) ? logits.data() + index * kBlock
                                                        : tail.data();
}

/// How many of a block's tokens have ids below the place's.
int64_t Distribution::equalOf(int64_t index, Place place) {
  return std::clamp<int64_t>(place.id - index * kBlock, 0, kBlock);
}

bool Distribution::assign(std::span<const float> values) {
  logits = values;
  tail.fill(-kInfinity);
  std::ranges::copy(logits.last(logits.size() % kBlock), tail.begin());
  largest.resize((logits.size() + kBlock - 1) / kBlock);
  for (size_t b = 0; b < largest.size(); ++b)
    largest[b] = passes::largest(block(int64_t(b)));
  bestLogit = largest.empty() ? -kInfinity : std::ranges::max(largest);
  kept = end();
  return bestLogit > -kInfinity;
}

int32_t Distribution::best() const {
  auto first = std::ranges::find(largest, bestLogit) - largest.begin();
  const float *values = block(first);
  return int32_t(first * kBlock + (std::find(values, values + kBlock, bestLogit) - values));
}

void Distribution::keepFirst(int64_t count) {
  kept = behind(count);
}

void Distribution::weigh(double temperature) {
  weights.resize(largest.size() * kBlock);
  sums.resize(largest.size());
  scale =
      float(std::min<double>(std::numbers::log2e / temperature, std::numeric_limits<float>::max()));
  keptMass = 0;
  for (int64_t b = 0; b < int64_t(largest.size()); ++b) {
    float *to = &weights[b * kBlock];
    if (largest[b] < kept.logit)
      continue;
    if (bestLogit == kInfinity) // inf - inf would be NaN
      for (int64_t i = 0; i < kBlock; ++i)
        keptMass += to[i] = block(b)[i] == kInfinity;
    else
      keptMass += sums[b] = passes::weigh(block(b), bestLogit, scale, to);
  }
  if (kept.logit > -kInfinity || bestLogit == kInfinity)
    keptMass = massBefore(kept);
  sumsAreOfKept = true;
}

void Distribution::keepLikely(double share) {
  // A little more than the logit that has this share: the weights themselves decide.
  constexpr double kSlack = 1e-3;
  double bound = bestLogit + (std::log2(share) - kSlack) / scale;
  float least = bestLogit;
  for (int64_t b = 0; b < int64_t(largest.size()); ++b)
    if (largest[b] >= bound && largest[b] >= kept.logit)
      for (int64_t i = 0; i < kBlock; ++i)
        if (double(weights[b * kBlock + i]) >= share)
          least = std::min(least, block(b)[i]);
  if (least <= kept.logit)
    return;
  kept = {least, int64_t(logits.size())};
  keptMass = massBefore(kept);
  sumsAreOfKept = true;
}

int32_t Distribution::draw(double limit, Random &random) {
  Place last = kept;
  double left = sumsAreOfKept ? keptMass : massBefore(kept);
  sumsAreOfKept = true;
  while (true) {
    int32_t token = pick(random.uniform() * left, last);
    if (left <= limit) // less than all of it lies before any token
      return token;
    last = {logits[token], token};
    left = massBefore(last);
    sumsAreOfKept = false;
    if (left < limit)
      return token;
  }
}

/// Sums up the weights of what stands before a place, block by block.
double Distribution::massBefore(Place place) {
  double whole = 0;
  for (int64_t b = 0; b < int64_t(largest.size()); ++b) {
    sums[b] = largest[b] < place.logit ? 0
                                       : passes::sumBefore(block(b), &weights[b * kBlock],
                                                           place.logit, equalOf(b, place));
    whole += sums[b];
  }
  return whole;
}

/// The token before `place` at which the weights, added up in the order of ids, pass `target`.
/// Follows massBefore(place).
int32_t Distribution::pick(double target, Place place) const {
  double below = 0;
  int64_t chosen = 0; // rounding may leave the target at the very end: then the last that has some
  for (int64_t b = 0; b < int64_t(sums.size()); ++b) {
    if (sums[b] <= 0)
      continue;
    chosen = b;
    if (target < below + sums[b])
      break;
    below += sums[b];
  }
  // A block's sum was rounded eight lanes at a time; its tokens share it as they add up one by one.
  const float *values = block(chosen);
  auto weight = [&](int64_t i) {
    bool before =
        values[i] > place.logit || (values[i] == place.logit && chosen * kBlock + i < place.id);
    return before ? double(weights[chosen * kBlock + i]) : 0.0;
  };
  double inside = 0, sum = 0;
  for (int64_t i = 0; i < kBlock; ++i)
    inside += weight(i);
  double rest = std::min((target - below) / sums[chosen], 1.0) * inside;
  int64_t last = 0;
  for (int64_t i = 0; i < kBlock; ++i) {
    if (weight(i) <= 0)
      continue;
    last = i;
    if (rest < (sum += weight(i)))
      break;
  }
  return int32_t(chosen * kBlock + last);
}

int64_t Distribution::countLarger(float logit, bool orEqual) const {
  auto isPassedOver = [&](int64_t b) { return !(largest[b] >= logit); };
  int64_t count = 0, blocks = int64_t(largest.size()), whole = int64_t(logits.size()) / kBlock;
  for (int64_t begin = 0, end = 0; begin < blocks; begin = end) {
    end = begin + 1;
    if (isPassedOver(begin))
      continue;
    while (end < whole && !isPassedOver(end)) // the last block may lie elsewhere
      ++end;
    count += passes::countLarger(block(begin), end - begin, logit, orEqual);
  }
  return count;
}

/// The place behind the first `count` tokens of the order, or behind all if there are no more.
/// A sorted sample of the logits has the place between two of its values; only what lies between
/// them is put in order.
Distribution::Place Distribution::behind(int64_t count) const {
  constexpr int64_t kSample = 256;
  int64_t all = int64_t(logits.size()), step = std::max<int64_t>(all / kSample, 1);
  if (count >= all)
    return end();
  std::vector<float> sample;
  for (int64_t i = 0; i < all; i += step)
    if (logits[i] > -kInfinity && logits[i] < kInfinity) // false for NaN
      sample.push_back(logits[i]);
  std::ranges::sort(sample, std::greater());
  // The place is behind sample[low], which has fewer before it, and not behind sample[high]. Each
  // count says how far away it is in an even sample, and a step more takes the next count to its
  // other side; in an uneven one the middle is taken. A pass over all logits costs more than to put
  // those between two more values of the sample in order.
  constexpr int kEvenSteps = 8;
  constexpr int64_t kNear = 2;
  int64_t low = -1, high = int64_t(sample.size()), at = count / step, larger = 0;
  for (int steps = 0; high - low > (steps < kEvenSteps ? kNear : 1); ++steps) {
    at = steps < kEvenSteps ? std::clamp(at, low + 1, high - 1) : (low + high) / 2;
    int64_t found = countLarger(sample[at], false), off = (count - found) / step;
    if (found < count) {
      low = at;
      larger = found;
      at += off + 1;
    } else {
      high = at;
      at += off - 1;
    }
  }
  float below = high == int64_t(sample.size()) ? -kInfinity : sample[high];
  float above = low < 0 ? kInfinity : sample[low];
  int64_t upTo = countLarger(above, true);
  return count <= upTo ? behindOfEqual(above, count - larger)
                       : behindOfBetween(above, below, count - upTo);
}

/// The place behind the first `count` tokens of this logit.
Distribution::Place Distribution::behindOfEqual(float logit, int64_t count) const {
  int64_t id = 0;
  for (; count > 0; ++id)
    count -= logits[id] == logit;
  return {logit, id};
}

/// The place behind the first `count` tokens whose logits lie between the two, of which `above` is
/// larger; behind all if there are no more.
Distribution::Place Distribution::behindOfBetween(float above, float below, int64_t count) const {
  std::vector<Place> between;
  std::array<int32_t, kBlock> found;
  for (int64_t b = 0; b < int64_t(largest.size()); ++b) {
    int64_t inBlock =
        largest[b] > below ? passes::findBetween(block(b), below, above, found.data()) : 0;
    for (int64_t i = 0; i < inBlock; ++i)
      between.push_back({block(b)[found[i]], b * kBlock + found[i]});
  }
  if (count > int64_t(between.size()))
    return end();
  auto nth = between.begin() + (count - 1);
  std::ranges::nth_element(between, nth, [](const Place &a, const Place &b) {
    return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
  });
  return {nth->logit, nth->id + 1};
}

} // namespace osscc::rt
