// Block formats: bytes of rows against GGUF's, the order of tiles, and what no code stands for.
#include "dialects/pack/Blocks.h"
#include "dialects/pack/Formats.h"

#include "mlir/IR/Builders.h"
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

using namespace osscc::pack;

namespace {

class Blocks : public testing::Test {
protected:
  Blocks() { context.loadDialect<PackDialect>(); }

  FormatAttr format(mlir::Type code, bool minimum = false) {
    mlir::Type half = mlir::Float16Type::get(&context);
    return FormatAttr::get(&context, code, 32, half, minimum ? half : mlir::Type());
  }
  FormatAttr int8() { return format(mlir::IntegerType::get(&context, 8)); }
  FormatAttr int4() { return format(mlir::IntegerType::get(&context, 4)); }
  FormatAttr uint4() {
    return format(mlir::IntegerType::get(&context, 4, mlir::IntegerType::Unsigned), true);
  }
  FormatAttr mxfp4() {
    return FormatAttr::get(&context, mlir::Float4E2M1FNType::get(&context), 32,
                           mlir::Float8E8M0FNUType::get(&context), {});
  }
  std::vector<FormatAttr> all() { return {int8(), int4(), uint4(), mxfp4()}; }

  mlir::MLIRContext context;
};

std::vector<float> decoded(FormatAttr format, std::vector<uint8_t> group) {
  std::vector<float> values(kGroup);
  decodeGroup(format, reinterpret_cast<const char *>(group.data()), values.data());
  return values;
}

TEST_F(Blocks, BytesOfAGroupAreThoseOfGguf) {
  EXPECT_EQ(rowBytes(int8(), 64), 2 * 34);
  EXPECT_EQ(rowBytes(int4(), 64), 2 * 18);
  EXPECT_EQ(rowBytes(uint4(), 64), 2 * 20);
  EXPECT_EQ(rowBytes(mxfp4(), 64), 2 * 17);
  EXPECT_EQ(rowBytes(int8(), 33), 2 * 34); // the last group is whole
}

TEST_F(Blocks, DecodesCodesScalesAndMinimums) {
  std::vector<uint8_t> q8 = {0x00, 0x38}; // 0.5
  for (int i = 0; i < 32; ++i)
    q8.push_back(static_cast<uint8_t>(i - 16));
  std::vector<float> values = decoded(int8(), q8);
  for (int i = 0; i < 32; ++i)
    EXPECT_EQ(values[i], 0.5f * float(i - 16));

  std::vector<uint8_t> q4 = {0x00, 0xc0}; // -2
  for (int i = 0; i < 16; ++i)
    q4.push_back(static_cast<uint8_t>(i | (15 - i) << 4));
  values = decoded(int4(), q4);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(values[i], -2.0f * float(i - 8)); // the low halves come first
    EXPECT_EQ(values[i + 16], -2.0f * float(7 - i));
  }

  q4.insert(q4.begin() + 2, {0x00, 0x3c}); // minimum 1
  values = decoded(uint4(), q4);
  EXPECT_EQ(values[3], -2.0f * 3 + 1);
  EXPECT_EQ(values[16], -2.0f * 15 + 1);
}

TEST_F(Blocks, DecodesTheTableOfE2m1) {
  std::vector<uint8_t> group = {127}; // 2^0
  for (int i = 0; i < 16; ++i)
    group.push_back(static_cast<uint8_t>(i));
  const float table[16] = {0,    0.5f,  1,   1.5f,  2,   3,   4,   6,
                           -0.f, -0.5f, -1., -1.5f, -2., -3., -4., -6.};
  std::vector<float> values = decoded(mxfp4(), group);
  for (int i = 0; i < 16; ++i)
    EXPECT_EQ(values[i], table[i]);
  group[0] = 0; // 2^-127, a denormal
  EXPECT_EQ(decoded(mxfp4(), group)[2], std::ldexp(1.0f, -127));
}

