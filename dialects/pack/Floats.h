// The float codes as bytes: conversions between them, and the order of their tiles. Block formats
// are Blocks.h, what serves both is Formats.h.
#pragma once

#include "dialects/pack/Pack.h"

#include <cstdint>
#include <optional>

namespace osscc::pack {

/// The floating-point codes a value can be stored as; both those of checkpoints and those of
/// formats.
enum class Float { F32, F16, BF16 };

/// The code that an element type stands for, none for any other type.
std::optional<Float> floatOf(mlir::Type type);

/// Bytes of one value: 4 or 2.
int64_t floatBytes(Float code);

/// One value, widened exactly; a NaN keeps its sign and the upper bits of its payload.
float halfToFloat(uint16_t half);
float bfloatToFloat(uint16_t bfloat);

/// One value of 8 bits, e4m3 without infinities (f8E4M3FN), widened exactly.
float e4m3ToFloat(uint8_t code);

/// One value, rounded to the nearest, ties to even; too large ones become infinite, a NaN becomes a
/// quiet NaN of the same sign.
uint16_t floatToHalf(float value);
uint16_t floatToBfloat(float value);

/// Converts `count` values. Equal codes are copied bit for bit, whatever their bits say; widening
/// is exact; narrowing, also between the two 16-bit codes, rounds once to the nearest even.
/// Little-endian, unaligned. `from` and `to` do not overlap.
void convert(Float fromCode, const char *from, Float toCode, char *to, int64_t count);

/// Bytes of one tile: kTileRows rows of `channels` values, padded with zeros as the code's layout
/// asks.
///
///   f32, f16   [channels][16 rows]
///   bf16       [channels / 2, rounded up][16 rows][2 channels]
int64_t tileBytes(Float code, int64_t channels);

/// Orders up to kTileRows rows, [rows][channels] of `code`, as one tile. Rows and channels that are
/// missing become zero.
void packTile(Float code, int64_t rows, int64_t channels, const char *from, char *tile);

/// The inverse of packTile; padding is dropped.
void unpackTile(Float code, int64_t rows, int64_t channels, const char *tile, char *to);

} // namespace osscc::pack
