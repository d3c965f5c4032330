// Arithmetic is f32 with one rounding a step, so that every build gives the same bytes.
#include "dialects/pack/Quantize.h"

#include "dialects/pack/Blocks.h"
#include "dialects/pack/Floats.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <algorithm>
#include <cmath>
#include <cstring>

namespace osscc::pack {

static constexpr int64_t kGroup = 32; // of each of these formats

static void storeHalf(uint16_t half, char *to) {
  std::memcpy(to, &half, sizeof half);
}

/// The f16 nearest to `scale`, the largest finite one where it is larger.
static uint16_t scaleToHalf(float scale) {
  uint16_t half = floatToHalf(scale);
  return (half & 0x7fff) == 0x7c00 ? (half & 0x8000) | 0x7bff : half;
}

/// The number nearest to value / scale in [low, high]; 0, or `low` above it, for a scale of zero.
static int nearest(float value, float scale, int low, int high) {
  if (scale == 0)
    return std::max(low, 0);
  return static_cast<int>(std::clamp(std::nearbyint(value / scale), float(low), float(high)));
}

/// Codes of a signed format around zero. Of 4 bits the side with the larger magnitude gets -8.
static void encodeSigned(bool wide, const float *values, char *group) {
  float extreme = 0;
  for (int64_t k = 0; k < kGroup; ++k)
    if (std::fabs(values[k]) > std::fabs(extreme))
      extreme = values[k];
  uint16_t half = scaleToHalf(wide ? std::fabs(extreme) / 127 : extreme / -8);
  float scale = halfToFloat(half);
  storeHalf(half, group);
  char *codes = group + 2;
  if (wide) {
    for (int64_t k = 0; k < kGroup; ++k)
      codes[k] = static_cast<char>(nearest(values[k], scale, -127, 127));
    return;
  }
  for (int64_t k = 0; k < kGroup / 2; ++k)
    codes[k] = static_cast<char>((nearest(values[k], scale, -8, 7) + 8) |
                                 (nearest(values[k + kGroup / 2], scale, -8, 7) + 8) << 4);
}

/// Codes 0 to 15 from the smallest value of the group to its largest.
static void encodeUnsigned(const float *values, char *group) {
  auto [low, high] = std::minmax_element(values, values + kGroup);
  uint16_t half = scaleToHalf((*high - *low) / 15), least = scaleToHalf(*low);
  float scale = halfToFloat(half), minimum = halfToFloat(least);
  storeHalf(half, group);
  storeHalf(least, group + 2);
  for (int64_t k = 0; k < kGroup / 2; ++k)
    group[4 + k] = static_cast<char>(nearest(values[k] - minimum, scale, 0, 15) |
                                     nearest(values[k + kGroup / 2] - minimum, scale, 0, 15) << 4);
}

/// The code of the table's value nearest to `value` (in doubled units), the first of two equally
/// near.
static int nearestE2M1(float value) {
  int best = 0;
  for (int code = 1; code < 16; ++code)
    if (std::fabs(float(kDoubledE2M1[code] - 12) - value) <
        std::fabs(float(kDoubledE2M1[best] - 12) - value))
      best = code;
  return best;
}

/// A power of two as scale, such that the largest magnitude is between 4 and 8.
static void encodeTable(const float *values, char *group) {
  float largest = 0;
  for (int64_t k = 0; k < kGroup; ++k)
    largest = std::max(largest, std::fabs(values[k]));
  int exponent = largest > 0 ? std::clamp(std::ilogb(largest) - 2 + 127, 0, 254) : 0;
  float scale = std::ldexp(1.0f, exponent - 128); // halved, since the table is doubled
  group[0] = static_cast<char>(exponent);
  for (int64_t k = 0; k < kGroup / 2; ++k)
    group[1 + k] = static_cast<char>(nearestE2M1(values[k] / scale) |
                                     nearestE2M1(values[k + kGroup / 2] / scale) << 4);
}

/// A block of Q2_K of values that are one number, its negative and zero, as ternary types have
/// them: scales and minimums of 1, so that code 0 stands for -d, 1 for 0 and 2 for d.
/// \returns false for other values, and where the number is no f16.
static bool encodeTernary(const float *values, char *block) {
  float largest = 0;
  for (int64_t k = 0; k < kMostChannels; ++k)
    largest = std::max(largest, std::fabs(values[k]));
  uint16_t half = floatToHalf(largest);
  if (halfToFloat(half) != largest)
    return false;
  std::memset(block, 0x11, 16);
  std::memset(block + 16, 0, 64);
  for (int64_t k = 0; k < kMostChannels; ++k) {
    if (values[k] != 0 && std::fabs(values[k]) != largest)
      return false;
    int code = values[k] == 0 ? 1 : values[k] < 0 ? 0 : 2;
    block[16 + k / 128 * 32 + k % 32] |= static_cast<char>(code << (2 * (k / 32 % 4)));
  }
  storeHalf(half, block + 80);
  storeHalf(half, block + 82);
  return true;
}

bool canEncode(FormatAttr format) {
  llvm::StringRef name = rowOf(format).name;
  return llvm::is_contained({"Q8_0", "Q4_0", "Q4_1", "MXFP4", "Q2_K"}, name);
}

bool encodeGroup(FormatAttr format, const float *values, char *group) {
  if (format.getSuper() != 0)
    return encodeTernary(values, group);
  if (!std::all_of(values, values + kGroup, [](float value) { return std::isfinite(value); }))
    return false;
  if (llvm::isa<mlir::Float4E2M1FNType>(format.getCode()))
    encodeTable(values, group);
  else if (format.getMinimum())
    encodeUnsigned(values, group);
  else
    encodeSigned(format.getCode().isInteger(8), values, group);
  return true;
}

} // namespace osscc::pack
