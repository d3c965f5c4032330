// Encoding, decoding and tile order of block formats. Arithmetic is f32 with one rounding a step,
// so that every build gives the same bytes.
#include "dialects/pack/Blocks.h"

#include "dialects/pack/Floats.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <cstring>

namespace osscc::pack {

static bool isTable(FormatAttr format) {
  return llvm::isa<mlir::Float4E2M1FNType>(format.getCode());
}

BlockGeometry geometryOf(FormatAttr format) {
  BlockGeometry geometry;
  bool wide = format.getCode().isInteger(8);
  geometry.codeBytes = wide ? kGroup : kGroup / 2;
  geometry.scaleBytes = isTable(format) ? 1 : 2;
  geometry.minimumBytes = format.getMinimum() ? 2 : 0;
  geometry.zero = wide ? 128 : isTable(format) ? 12 : format.getCode().isUnsignedInteger(4) ? 0 : 8;
  return geometry;
}

static uint16_t loadHalf(const char *from) {
  uint16_t half;
  std::memcpy(&half, from, sizeof half);
  return half;
}

static void storeHalf(uint16_t half, char *to) {
  std::memcpy(to, &half, sizeof half);
}

/// The unsigned code of channel `k` of a group's code bytes.
static uint8_t codeAt(const BlockGeometry &geometry, const char *codes, int64_t k) {
  if (geometry.codeBytes == kGroup)
    return static_cast<uint8_t>(codes[k]) ^ 0x80; // signed in the file
  auto byte = static_cast<uint8_t>(codes[k % (kGroup / 2)]);
  return k < kGroup / 2 ? byte & 15 : byte >> 4;
}

/// 2^(code - 127), halved since the table's values are doubled; code 255 is a NaN.
static float halfOfE8m0(uint8_t code) {
  if (code == 255)
    return std::nanf("");
  return code >= 2 ? llvm::bit_cast<float>(uint32_t(code - 1) << 23)
                   : llvm::bit_cast<float>(uint32_t(0x00200000) << code);
}

void decodeGroup(FormatAttr format, const char *group, float *values) {
  BlockGeometry geometry = geometryOf(format);
  const char *codes = group + geometry.scaleBytes + geometry.minimumBytes;
  float scale =
      isTable(format) ? halfOfE8m0(static_cast<uint8_t>(*group)) : halfToFloat(loadHalf(group));
  float minimum = geometry.minimumBytes ? halfToFloat(loadHalf(group + geometry.scaleBytes)) : 0;
  for (int64_t k = 0; k < kGroup; ++k) {
    uint8_t code = codeAt(geometry, codes, k);
    int number = isTable(format) ? kDoubledE2M1[code] : code;
    float value = scale * static_cast<float>(number - static_cast<int>(geometry.zero));
    values[k] = geometry.minimumBytes ? value + minimum : value;
  }
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
  float scale = halfOfE8m0(static_cast<uint8_t>(exponent));
  group[0] = static_cast<char>(exponent);
  for (int64_t k = 0; k < kGroup / 2; ++k)
    group[1 + k] = static_cast<char>(nearestE2M1(values[k] / scale) |
                                     nearestE2M1(values[k + kGroup / 2] / scale) << 4);
}

bool encodeGroup(FormatAttr format, const float *values, char *group) {
  if (!std::all_of(values, values + kGroup, [](float value) { return std::isfinite(value); }))
    return false;
  if (isTable(format))
    encodeTable(values, group);
  else if (format.getMinimum())
    encodeUnsigned(values, group);
  else
    encodeSigned(format.getCode().isInteger(8), values, group);
  return true;
}

namespace {

/// Where the parts of a tile lie.
struct TileParts {
  BlockGeometry geometry;
  int64_t groups;

  TileParts(FormatAttr format, int64_t channels)
      : geometry(geometryOf(format)), groups(llvm::divideCeil(channels, kGroup)) {}

  int64_t rowBytes() const { return groups * geometry.groupBytes(); }
  /// The byte of the quad of codes 4 q to 4 q + 3 of a row; of two codes a byte, the low halves.
  int64_t quad(int64_t group, int64_t q, int64_t row) const {
    return (group * geometry.groupBytes() + 4 * q) * kTileRows + 4 * row;
  }
  int64_t scale(int64_t group, int64_t row) const {
    return (group * geometry.groupBytes() + geometry.codeBytes) * kTileRows +
           row * geometry.scaleBytes;
  }
  int64_t minimum(int64_t group, int64_t row) const {
    int64_t before = geometry.codeBytes + geometry.scaleBytes;
    return (group * geometry.groupBytes() + before) * kTileRows + row * geometry.minimumBytes;
  }
};

/// Moves one group of a row between rows and tile. Codes of 8 bits change their sign bit on the
/// way: signed in rows, unsigned in tiles.
template <bool pack, class Row, class Tile>
void moveGroup(const TileParts &parts, int64_t group, int64_t row, Row *inRow, Tile *tile) {
  const BlockGeometry &geometry = parts.geometry;
  auto move = [](auto *rows, auto *tiles, int64_t bytes) {
    if constexpr (pack)
      std::memcpy(tiles, rows, bytes);
    else
      std::memcpy(rows, tiles, bytes);
  };
  move(inRow, tile + parts.scale(group, row), geometry.scaleBytes);
  inRow += geometry.scaleBytes;
  move(inRow, tile + parts.minimum(group, row), geometry.minimumBytes);
  inRow += geometry.minimumBytes;
  uint32_t sign = geometry.codeBytes == kGroup ? 0x80808080u : 0;
  for (int64_t q = 0; q < geometry.codeBytes / 4; ++q) {
    auto *rows = inRow + 4 * q;
    auto *tiles = tile + parts.quad(group, q, row);
    uint32_t codes;
    std::memcpy(&codes, pack ? rows : tiles, 4);
    codes ^= sign;
    if constexpr (pack)
      std::memcpy(tiles, &codes, 4);
    else
      std::memcpy(rows, &codes, 4);
  }
}

template <bool pack, class Row, class Tile>
void moveBlocks(FormatAttr format, int64_t rows, int64_t channels, Row *matrix, Tile *tile) {
  TileParts parts(format, channels);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t group = 0; group < parts.groups; ++group)
      moveGroup<pack>(parts, group, row,
                      matrix + row * parts.rowBytes() + group * parts.geometry.groupBytes(), tile);
}

} // namespace

void packBlocks(FormatAttr format, int64_t rows, int64_t channels, const char *from, char *tile) {
  moveBlocks<true>(format, rows, channels, from, tile);
}

void unpackBlocks(FormatAttr format, int64_t rows, int64_t channels, const char *tile, char *to) {
  moveBlocks<false>(format, rows, channels, to, tile);
}

} // namespace osscc::pack
