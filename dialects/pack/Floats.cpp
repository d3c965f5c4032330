// Conversions between float codes by their bits, and the order of values in tiles. Integer
// arithmetic only: the result must not depend on the host's rounding mode, denormal mode or
// instructions.
#include "dialects/pack/Floats.h"

#include "llvm/ADT/bit.h"
#include <cstring>
#include <type_traits>

namespace osscc::pack {

std::optional<Float> floatOf(mlir::Type type) {
  if (type.isF32())
    return Float::F32;
  if (type.isF16())
    return Float::F16;
  if (type.isBF16())
    return Float::BF16;
  return std::nullopt;
}

int64_t floatBytes(Float code) {
  return code == Float::F32 ? 4 : 2;
}

float bfloatToFloat(uint16_t bfloat) {
  return llvm::bit_cast<float>(uint32_t(bfloat) << 16);
}

uint16_t floatToBfloat(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000) // NaN: rounding could carry it into infinity
    return (bits >> 16) | 0x40;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

// f16: sign, 5 bits of exponent (bias 15), 10 of mantissa. f32: sign, 8 (bias 127), 23.
float halfToFloat(uint16_t half) {
  uint32_t sign = uint32_t(half & 0x8000) << 16, exponent = (half >> 10) & 31,
           mantissa = half & 1023;
  if (exponent == 31)
    return llvm::bit_cast<float>(sign | 0x7f800000 | mantissa << 13);
  if (exponent == 0) {
    if (mantissa == 0)
      return llvm::bit_cast<float>(sign);
    for (exponent = 1; !(mantissa & 1024); --exponent) // f32 has this denormal as a normal number
      mantissa <<= 1;
    mantissa &= 1023;
  }
  return llvm::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

// f8E4M3FN: sign, 4 bits of exponent (bias 7), 3 of mantissa; all ones are no number.
float e4m3ToFloat(uint8_t code) {
  uint32_t sign = uint32_t(code & 0x80) << 24, exponent = (code >> 3) & 15, mantissa = code & 7;
  if ((code & 0x7f) == 0x7f)
    return llvm::bit_cast<float>(sign | 0x7fc00000);
  if (exponent == 0) {
    if (mantissa == 0)
      return llvm::bit_cast<float>(sign);
    for (exponent = 1; !(mantissa & 8); --exponent) // f32 has this denormal as a normal number
      mantissa <<= 1;
    mantissa &= 7;
  }
  return llvm::bit_cast<float>(sign | (exponent + 120) << 23 | mantissa << 20);
}

uint16_t floatToHalf(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  uint32_t sign = (bits >> 16) & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) // NaN
    return sign | 0x7e00 | ((magnitude >> 13) & 1023);
  if (magnitude >= 0x47800000) // 65536 and more; what lies between 65504 and it is rounded below
    return sign | 0x7c00;
  if (magnitude >= 0x38800000) { // normal in f16: at least 2^-14
    uint32_t rounded = magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1);
    return sign | rounded >> 13;
  }
  int shift =
      126 - int(magnitude >> 23); // 14 for 2^-14 > x >= 2^-15: one bit more for each power of two
  if (shift > 24) // below half of the smallest denormal, f32's own denormals among them
    return sign;
  uint32_t mantissa = (magnitude & 0x7fffff) | 0x800000;
  uint32_t kept = mantissa >> shift, rest = mantissa & ((1u << shift) - 1),
           half = 1u << (shift - 1);
  return sign | (kept + (rest > half || (rest == half && (kept & 1))));
}

template <class T> static T load(const char *from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

static float loadFloat(Float code, const char *from) {
  switch (code) {
  case Float::F32:
    return load<float>(from);
  case Float::F16:
    return halfToFloat(load<uint16_t>(from));
  case Float::BF16:
    return bfloatToFloat(load<uint16_t>(from));
  }
  llvm_unreachable("unknown code");
}

static void storeFloat(Float code, float value, char *to) {
  if (code == Float::F32) {
    std::memcpy(to, &value, sizeof value);
    return;
  }
  uint16_t narrow = code == Float::F16 ? floatToHalf(value) : floatToBfloat(value);
  std::memcpy(to, &narrow, sizeof narrow);
}

void convert(Float fromCode, const char *from, Float toCode, char *to, int64_t count) {
  int64_t fromBytes = floatBytes(fromCode), toBytes = floatBytes(toCode);
  if (fromCode == toCode) {
    std::memcpy(to, from, count * fromBytes);
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    storeFloat(toCode, loadFloat(fromCode, from + i * fromBytes), to + i * toBytes);
}

int64_t tileBytes(Float code, int64_t channels) {
  int64_t stored = code == Float::BF16 ? channels + channels % 2 : channels;
  return stored * kTileRows * floatBytes(code);
}

/// Moves the values of one tile between [rows][channels] and [channels / together][16][together];
/// `pack` says which way. The moves have constant sizes, so that they become plain loads and
/// stores.
template <class T, int64_t together, bool pack, class Row, class Tile>
static void moveTile(int64_t rows, int64_t channels, Row *matrix, Tile *tile) {
  auto move = [&](int64_t row, int64_t k, auto values) {
    auto *inRows = matrix + (row * channels + k) * sizeof(T);
    auto *inTile = tile + (k * kTileRows + row * together) * sizeof(T);
    if constexpr (pack)
      std::memcpy(inTile, inRows, values * sizeof(T));
    else
      std::memcpy(inRows, inTile, values * sizeof(T));
  };
  using Group = std::integral_constant<size_t, together>;
  int64_t full = channels - channels % together;
  for (int64_t k = 0; k < full; k += together)
    for (int64_t row = 0; row < rows; ++row)
      move(row, k, Group());
  for (int64_t row = 0; full < channels && row < rows; ++row)
    move(row, full, std::integral_constant<size_t, 1>()); // groups have at most two
}

template <bool pack, class Row, class Tile>
static void moveTile(Float code, int64_t rows, int64_t channels, Row *matrix, Tile *tile) {
  switch (code) {
  case Float::F32:
    return moveTile<uint32_t, 1, pack>(rows, channels, matrix, tile);
  case Float::F16:
    return moveTile<uint16_t, 1, pack>(rows, channels, matrix, tile);
  case Float::BF16:
    return moveTile<uint16_t, 2, pack>(rows, channels, matrix, tile);
  }
}

void packTile(Float code, int64_t rows, int64_t channels, const char *from, char *tile) {
  if (rows < kTileRows || channels % 2)
    std::memset(tile, 0, tileBytes(code, channels));
  moveTile<true>(code, rows, channels, from, tile);
}

void unpackTile(Float code, int64_t rows, int64_t channels, const char *tile, char *to) {
  moveTile<false>(code, rows, channels, to, tile);
}

} // namespace osscc::pack
