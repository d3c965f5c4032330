// Block formats as bytes: what a block stands for, and the order of tiles. Rows are as GGUF has
// them, tiles as the kernels read them. docs/design/layout.md draws both.
//
//   rows    blocks as the file has them: one group, or `super` channels
//   tiles   16 rows, span after span: super-scales and integer scales where there are some, the
//   codes
//           of 32 channels after those of 32 others, then scales and minimums of f16 or e8m0
#pragma once

#include "dialects/pack/BlockFormats.h"
#include "dialects/pack/Pack.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>

namespace osscc::pack {

/// The geometry of a block format. Offsets count bytes of a tile from the begin of a span: what
/// lies under one super-scale, or one group.
struct BlockGeometry {
  int64_t group; ///< Channels under a scale: 16 or 32.
  int64_t span;  ///< Channels of a span: 32 or 256.
  /// Bits of the planes that a code is cut in, its lowest bits first: 8, 4, 4 and 1, 4 and 2...
  llvm::SmallVector<int64_t, 2> planes;
  int64_t blockBytes; ///< Of one row's span in the file.
  /// What a stored code, an unsigned number, stands for is the code minus this: half the range of
  /// a signed code, 0 of an unsigned one; 12 for f4E2M1FN and 128 for iq4, whose tables hold bytes.
  int64_t zero;
  int64_t bits; ///< Of that unsigned number: more than a code has where it is a table's entry.

  bool hasSuper;      ///< Whether scales and minimums are integers under super-scales.
  bool hasMinimum;    ///< Whether there are minimums.
  bool sharesBytes;   ///< Whether a group's minimum is the high half of its scale's byte.
  int64_t scaleBytes; ///< Of one row's scale of a group: 2, or 1 of e8m0 and of integers.
  int64_t codes;      ///< Where the codes begin, 32 channels after 32.
  int64_t scales;     ///< Where the scales begin, group after group, 16 rows each.
  int64_t minimums;   ///< Likewise the minimums, as long as scales.
  int64_t superScale; ///< Where the 16 rows' f16 super-scales begin.
  int64_t superMinimum;
  int64_t spanBytes; ///< Of 16 rows.

  /// A part of a span: `count` times 16 rows of `width` bytes, from byte `begin` on. One row of it,
  /// `count` times `width` bytes, lies from `begin` / 16 on in a row of a table.
  struct Part {
    int64_t begin, count, width;
  };
  /// The parts of a span, in their order.
  llvm::SmallVector<Part, 5> parts() const;
  /// Bytes of one row of a span in a table.
  int64_t rowOfSpan() const { return spanBytes / kTileRows; }

  /// Bytes of 32 codes of one row.
  int64_t codeBytes() const;
  /// Groups of a span.
  int64_t groups() const { return span / group; }
  /// Bytes of 32 channels of 16 rows, with their share of what a span has once.
  int64_t recordBytes() const { return spanBytes * kRecordChannels / span; }
};

/// The geometry of a format for which `isBlock()` holds.
BlockGeometry geometryOf(const BlockFormat &format);
BlockGeometry geometryOf(FormatAttr format);

/// Where the codes of a plane of `bits` bits have quad `quad` of 32 channels: in register `at` of
/// the plane, 16 rows times 4 bytes, `shift` bits above the lowest. A group's quads share
/// registers.
struct PlacedQuad {
  int64_t at, shift;
};
PlacedQuad placeQuad(const BlockGeometry &geometry, int64_t bits, int64_t quad);

/// Twice the values of the 16 codes of f4E2M1FN, plus 12: what an unsigned byte of the table holds.
inline constexpr uint8_t kDoubledE2M1[16] = {12, 13, 14, 15, 16, 18, 20, 24,
                                             12, 11, 10, 9,  8,  6,  4,  0};
/// The values of iq4's codes, plus 128.
inline constexpr uint8_t kIq4[16] = {1,   24,  45,  63,  79,  93,  106, 118,
                                     129, 141, 153, 166, 181, 197, 217, 241};

/// The bytes that codes stand for, 16 of them; empty where codes are numbers.
llvm::ArrayRef<uint8_t> tableOf(const BlockFormat &format);

/// Decodes blocks of a row to f32: scale * code, plus the minimum, each rounded once.
/// \param from    geometryOf(format).blockBytes bytes a block.
/// \param values  geometryOf(format).span of them a block.
void decodeBlocks(const BlockFormat &format, const uint8_t *from, int64_t blocks, float *values);

/// The first of `blocks` blocks whose scale or minimum is infinite or no number.
std::optional<int64_t> firstNotFinite(const BlockFormat &format, const uint8_t *from,
                                      int64_t blocks);

/// Orders up to kTileRows rows of blocks, each of `channels` channels in whole blocks, as one tile.
/// Rows that are missing have scale and minimum zero.
void packBlocks(FormatAttr format, int64_t rows, int64_t channels, const char *from, char *tile);

/// Takes the first row out of a tile, in the tile's order: a row of a table; and puts it there.
void takeFirstRow(FormatAttr format, int64_t channels, const char *tile, char *row);
void putFirstRow(FormatAttr format, int64_t channels, const char *row, char *tile);

/// Decodes the rows of a tile to f32, `channels` values each.
void decodeTile(FormatAttr format, int64_t rows, int64_t channels, const char *tile, float *values);

} // namespace osscc::pack
