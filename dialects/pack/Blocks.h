// Block formats as bytes: groups of 32 codes that share a scale. Rows are as GGUF has them, tiles
// as the kernels read them. docs/design/layout.md draws both.
//
//   rows    a group: scale, minimum if there is one, then 32 bytes (one a code) or 16 (two a code:
//           code j in the low half of byte j, code j + 16 in the high half)
//   tiles   16 rows, group after group: the codes of its 16 rows, their scales, their minimums
#pragma once

#include "dialects/pack/Pack.h"

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>

namespace osscc::pack {

/// The geometry of a block format, in bytes a group of kGroup codes of one row.
struct BlockGeometry {
  int64_t codeBytes;    ///< 32 or 16
  int64_t scaleBytes;   ///< 2 (f16) or 1 (e8m0)
  int64_t minimumBytes; ///< 2 (f16) or 0
  /// What a stored code, an unsigned number, stands for is the code minus this: 128 for i8, 8 for
  /// i4, 0 for ui4; 12 for f4E2M1FN, whose table holds twice the value.
  int64_t zero;

  int64_t groupBytes() const { return codeBytes + scaleBytes + minimumBytes; }
};

/// The geometry of a format for which `isBlock()` holds.
BlockGeometry geometryOf(FormatAttr format);

/// Twice the values of the 16 codes of f4E2M1FN, plus 12: what an unsigned byte of the table holds.
inline constexpr uint8_t kDoubledE2M1[16] = {12, 13, 14, 15, 16, 18, 20, 24,
                                             12, 11, 10, 9,  8,  6,  4,  0};

/// Decodes one group of a row to f32: scale * code, plus the minimum, each rounded once.
/// \param group  geometryOf(format).groupBytes() bytes.
void decodeGroup(FormatAttr format, const char *group, float *values);

/// Encodes one group of a row. The scale is the one of the reference quantizers (the largest
/// magnitude over the codes' range, rounded to f16), each code the nearest to value / scale.
/// \returns false when a value is not finite: no code stands for it.
bool encodeGroup(FormatAttr format, const float *values, char *group);

/// Orders up to kTileRows rows of blocks, each `channels / kGroup` groups rounded up, as one tile.
/// Rows that are missing have scale and minimum zero.
void packBlocks(FormatAttr format, int64_t rows, int64_t channels, const char *from, char *tile);

/// The inverse of packBlocks.
void unpackBlocks(FormatAttr format, int64_t rows, int64_t channels, const char *tile, char *to);

} // namespace osscc::pack