TEST_F(Blocks, EncodesEachValueToTheNearestCode) {
  std::vector<float> values(kGroup);
  for (int i = 0; i < 32; ++i)
    values[i] = std::sin(float(i)) * 3;
  float largest = 3 * std::sin(11.0f), least = *std::min_element(values.begin(), values.end());
  // Of i4 only one side reaches the largest magnitude: the other may be a whole step off.
  const std::pair<FormatAttr, float> steps[] = {{int8(), std::fabs(largest) / 127},
                                                {int4(), std::fabs(largest) / 4},
                                                {uint4(), (3 - least) / 15}};
  for (auto [format, step] : steps) {
    std::vector<char> group(geometryOf(format).groupBytes());
    ASSERT_TRUE(encodeGroup(format, values.data(), group.data()));
    std::vector<float> back(kGroup);
    decodeGroup(format, group.data(), back.data());
    for (int i = 0; i < 32; ++i)
      EXPECT_NEAR(back[i], values[i], step * 0.51f) << i;
  }
}

TEST_F(Blocks, EncodingWhatWasDecodedGivesTheSameValues) {
  for (FormatAttr format : all()) {
    std::vector<char> group(geometryOf(format).groupBytes());
    std::vector<float> values(kGroup), again(kGroup);
    for (int i = 0; i < 32; ++i)
      values[i] = std::cos(float(i) * 1.7f);
    ASSERT_TRUE(encodeGroup(format, values.data(), group.data()));
    decodeGroup(format, group.data(), values.data());
    ASSERT_TRUE(encodeGroup(format, values.data(), group.data()));
    decodeGroup(format, group.data(), again.data());
    for (int i = 0; i < 32; ++i)
      EXPECT_NEAR(again[i], values[i], 1e-3f);
  }
}

TEST_F(Blocks, NoCodeStandsForInfinityOrNan) {
  for (FormatAttr format : all())
    for (float bad : {INFINITY, -INFINITY, NAN}) {
      std::vector<float> values(kGroup, 1);
      values[31] = bad;
      std::vector<char> group(geometryOf(format).groupBytes());
      EXPECT_FALSE(encodeGroup(format, values.data(), group.data()));
    }
}

// Code k of row r lies where docs/design/layout.md says, for 8 bits as an unsigned number, and the
// scales of a group behind its codes.
TEST_F(Blocks, CodesLieInQuadsOfSixteenRows) {
  int64_t channels = 64, rows = 16, ofGroup = 16 * 34, bytes = rowBytes(int8(), channels);
  std::vector<char> matrix(rows * bytes), tile(tileBytes(int8(), channels));
  std::iota(matrix.begin(), matrix.end(), 0);
  packTile(int8(), rows, channels, matrix.data(), tile.data());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t k = 0; k < channels; ++k) {
      char code = matrix[row * bytes + k / 32 * 34 + 2 + k % 32];
      EXPECT_EQ(tile[k / 32 * ofGroup + (k % 32 / 4 * 16 + row) * 4 + k % 4],
                static_cast<char>(code ^ 0x80));
    }
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t group = 0; group < 2; ++group)
      EXPECT_EQ(tile[group * ofGroup + 512 + row * 2], matrix[row * bytes + group * 34]);
}

TEST_F(Blocks, TilesGiveTheirRowsBack) {
  for (FormatAttr format : all())
    for (int64_t rows : {1, 7, 16})
      for (int64_t channels : {32, 40, 96}) {
        std::vector<char> matrix(rows * rowBytes(format, channels)), back(matrix.size());
        std::iota(matrix.begin(), matrix.end(), 3);
        std::vector<char> tile(tileBytes(format, channels), 77);
        EXPECT_EQ(tile.size() % 64, 0u);
        packTile(format, rows, channels, matrix.data(), tile.data());
        unpackTile(format, rows, channels, tile.data(), back.data());
        EXPECT_EQ(back, matrix);
      }
}

TEST_F(Blocks, StoredBlocksDecodeRowAfterRow) {
  for (FormatAttr format : all())
    for (Layout layout : {Layout::Rows, Layout::Tiles}) {
      auto block = BlockType::get(&context, {37, 40}, format, layout);
      std::vector<float> values(37 * 40), back(values.size());
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = float(i % 7) - 3;
      std::vector<char> stored(block.storedBytes());
      encode(block, values, stored);
      decode(block, stored, back);
      for (size_t i = 0; i < values.size(); ++i)
        EXPECT_NEAR(back[i], values[i], 0.51f) << i;
    }
}

} // namespace
