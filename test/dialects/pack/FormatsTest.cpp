// Formats against values and layouts worked out by hand, and both directions against each other.
#include "dialects/pack/Formats.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

using namespace osscc::pack;

namespace {

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

float fromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

TEST(Formats, RoundsToHalfNearestEven) {
  EXPECT_EQ(floatToHalf(1.0f), 0x3c00);
  EXPECT_EQ(floatToHalf(-0.0f), 0x8000);
  EXPECT_EQ(floatToHalf(65504.0f), 0x7bff);
  EXPECT_EQ(floatToHalf(65519.996f), 0x7bff);
  EXPECT_EQ(floatToHalf(65520.0f), 0x7c00) << "a tie that rounds up to infinity";
  EXPECT_EQ(floatToHalf(-1e30f), 0xfc00);
  EXPECT_EQ(floatToHalf(1.0f + 0x1p-11f), 0x3c00) << "a tie to even, down";
  EXPECT_EQ(floatToHalf(1.0f + 0x3p-11f), 0x3c02) << "a tie to even, up";
  EXPECT_EQ(floatToHalf(0x1p-24f), 0x0001);
  EXPECT_EQ(floatToHalf(0x1p-25f), 0x0000) << "half of the smallest denormal";
  EXPECT_EQ(floatToHalf(std::nextafter(0x1p-25f, 1.0f)), 0x0001);
  EXPECT_EQ(floatToHalf(0x1.ff8p-15f), 0x03ff) << "the largest denormal";
  EXPECT_EQ(floatToHalf(0x1.ffcp-15f), 0x0400) << "a tie that rounds up to a normal number";
  EXPECT_EQ(floatToHalf(std::nextafter(0x1p-14f, 0.0f)), 0x0400)
      << "rounds into the normal numbers";
  EXPECT_EQ(floatToHalf(std::numeric_limits<float>::denorm_min()), 0);
}

// Every code, by the definition of its bits.
TEST(Formats, WidensFloatsOf8Bits) {
  for (int code = 0; code < 256; ++code) {
    int exponent = code >> 3 & 15, mantissa = code & 7;
    float magnitude = exponent == 0 ? std::ldexp(float(mantissa), -9)
                                    : std::ldexp(float(8 + mantissa), exponent - 10);
    float value = e4m3ToFloat(static_cast<uint8_t>(code));
    if ((code & 127) == 127)
      EXPECT_TRUE(std::isnan(value)) << code;
    else
      EXPECT_EQ(bitsOf(value), bitsOf(code & 128 ? -magnitude : magnitude)) << code;
  }
}

TEST(Formats, RoundsToBfloatNearestEven) {
  EXPECT_EQ(floatToBfloat(1.0f), 0x3f80);
  EXPECT_EQ(floatToBfloat(1.0f + 0x1p-8f), 0x3f80) << "a tie to even, down";
  EXPECT_EQ(floatToBfloat(1.0f + 0x3p-8f), 0x3f82) << "a tie to even, up";
  EXPECT_EQ(floatToBfloat(std::numeric_limits<float>::max()), 0x7f80);
  EXPECT_EQ(floatToBfloat(fromBits(0x00018000)), 0x0002) << "denormals round like the others";
  EXPECT_EQ(floatToBfloat(-std::numeric_limits<float>::infinity()), 0xff80);
}

TEST(Formats, KeepsNanANan) {
  // Only low payload bits: cutting them off would make an infinity.
  EXPECT_EQ(floatToBfloat(fromBits(0xff800001)), 0xffc0);
  EXPECT_EQ(floatToHalf(fromBits(0x7f800001)), 0x7e00);
  EXPECT_EQ(bitsOf(halfToFloat(0xfe01)), 0xffc02000u);
  EXPECT_EQ(bitsOf(bfloatToFloat(0x7f81)), 0x7f810000u);
}

TEST(Formats, EveryHalfAndBfloatSurvivesF32) {
  for (uint32_t code = 0; code < 65536; ++code) {
    auto half = static_cast<uint16_t>(code);
    bool halfNan = (half & 0x7fff) > 0x7c00, bfloatNan = (half & 0x7fff) > 0x7f80;
    EXPECT_EQ(floatToHalf(halfToFloat(half)), halfNan ? half | 0x200 : half);
    EXPECT_EQ(floatToBfloat(bfloatToFloat(half)), bfloatNan ? half | 0x40 : half);
    float exact = std::ldexp(float(half & 1023) + ((half >> 10 & 31) ? 1024.0f : 0.0f),
                             std::max(half >> 10 & 31, 1) - 25);
    if ((half & 0x7c00) != 0x7c00)
      EXPECT_EQ(std::abs(halfToFloat(half)), exact) << half;
  }
}

TEST(Formats, EqualCodesAreCopiedBitForBit) {
  std::vector<uint16_t> from = {0x7f81, 0xffff, 0x0001, 0x8000}, to(4); // a signalling NaN first
  convert(Float::BF16, reinterpret_cast<char *>(from.data()), Float::BF16,
          reinterpret_cast<char *>(to.data()), 4);
  EXPECT_EQ(from, to);
}

// Value (row, k) lies where docs/design/layout.md says; what no value fills is zero.
void expectTile(Float code, int64_t rows, int64_t channels) {
  SCOPED_TRACE(testing::Message() << "code " << int(code) << ", " << rows << "x" << channels);
  int64_t bytes = floatBytes(code);
  std::vector<char> matrix(rows * channels * bytes), back(matrix.size());
  for (size_t i = 0; i < matrix.size(); ++i)
    matrix[i] = static_cast<char>(1 + i % 251);
  std::vector<char> tile(tileBytes(code, channels), 77);
  packTile(code, rows, channels, matrix.data(), tile.data());
  std::vector<char> expected(tile.size(), 0);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t k = 0; k < channels; ++k) {
      int64_t at = code == Float::BF16 ? (k / 2 * 16 + row) * 2 + k % 2 : k * 16 + row;
      std::memcpy(&expected[at * bytes], &matrix[(row * channels + k) * bytes], bytes);
    }
  EXPECT_EQ(tile, expected);
  unpackTile(code, rows, channels, tile.data(), back.data());
  EXPECT_EQ(back, matrix);
}

TEST(Formats, TilesOfFullAndOddShapes) {
  for (Float code : {Float::F32, Float::F16, Float::BF16})
    for (int64_t rows : {1, 15, 16})
      for (int64_t channels : {1, 2, 7, 64})
        expectTile(code, rows, channels);
}

TEST(Formats, BlocksDecodeToWhatWasEncoded) {
  mlir::MLIRContext context;
  context.loadDialect<PackDialect>();
  mlir::Builder builder(&context);
  std::vector<float> values(37 * 5);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = float(i) - 90.0f; // exact in all three codes
  for (mlir::Type code : {mlir::Type(builder.getF32Type()), mlir::Type(builder.getF16Type()),
                          mlir::Type(builder.getBF16Type())})
    for (Layout layout : {Layout::Rows, Layout::Tiles, Layout::Table}) {
      auto block =
          BlockType::get(&context, {37, 5}, FormatAttr::get(&context, code, 0, {}, {}), layout);
      std::vector<char> stored(block.storedBytes());
      encode(block, values, stored);
      std::vector<float> back(values.size());
      decode(block, stored, back);
      EXPECT_EQ(back, values);
    }
}

} // namespace
