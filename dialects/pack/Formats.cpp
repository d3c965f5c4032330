// Floats and blocks under one interface.
#include "dialects/pack/Formats.h"

#include "dialects/pack/Blocks.h"
#include "dialects/pack/Quantize.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cstring>

namespace osscc::pack {

int64_t rowBytes(FormatAttr format, int64_t channels) {
  if (format.isBlock())
    return static_cast<int64_t>(llvm::divideCeil(channels, geometryOf(format).span)) *
           geometryOf(format).blockBytes;
  return channels * floatBytes(*floatOf(format.getCode()));
}

int64_t tileBytes(FormatAttr format, int64_t channels) {
  if (format.isBlock())
    return llvm::alignTo(
        llvm::divideCeil(channels, geometryOf(format).span) * geometryOf(format).spanBytes, 64);
  return tileBytes(*floatOf(format.getCode()), channels);
}

int64_t channelsOfTile(FormatAttr format, int64_t bytes) {
  BlockGeometry geometry = geometryOf(format);
  return bytes / geometry.spanBytes * geometry.span; // spans are longer than the padding
}

void packTile(FormatAttr format, int64_t rows, int64_t channels, const char *from, char *tile) {
  if (!format.isBlock())
    return packTile(*floatOf(format.getCode()), rows, channels, from, tile);
  std::memset(tile, 0, tileBytes(format, channels));
  packBlocks(format, rows, channels, from, tile);
}

int64_t tableRowBytes(FormatAttr format, int64_t channels) {
  if (!format.isBlock())
    return rowBytes(format, channels);
  BlockGeometry geometry = geometryOf(format);
  return static_cast<int64_t>(llvm::divideCeil(channels, geometry.span)) * geometry.rowOfSpan();
}

void packTableRow(FormatAttr format, int64_t channels, const char *from, char *to) {
  if (!format.isBlock()) {
    std::memcpy(to, from, rowBytes(format, channels));
    return;
  }
  llvm::SmallVector<char, 0> tile(tileBytes(format, channels));
  packTile(format, 1, channels, from, tile.data());
  takeFirstRow(format, channels, tile.data(), to);
}

std::optional<int64_t> firstRowNotFinite(FormatAttr format, int64_t rows, int64_t channels,
                                         const char *from) {
  if (!format.isBlock())
    return std::nullopt;
  auto blocks = static_cast<int64_t>(llvm::divideCeil(channels, geometryOf(format).span));
  std::optional<int64_t> found =
      firstNotFinite(rowOf(format), reinterpret_cast<const uint8_t *>(from), rows * blocks);
  return found ? std::optional(*found / blocks) : std::nullopt;
}

void decodeRows(FormatAttr format, int64_t rows, int64_t channels, const char *from,
                float *values) {
  if (!format.isBlock())
    return convert(*floatOf(format.getCode()), from, Float::F32, reinterpret_cast<char *>(values),
                   rows * channels);
  const BlockFormat &row = rowOf(format);
  int64_t span = geometryOf(row).span,
          spans = static_cast<int64_t>(llvm::divideCeil(channels, span));
  const auto *bytes = reinterpret_cast<const uint8_t *>(from);
  if (channels % span == 0)
    return decodeBlocks(row, bytes, rows * spans, values);
  llvm::SmallVector<float, 0> whole(spans * span); // the last group is filled up
  for (int64_t i = 0; i < rows; ++i) {
    decodeBlocks(row, bytes + i * rowBytes(format, channels), spans, whole.data());
    std::copy_n(whole.begin(), channels, values + i * channels);
  }
}

bool encodeRows(FormatAttr format, int64_t rows, int64_t channels, const float *values, char *to) {
  if (!format.isBlock()) {
    convert(Float::F32, reinterpret_cast<const char *>(values), *floatOf(format.getCode()), to,
            rows * channels);
    return true;
  }
  assert(canEncode(format) && "pack.quantize admits no other format");
  BlockGeometry geometry = geometryOf(format);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t k = 0; k < channels; k += geometry.span, to += geometry.blockBytes) {
      int64_t count = std::min(geometry.span, channels - k);
      float group[kMostChannels] = {};
      std::copy_n(values, count, group);
      if (!encodeGroup(format, group, to))
        return false;
      values += count;
    }
  return true;
}

