// Block formats: values of blocks against gguf-py's, the order of tiles, and what no code stands
// for.
#include "dialects/pack/Blocks.h"
#include "dialects/pack/Formats.h"
#include "dialects/pack/Quantize.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"
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
  /// Those that values are quantized to.
  std::vector<FormatAttr> chosen() { return {int8(), int4(), uint4(), mxfp4()}; }
  llvm::SmallVector<FormatAttr> all() {
    return llvm::map_to_vector(
        blockFormats(), [&](const BlockFormat &row) { return findFormat(&context, row.name); });
  }

  mlir::MLIRContext context;
};

void decode(FormatAttr format, const char *block, float *values) {
  decodeBlocks(rowOf(format), reinterpret_cast<const uint8_t *>(block), 1, values);
}

std::vector<float> decoded(FormatAttr format, std::vector<uint8_t> group) {
  std::vector<float> values(kRecordChannels);
  decodeBlocks(rowOf(format), group.data(), 1, values.data());
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
  std::vector<float> values(kRecordChannels);
  for (int i = 0; i < 32; ++i)
    values[i] = std::sin(float(i)) * 3;
  float largest = 3 * std::sin(11.0f), least = *std::min_element(values.begin(), values.end());
  // Of i4 only one side reaches the largest magnitude: the other may be a whole step off.
  const std::pair<FormatAttr, float> steps[] = {{int8(), std::fabs(largest) / 127},
                                                {int4(), std::fabs(largest) / 4},
                                                {uint4(), (3 - least) / 15}};
  for (auto [format, step] : steps) {
    std::vector<char> group(geometryOf(format).blockBytes);
    ASSERT_TRUE(encodeGroup(format, values.data(), group.data()));
    std::vector<float> back(kRecordChannels);
    decode(format, group.data(), back.data());
    for (int i = 0; i < 32; ++i)
      EXPECT_NEAR(back[i], values[i], step * 0.51f) << i;
  }
}

TEST_F(Blocks, EncodingWhatWasDecodedGivesTheSameValues) {
  for (FormatAttr format : chosen()) {
    std::vector<char> group(geometryOf(format).blockBytes);
    std::vector<float> values(kRecordChannels), again(kRecordChannels);
    for (int i = 0; i < 32; ++i)
      values[i] = std::cos(float(i) * 1.7f);
    ASSERT_TRUE(encodeGroup(format, values.data(), group.data()));
    decode(format, group.data(), values.data());
    ASSERT_TRUE(encodeGroup(format, values.data(), group.data()));
    decode(format, group.data(), again.data());
    for (int i = 0; i < 32; ++i)
      EXPECT_NEAR(again[i], values[i], 1e-3f);
  }
}

TEST_F(Blocks, NoCodeStandsForInfinityOrNan) {
  for (FormatAttr format : chosen())
    for (float bad : {INFINITY, -INFINITY, NAN}) {
      std::vector<float> values(kRecordChannels, 1);
      values[31] = bad;
      std::vector<char> group(geometryOf(format).blockBytes);
      EXPECT_FALSE(encodeGroup(format, values.data(), group.data()));
    }
}

