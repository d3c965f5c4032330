// Random numbers that are the same on every machine.
#pragma once

#include <cstdint>

namespace osscc::rt {

/// xoshiro256**, its state filled by SplitMix64. Source: Blackman and Vigna, 2021.
class Random {
public:
  explicit Random(uint64_t seed);
  uint64_t next();
  double uniform(); ///< in [0, 1), 53 bits
private:
  uint64_t state[4];
};

} // namespace osscc::rt