/// Decodes the rows of a tile to f32.
static void decodeAnyTile(FormatAttr format, int64_t rows, int64_t channels, const char *tile,
                          float *values) {
  if (format.isBlock())
    return decodeTile(format, rows, channels, tile, values);
  llvm::SmallVector<char, 0> ofRows(rows * rowBytes(format, channels));
  unpackTile(*floatOf(format.getCode()), rows, channels, tile, ofRows.data());
  decodeRows(format, rows, channels, ofRows.data(), values);
}

/// Calls `each(first row, rows, stored bytes' offset)` for every tile of a block.
template <class Each> static void forTiles(BlockType block, Each each) {
  llvm::ArrayRef<int64_t> shape = block.getShape();
  int64_t rows = shape[shape.size() - 2], members = shape.size() == 3 ? shape[0] : 1;
  int64_t bytes = tileBytes(block.getFormat(), shape.back()), offset = 0;
  for (int64_t member = 0; member < members; ++member)
    for (int64_t row = 0; row < rows; row += kTileRows, offset += bytes)
      each(member * rows + row, std::min(kTileRows, rows - row), offset);
}

/// A block as matrix: a vector is one row, and a stack's matrices follow each other.
static std::pair<int64_t, int64_t> matrixShape(BlockType block) {
  int64_t rows = 1;
  for (int64_t extent : block.getShape().drop_back())
    rows *= extent;
  return {rows, block.getShape().back()};
}

/// Decodes a row of a table to f32.
static void decodeTableRow(FormatAttr format, int64_t channels, const char *row, float *values) {
  if (!format.isBlock())
    return decodeRows(format, 1, channels, row, values);
  llvm::SmallVector<char, 0> tile(tileBytes(format, channels));
  putFirstRow(format, channels, row, tile.data());
  decodeTile(format, 1, channels, tile.data(), values);
}

void decode(BlockType block, llvm::ArrayRef<char> stored, llvm::MutableArrayRef<float> values) {
  assert(int64_t(stored.size()) == block.storedBytes() && "not the block's bytes");
  FormatAttr format = block.getFormat();
  auto [height, channels] = matrixShape(block);
  if (block.getLayout() == Layout::Rows)
    return decodeRows(format, height, channels, stored.data(), values.data());
  if (block.getLayout() == Layout::Table) {
    int64_t bytes = tableRowBytes(format, channels);
    for (int64_t row = 0; row < height; ++row)
      decodeTableRow(format, channels, stored.data() + row * bytes, values.data() + row * channels);
    return;
  }
  forTiles(block, [&, width = channels](int64_t row, int64_t rows, int64_t offset) {
    decodeAnyTile(format, rows, width, stored.data() + offset, values.data() + row * width);
  });
}

void encode(BlockType block, llvm::ArrayRef<float> values, llvm::MutableArrayRef<char> stored) {
  assert(int64_t(stored.size()) == block.storedBytes() && "not the block's bytes");
  FormatAttr format = block.getFormat();
  auto [height, channels] = matrixShape(block);
  auto encoded = [&, width = channels](int64_t row, int64_t rows, char *to) {
    [[maybe_unused]] bool finite = encodeRows(format, rows, width, values.data() + row * width, to);
    assert(finite && "a block format stores finite values");
  };
  if (block.getLayout() == Layout::Rows)
    return encoded(0, height, stored.data());
  llvm::SmallVector<char, 0> rowsOfTile(kTileRows * rowBytes(format, channels));
  if (block.getLayout() == Layout::Table) {
    int64_t bytes = tableRowBytes(format, channels);
    for (int64_t row = 0; row < height; ++row) {
      encoded(row, 1, rowsOfTile.data());
      packTableRow(format, channels, rowsOfTile.data(), stored.data() + row * bytes);
    }
    return;
  }
  forTiles(block, [&, width = channels](int64_t row, int64_t rows, int64_t offset) {
    encoded(row, rows, rowsOfTile.data());
    packTile(format, rows, width, rowsOfTile.data(), stored.data() + offset);
  });
}

} // namespace osscc::pack
