// Eight floats side by side, in arithmetic that is the same on every machine: operations and their
// order are written here, none is fused with another, and no library is called, since its results
// depend on the CPU. A CPU with narrower registers takes more instructions for the same.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace osscc::rt::lanes {

constexpr int64_t kLanes = 8;
using Floats = float __attribute__((vector_size(4 * kLanes)));
/// Integers, or what a comparison gives: -1 where it holds, else 0.
using Ints = int32_t __attribute__((vector_size(4 * kLanes)));

// Functions of vectors are inlined always: what registers they come in depends on the caller.
#define OSSCC_LANES [[gnu::always_inline]] inline

OSSCC_LANES Floats all(float x) {
  return Floats{x, x, x, x, x, x, x, x};
}

OSSCC_LANES Floats load(const float *from) {
  Floats x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

OSSCC_LANES void store(float *to, Floats x) {
  std::memcpy(to, &x, sizeof x);
}

/// x where the mask holds, else 0.
OSSCC_LANES Floats where(Ints mask, Floats x) {
  return reinterpret_cast<Floats>(mask & reinterpret_cast<Ints>(x));
}

/// 2^x for x from -125 to 0, with a relative error below 2e-7; 0 below -125 and for NaN.
/// Source: Cephes, exp2f.c (polynomial of 2^f for |f| <= 1/2).
OSSCC_LANES Floats exp2(Floats x) {
#pragma STDC FP_CONTRACT OFF
  constexpr float kRound = 0x1.8p23F; // added, it leaves the nearest integer in the low bits
  constexpr int kMantissaBits = 23;
  constexpr float kLeast = -125;
  Floats shifted = x + kRound;
  Ints whole = reinterpret_cast<Ints>(shifted) - std::bit_cast<int32_t>(kRound);
  Floats f = x - (shifted - kRound);
  Floats power = f * 1.535336188319500e-4F + 1.339887440266574e-3F;
  power = power * f + 9.618437357674640e-3F;
  power = power * f + 5.550332471162809e-2F;
  power = power * f + 2.402264791363012e-1F;
  power = power * f + 6.931472028550421e-1F;
  power = power * f + 1.0F;
  auto bits = reinterpret_cast<Ints>(power) + (whole << kMantissaBits);
  return where(x >= kLeast, reinterpret_cast<Floats>(bits));
}

} // namespace osscc::rt::lanes
