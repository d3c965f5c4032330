// What a format describes, as bytes: sizes, encode and decode of values, and the order of tiles.
// The pack stage sizes weights by it, emit encodes, the reference evaluator decodes; targets'
// unpack code is the same decoder as vector code. docs/design/layout.md draws every layout.
#pragma once

#include "dialects/pack/Floats.h"
#include "dialects/pack/Pack.h"

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <optional>

namespace osscc::pack {

/// Bytes of one row of `channels` values in layout `rows`; a block format's last group is whole.
int64_t rowBytes(FormatAttr format, int64_t channels);

/// Bytes of one tile: kTileRows rows of `channels` values, padded as the layout asks; tiles of a
/// block format are whole lines of 64 bytes.
int64_t tileBytes(FormatAttr format, int64_t channels);

/// The channels of the rows of a tile of a block format, in whole blocks; the inverse of tileBytes.
int64_t channelsOfTile(FormatAttr format, int64_t bytes);

/// Bytes of one row of `channels` values in layout `table`.
int64_t tableRowBytes(FormatAttr format, int64_t channels);

/// Orders a row of rowBytes as a table has it.
void packTableRow(FormatAttr format, int64_t channels, const char *from, char *to);

/// Orders up to kTileRows rows, each of rowBytes, as one tile. Rows that are missing become zeros.
void packTile(FormatAttr format, int64_t rows, int64_t channels, const char *from, char *tile);

/// The first row whose blocks have a scale or a minimum that is infinite or no number; none for
/// floats.
std::optional<int64_t> firstRowNotFinite(FormatAttr format, int64_t rows, int64_t channels,
                                         const char *from);

/// Decodes rows, each of rowBytes, to f32 without padding.
void decodeRows(FormatAttr format, int64_t rows, int64_t channels, const char *from, float *values);

/// The inverse of decodeRows, up to the format's rounding.
/// \returns false when a value is not finite and the format cannot store it.
/// \param format  floats, or a block format that canEncode() knows.
bool encodeRows(FormatAttr format, int64_t rows, int64_t channels, const float *values, char *to);

/// Decodes a stored weight to f32, row after row without padding: what the kernels compute with.
/// \param stored  block.storedBytes() bytes.
/// \param values  one for each element of the block's shape.
void decode(BlockType block, llvm::ArrayRef<char> stored, llvm::MutableArrayRef<float> values);

/// Encodes finite f32 values, row after row, as the block stores them: the inverse of decode, up to
/// the format's rounding.
void encode(BlockType block, llvm::ArrayRef<float> values, llvm::MutableArrayRef<char> stored);

} // namespace osscc::pack
