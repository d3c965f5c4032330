// Floats and blocks under one interface.
#include "dialects/pack/Formats.h"

#include "dialects/pack/Blocks.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cstring>

namespace osscc::pack {

int64_t rowBytes(FormatAttr format, int64_t channels) {
  if (format.isBlock())
    return static_cast<int64_t>(llvm::divideCeil(channels, kGroup)) *
           geometryOf(format).groupBytes();
  return channels * floatBytes(*floatOf(format.getCode()));
}

int64_t tileBytes(FormatAttr format, int64_t channels) {
  if (format.isBlock())
    return llvm::alignTo(kTileRows * rowBytes(format, channels), 64);
  return tileBytes(*floatOf(format.getCode()), channels);
}

void packTile(FormatAttr format, int64_t rows, int64_t channels, const char *from, char *tile) {
  if (!format.isBlock())
    return packTile(*floatOf(format.getCode()), rows, channels, from, tile);
  std::memset(tile, 0, tileBytes(format, channels));
  packBlocks(format, rows, channels, from, tile);
}

void unpackTile(FormatAttr format, int64_t rows, int64_t channels, const char *tile, char *to) {
  if (!format.isBlock())
    return unpackTile(*floatOf(format.getCode()), rows, channels, tile, to);
  unpackBlocks(format, rows, channels, tile, to);
}

void decodeRows(FormatAttr format, int64_t rows, int64_t channels, const char *from,
                float *values) {
  if (!format.isBlock())
    return convert(*floatOf(format.getCode()), from, Float::F32, reinterpret_cast<char *>(values),
                   rows * channels);
  int64_t bytes = geometryOf(format).groupBytes();
  float group[kGroup];
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t k = 0; k < channels; k += kGroup, from += bytes) {
      int64_t count = std::min(kGroup, channels - k);
      decodeGroup(format, from, group);
      std::copy_n(group, count, values);
      values += count;
    }
}

bool encodeRows(FormatAttr format, int64_t rows, int64_t channels, const float *values, char *to) {
  if (!format.isBlock()) {
    convert(Float::F32, reinterpret_cast<const char *>(values), *floatOf(format.getCode()), to,
            rows * channels);
    return true;
  }
  int64_t bytes = geometryOf(format).groupBytes();
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t k = 0; k < channels; k += kGroup, to += bytes) {
      int64_t count = std::min(kGroup, channels - k);
      float group[kGroup] = {};
      std::copy_n(values, count, group);
      if (!encodeGroup(format, group, to))
        return false;
      values += count;
    }
  return true;
}

/// Calls `each(first row, rows, stored bytes' offset)` for every tile of a block.
template <class Each> static void forTiles(BlockType block, Each each) {
  int64_t rows = block.getShape()[0], bytes = tileBytes(block.getFormat(), block.getShape()[1]);
  for (int64_t row = 0; row < rows; row += kTileRows)
    each(row, std::min(kTileRows, rows - row), row / kTileRows * bytes);
}

/// A block as matrix: a vector is one row.
static std::pair<int64_t, int64_t> matrixShape(BlockType block) {
  llvm::ArrayRef<int64_t> shape = block.getShape();
  return {shape.size() == 2 ? shape[0] : 1, shape.back()};
}

void decode(BlockType block, llvm::ArrayRef<char> stored, llvm::MutableArrayRef<float> values) {
  assert(int64_t(stored.size()) == block.storedBytes() && "not the block's bytes");
  FormatAttr format = block.getFormat();
  auto [height, channels] = matrixShape(block);
  if (block.getLayout() == Layout::Rows)
    return decodeRows(format, height, channels, stored.data(), values.data());
  llvm::SmallVector<char, 0> rowsOfTile(kTileRows * rowBytes(format, channels));
  forTiles(block, [&, width = channels](int64_t row, int64_t rows, int64_t offset) {
    unpackTile(format, rows, width, stored.data() + offset, rowsOfTile.data());
    decodeRows(format, rows, width, rowsOfTile.data(), values.data() + row * width);
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
  forTiles(block, [&, width = channels](int64_t row, int64_t rows, int64_t offset) {
    encoded(row, rows, rowsOfTile.data());
    packTile(format, rows, width, rowsOfTile.data(), stored.data() + offset);
  });
}

} // namespace osscc::pack
