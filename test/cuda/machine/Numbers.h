/// Narrow floats and what PTX rounds to them.
#ifndef OSSCC_TEST_CUDA_MACHINE_NUMBERS_H
#define OSSCC_TEST_CUDA_MACHINE_NUMBERS_H

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace osscc::standin {

inline float floatOfHalf(uint16_t bits) {
  return float(std::bit_cast<_Float16>(bits));
}

inline uint16_t halfOfFloat(float value) {
  return std::bit_cast<uint16_t>(_Float16(value));
}

/// Sign, four bits of exponent, three of mantissa; no infinity, 0x7f and 0xff are no numbers.
inline float floatOfE4m3(uint8_t bits) {
  int exponent = bits >> 3 & 15, mantissa = bits & 7;
  float size =
      exponent ? std::ldexp(float(8 + mantissa), exponent - 10) : std::ldexp(float(mantissa), -9);
  if ((bits & 0x7f) == 0x7f)
    size = std::numeric_limits<float>::quiet_NaN();
  return bits & 0x80 ? -size : size;
}

/// The top byte of a half.
inline float floatOfE5m2(uint8_t bits) {
  return floatOfHalf(uint16_t(bits << 8));
}

/// The nearest e4m3, of two equally near ones the even; larger values become the largest.
inline uint8_t e4m3OfFloat(float value) {
  uint8_t sign = std::signbit(value) ? 0x80 : 0;
  float size = std::fabs(value);
  if (std::isnan(value))
    return 0x7f;
  if (size >= 448)
    return sign | 0x7e;
  int exponent = size < 0x1p-6f ? -6 : std::ilogb(size);
  // nearbyint rounds to even; a mantissa that reaches 16 is the next exponent's 8.
  auto units = int(std::nearbyint(std::ldexp(size, 3 - exponent)));
  return sign | uint8_t(units + (exponent + 6) * 8);
}

/// The same of e5m2.
inline uint8_t e5m2OfFloat(float value) {
  uint8_t sign = std::signbit(value) ? 0x80 : 0;
  float size = std::fabs(value);
  if (std::isnan(value))
    return 0x7f;
  if (size >= 57344)
    return sign | 0x7b;
  int exponent = size < 0x1p-14f ? -14 : std::ilogb(size);
  auto units = int(std::nearbyint(std::ldexp(size, 2 - exponent)));
  return sign | uint8_t(units + (exponent + 14) * 4);
}

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_MACHINE_NUMBERS_H
