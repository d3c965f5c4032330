#include "runtime/sample/Passes.h"

#include "runtime/sample/Lanes.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace osscc::rt::passes {
namespace {

using lanes::Floats;
using lanes::Ints;
using lanes::kLanes;

/// Each pass as the compiler makes it of plain instructions, or inlined into functions for a CPU
/// that has more.
struct Plain {
  OSSCC_LANES static float largest(const float *logits) {
    Floats most = lanes::all(-std::numeric_limits<float>::infinity());
    for (int64_t i = 0; i < kBlock; i += kLanes) {
      Floats x = lanes::load(logits + i);
      Ints isLarger = x > most; // not for NaN
      most = reinterpret_cast<Floats>((isLarger & reinterpret_cast<Ints>(x)) |
                                      (~isLarger & reinterpret_cast<Ints>(most)));
    }
    float result = most[0];
    for (int64_t i = 1; i < kLanes; ++i)
      result = std::max(result, most[i]);
    return result;
  }

  OSSCC_LANES static double sum(Floats x) {
    return ((double(x[0]) + double(x[1])) + (double(x[2]) + double(x[3]))) +
           ((double(x[4]) + double(x[5])) + (double(x[6]) + double(x[7])));
  }

  OSSCC_LANES static double weigh(const float *logits, float best, float scale, float *weights) {
    Floats all = lanes::all(0);
    for (int64_t i = 0; i < kBlock; i += kLanes) {
      Floats weight = lanes::exp2((lanes::load(logits + i) - best) * scale);
      lanes::store(weights + i, weight);
      all += weight;
    }
    return sum(all);
  }

  /// Which of eight tokens, the first of them number `at`, stand before a place.
  OSSCC_LANES static Ints before(const float *logits, int64_t at, float place, int64_t equal) {
    Floats x = lanes::load(logits + at);
    if (equal == 0) // the same for all blocks but one
      return x > place;
    if (equal >= kBlock)
      return x >= place;
    Ints ids = Ints{0, 1, 2, 3, 4, 5, 6, 7} + int32_t(at);
    return (x > place) | ((x == place) & (ids < int32_t(equal)));
  }

  OSSCC_LANES static double sumBefore(const float *logits, const float *weights, float place,
                                      int64_t equal) {
    Floats all = lanes::all(0);
    for (int64_t i = 0; i < kBlock; i += kLanes)
      all += lanes::where(before(logits, i, place, equal), lanes::load(weights + i));
    return sum(all);
  }

  OSSCC_LANES static int64_t countLarger(const float *logits, int64_t blocks, float place,
                                         bool orEqual) {
    Ints all = {};
    for (int64_t i = 0; i < blocks * kBlock; i += kLanes)
      all -= before(logits, i, place, orEqual ? kBlock : 0);
    int64_t count = 0;
    for (int64_t i = 0; i < kLanes; ++i)
      count += all[i];
    return count;
  }

  OSSCC_LANES static int64_t findBetween(const float *logits, float below, float above,
                                         int32_t *found) {
    int64_t count = 0;
    for (int64_t i = 0; i < kBlock; i += kLanes) {
      Floats x = lanes::load(logits + i);
      Ints isBetween = (x > below) & (x < above);
      int64_t pairs[kLanes / 2];
      std::memcpy(pairs, &isBetween, sizeof pairs);
      if ((pairs[0] | pairs[1] | pairs[2] | pairs[3]) == 0) // as a rule
        continue;
      for (int64_t lane = 0; lane < kLanes; ++lane)
        if (isBetween[lane])
          found[count++] = int32_t(i + lane);
    }
    return count;
  }
};

} // namespace

// AVX2 has eight lanes a register and no fused operations: the same results in half the time.
#if defined(__x86_64__)
#define OSSCC_PASS(type, name, parameters, arguments)                                              \
  [[gnu::target("avx2")]] static type name##Wide parameters {                                      \
    return Plain::name arguments;                                                                  \
  }                                                                                                \
  type name parameters {                                                                           \
    static const bool isWide = __builtin_cpu_supports("avx2");                                     \
    return isWide ? name##Wide arguments : Plain::name arguments;                                  \
  }
#else
#define OSSCC_PASS(type, name, parameters, arguments)                                              \
  type name parameters {                                                                           \
    return Plain::name arguments;                                                                  \
  }
#endif

OSSCC_PASS(float, largest, (const float *logits), (logits))
OSSCC_PASS(double, weigh, (const float *logits, float best, float scale, float *weights),
           (logits, best, scale, weights))
OSSCC_PASS(double, sumBefore,
           (const float *logits, const float *weights, float place, int64_t equal),
           (logits, weights, place, equal))
OSSCC_PASS(int64_t, countLarger, (const float *logits, int64_t blocks, float place, bool orEqual),
           (logits, blocks, place, orEqual))
OSSCC_PASS(int64_t, findBetween, (const float *logits, float below, float above, int32_t *found),
           (logits, below, above, found))

} // namespace osscc::rt::passes