// Ternary values have codes of Q2_K that stand for them exactly; others have none.
TEST_F(Blocks, TernaryValuesAreKeptExactly) {
  FormatAttr format = findFormat(&context, "Q2_K");
  std::vector<float> values(256), back(256);
  for (int i = 0; i < 256; ++i)
    values[i] = float(i * 7 % 3 - 1) * 0.3125f;
  std::vector<char> block(84);
  ASSERT_TRUE(encodeGroup(format, values.data(), block.data()));
  decode(format, block.data(), back.data());
  EXPECT_EQ(back, values);
  for (float bad : {0.25f, INFINITY, NAN, 0.1f}) {
    std::vector<float> others = values;
    others[200] = bad;
    EXPECT_FALSE(encodeGroup(format, others.data(), block.data())) << bad;
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

TEST_F(Blocks, TilesDecodeAsTheirRows) {
  for (FormatAttr format : all())
    for (int64_t rows : {1, 7, 16})
      for (int64_t channels : {256, 768}) {
        BlockGeometry geometry = geometryOf(format);
        std::vector<char> matrix(rows * rowBytes(format, channels));
        std::vector<float> expected(rows * channels), values(expected.size());
        for (size_t i = 0; i < matrix.size(); ++i) // 0x34 twice is a scale of 0.26
          matrix[i] = static_cast<char>(i % geometry.blockBytes % 3 ? 0x34 : i * 37 % 61);
        ASSERT_FALSE(firstRowNotFinite(format, rows, channels, matrix.data()));
        decodeRows(format, rows, channels, matrix.data(), expected.data());
        std::vector<char> tile(tileBytes(format, channels), 77);
        EXPECT_EQ(tile.size() % 64, 0u);
        packTile(format, rows, channels, matrix.data(), tile.data());
        decodeTile(format, rows, channels, tile.data(), values.data());
        EXPECT_EQ(values, expected);
      }
}

// A line of the file: a type, its blocks, the values that gguf-py decodes.
TEST_F(Blocks, ValuesAreThoseOfGgufPy) {
  auto file = llvm::MemoryBuffer::getFile(OSSCC_TEST_DATA "/blocks.txt");
  ASSERT_TRUE(static_cast<bool>(file));
  llvm::SmallVector<llvm::StringRef> lines;
  (*file)->getBuffer().trim().split(lines, '\n');
  llvm::StringSet<> seen;
  for (llvm::StringRef line : lines) {
    auto [name, hex] = line.split(' ');
    SCOPED_TRACE(name.str());
    seen.insert(name);
    FormatAttr format = findFormat(&context, name);
    ASSERT_TRUE(format);
    std::string blocks = llvm::fromHex(hex.split(' ').first),
                bytes = llvm::fromHex(hex.split(' ').second);
    std::vector<float> expected(bytes.size() / 4), values(expected.size()), ofTile(values.size());
    std::memcpy(expected.data(), bytes.data(), bytes.size());
    ASSERT_EQ(int64_t(blocks.size()), rowBytes(format, values.size()));
    decodeRows(format, 1, values.size(), blocks.data(), values.data());
    EXPECT_EQ(values, expected);
    std::vector<char> tile(tileBytes(format, values.size()));
    packTile(format, 1, values.size(), blocks.data(), tile.data());
    decodeTile(format, 1, values.size(), tile.data(), ofTile.data());
    EXPECT_EQ(ofTile, expected);
    // A row of a table has the same bytes in a tile's order.
    auto table = BlockType::get(&context, {1, int64_t(values.size())}, format, Layout::Table);
    std::vector<char> row(table.storedBytes());
    std::vector<float> ofRow(values.size());
    packTableRow(format, values.size(), blocks.data(), row.data());
    decode(table, row, ofRow);
    EXPECT_EQ(ofRow, expected);
  }
  EXPECT_EQ(seen.size(), blockFormats().size());
}

TEST_F(Blocks, TilesTakeTheBytesOfTheFileOrFewMore) {
  const std::pair<const char *, int64_t> bytesOfSpan[] = {
      {"Q8_0", 34},  {"Q5_0", 22},  {"Q5_1", 24},  {"IQ4_NL", 18}, {"MXFP4", 17},  {"Q2_K", 84},
      {"Q3_K", 114}, {"Q4_K", 148}, {"Q5_K", 180}, {"Q6_K", 210},  {"IQ4_XS", 138}};
  for (auto [name, bytes] : bytesOfSpan)
    EXPECT_EQ(geometryOf(findFormat(&context, name)).spanBytes, 16 * bytes) << name;
}

// A span's parts follow each other without a gap, so that a row of a table has a 16th of its bytes.
TEST_F(Blocks, PartsOfASpanFollowEachOther) {
  for (const BlockFormat &format : blockFormats()) {
    BlockGeometry geometry = geometryOf(format);
    int64_t end = 0;
    for (const BlockGeometry::Part &part : geometry.parts()) {
      EXPECT_EQ(part.begin, end) << format.name.str();
      end += part.count * part.width * kTileRows;
    }
    EXPECT_EQ(end, geometry.spanBytes) << format.name.str();
  }
}

// Every scale and every minimum that is infinite or a NaN, and the byte of e8m0 that is one.
TEST_F(Blocks, NamesTheRowOfAScaleThatIsNotFinite) {
  const std::tuple<const char *, size_t> places[] = {
      {"Q8_0", 0}, {"Q4_0", 0},  {"Q4_1", 0},   {"Q4_1", 2},   {"Q5_0", 0},   {"Q5_1", 0},
      {"Q5_1", 2}, {"Q2_K", 80}, {"Q2_K", 82},  {"Q4_K", 0},   {"Q4_K", 2},   {"Q3_K", 108},
      {"Q5_K", 0}, {"Q5_K", 2},  {"Q6_K", 208}, {"IQ4_NL", 0}, {"IQ4_XS", 0}, {"MXFP4", 0}};
  for (auto [name, place] : places) {
    FormatAttr format = findFormat(&context, name);
    int64_t bytes = rowBytes(format, 256);
    std::vector<char> matrix(3 * bytes);
    EXPECT_FALSE(firstRowNotFinite(format, 3, 256, matrix.data())) << name;
    const uint8_t infinite[] = {0x00, 0xfc}, nan[] = {0x01, 0x7e}, power[] = {0xff};
    for (llvm::ArrayRef<uint8_t> bad : {llvm::ArrayRef(infinite), llvm::ArrayRef(nan)}) {
      if (name == llvm::StringRef("MXFP4"))
        bad = power;
      std::vector<char> damaged = matrix;
      std::memcpy(damaged.data() + 3 * bytes - geometryOf(format).blockBytes + place, bad.data(),
                  bad.size());
      EXPECT_EQ(firstRowNotFinite(format, 3, 256, damaged.data()), 2) << name << " " << place;
    }
  }
}

TEST_F(Blocks, StoredBlocksDecodeRowAfterRow) {
  for (FormatAttr format : chosen())
    for (Layout layout : {Layout::Rows, Layout::Tiles, Layout::Table}) {
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
