// Recipes from the IR's text against bytes worked out by hand.
#include "compiler/emit/WeightWriter.h"

#include "dialects/pack/Formats.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <cmath>
#include <vector>

using namespace osscc;

namespace {

class WeightWriter : public testing::Test {
protected:
  WeightWriter() {
    context.loadDialect<pack::PackDialect>();
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("osscc-weights", folder));
  }
  ~WeightWriter() override { llvm::sys::fs::remove_directories(folder); }

  template <class T> void source(llvm::StringRef name, const std::vector<T> &values) {
    std::error_code code;
    llvm::raw_fd_ostream(path(name), code)
        .write(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T));
    ASSERT_FALSE(code);
  }

  std::string path(llvm::StringRef name) { return (folder + "/" + name).str(); }

  /// The bytes of the weight of a module's text, or the error's.
  template <class T> std::vector<T> written(llvm::StringRef text, std::string *problem = nullptr) {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    SourceFiles sources(folder);
    std::vector<char> bytes;
    llvm::DefaultThreadPool threads(llvm::hardware_concurrency(3));
    llvm::Error error = writeWeight(*module->getOps<pack::WeightOp>().begin(), sources, threads,
                                    [&](llvm::ArrayRef<char> piece) {
                                      bytes.insert(bytes.end(), piece.begin(), piece.end());
                                      return llvm::Error::success();
                                    });
    std::string message = llvm::toString(std::move(error));
    if (problem)
      *problem = message;
    else
      EXPECT_EQ(message, "");
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!bytes.empty())
      std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    return values;
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::SmallString<128> folder;
};

// A vector of a 16-bit checkpoint becomes f32, from a byte offset that no alignment fits.
TEST_F(WeightWriter, WidensAVector) {
  source<uint16_t>("m", {0, 0x3f80, 0xc000, 0x7fc0});
  auto values = written<uint32_t>(R"(pack.weight @scale : !pack.block<3, #pack.format<f32>, rows> {
      %0 = pack.slice "m" at 2 : !pack.source<3xbf16>
      %1 = pack.quantize %0 : !pack.source<3xbf16> -> !pack.block<3, #pack.format<f32>, rows>
      pack.yield %1 : !pack.block<3, #pack.format<f32>, rows>
    })");
  EXPECT_EQ(values, (std::vector<uint32_t>{0x3f800000, 0xc0000000, 0x7fc00000}));
}

// Joined rows fill tiles across the border between the parts; the last tile and the odd channel are
// padded.
TEST_F(WeightWriter, JoinsRowsIntoTiles) {
  std::vector<float> q(17 * 3), k(2 * 3);
  for (size_t i = 0; i < q.size(); ++i)
    q[i] = float(i + 1);
  for (size_t i = 0; i < k.size(); ++i)
    k[i] = -float(i + 1);
  source("q", q);
  source("k", k);
  auto values =
      written<uint16_t>(R"(pack.weight @qk : !pack.block<19x3, #pack.format<bf16>, tiles> {
      %0 = pack.slice "q" at 0 : !pack.source<17x3xf32>
      %1 = pack.slice "k" at 0 : !pack.source<2x3xf32>
      %2 = pack.concat %0, %1 : !pack.source<17x3xf32>, !pack.source<2x3xf32> -> !pack.source<19x3xf32>
      %3 = pack.quantize %2 : !pack.source<19x3xf32> -> !pack.block<19x3, #pack.format<bf16>, rows>
      %4 = pack.relayout %3 : !pack.block<19x3, #pack.format<bf16>, rows> -> !pack.block<19x3, #pack.format<bf16>, tiles>
      pack.yield %4 : !pack.block<19x3, #pack.format<bf16>, tiles>
    })");
  ASSERT_EQ(values.size(), 2u * 2 * 16 * 2);
  for (int row = 0; row < 32; ++row)
    for (int channel = 0; channel < 4; ++channel) {
      float expected = 0;
      if (channel < 3 && row < 19)
        expected = row < 17 ? q[row * 3 + channel] : k[(row - 17) * 3 + channel];
      int at = ((row / 16 * 2 + channel / 2) * 16 + row % 16) * 2 + channel % 2;
      EXPECT_EQ(pack::bfloatToFloat(values[at]), expected) << row << ", " << channel;
    }
}

// Biases of a 16-bit checkpoint join as they lie.
TEST_F(WeightWriter, JoinsVectors) {
  source<uint16_t>("b", {0x3f80, 0x4000, 0x4040});
  auto values = written<float>(R"(pack.weight @b : !pack.block<3, #pack.format<f32>, rows> {
      %0 = pack.slice "b" at 2 : !pack.source<2xbf16>
      %1 = pack.slice "b" at 0 : !pack.source<1xbf16>
      %2 = pack.concat %0, %1 : !pack.source<2xbf16>, !pack.source<1xbf16> -> !pack.source<3xbf16>
      %3 = pack.quantize %2 : !pack.source<3xbf16> -> !pack.block<3, #pack.format<f32>, rows>
      pack.yield %3 : !pack.block<3, #pack.format<f32>, rows>
    })");
  EXPECT_EQ(values, (std::vector<float>{2, 3, 1}));
}

// More than one strip of a few megabytes, rows kept bit for bit.
TEST_F(WeightWriter, StreamsManyStrips) {
  std::vector<uint16_t> rows(3000 * 1024);
  for (size_t i = 0; i < rows.size(); ++i)
    rows[i] = static_cast<uint16_t>(i * 40503);
  source("m", rows);
  auto values =
      written<uint16_t>(R"(pack.weight @w : !pack.block<3000x1024, #pack.format<f16>, tiles> {
      %0 = pack.slice "m" at 0 : !pack.source<3000x1024xf16>
      %1 = pack.quantize %0 : !pack.source<3000x1024xf16> -> !pack.block<3000x1024, #pack.format<f16>, rows>
      %2 = pack.relayout %1 : !pack.block<3000x1024, #pack.format<f16>, rows> -> !pack.block<3000x1024, #pack.format<f16>, tiles>
      pack.yield %2 : !pack.block<3000x1024, #pack.format<f16>, tiles>
    })");
  ASSERT_EQ(values.size(), 3008u * 1024);
  for (size_t row = 0; row < 3000; ++row)
    for (size_t k = 0; k < 1024; ++k)
      ASSERT_EQ(values[(row / 16 * 1024 + k) * 16 + row % 16], rows[row * 1024 + k])
          << row << ", " << k;
}

TEST_F(WeightWriter, NamesAFileThatEndsEarlyOrIsMissing) {
  const char *text = R"(pack.weight @w : !pack.block<4, #pack.format<f32>, rows> {
      %0 = pack.slice "m.safetensors" at 8 : !pack.source<4xf32>
      %1 = pack.quantize %0 : !pack.source<4xf32> -> !pack.block<4, #pack.format<f32>, rows>
      pack.yield %1 : !pack.block<4, #pack.format<f32>, rows>
    })";
  std::string problem;
  written<char>(text, &problem);
  EXPECT_NE(problem.find("m.safetensors: error: cannot be read: No such file"), std::string::npos)
      << problem;
  source<float>("m.safetensors", {1, 2, 3});
  written<char>(text, &problem);
  EXPECT_NE(problem.find("m.safetensors: error: ends at byte 12, but a tensor has 12 more"),
            std::string::npos)
      << problem;
}

// Codes and scales of MXFP4 that are two tensors: byte i of a group has channels 2 i and 2 i + 1, a
// block's byte j channels j and j + 16.
TEST_F(WeightWriter, ZipsCodesAndScales) {
  std::vector<uint8_t> codes, scales = {127, 126, 1};
  for (int i = 0; i < 3 * 16; ++i)
    codes.push_back(uint8_t(7 * i + 3));
  source("codes", codes);
  source("scales", scales);
  auto blocks = written<uint8_t>(
      R"(pack.weight @w : !pack.block<3x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows> {
      %0 = pack.slice "codes" at 0 : !pack.source<3x16xi8>
      %1 = pack.slice "scales" at 0 : !pack.source<3x1xi8>
      %2 = pack.zip %0, %1 : <3x16xi8>, <3x1xi8> -> <3x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
      pack.yield %2 : !pack.block<3x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
    })");
  ASSERT_EQ(blocks.size(), 3u * 17);
  for (size_t row = 0; row < 3; ++row) {
    EXPECT_EQ(blocks[row * 17], scales[row]);
    for (size_t channel = 0; channel < 32; ++channel) {
      uint8_t code = codes[row * 16 + channel / 2] >> (channel % 2 * 4) & 15;
      EXPECT_EQ(blocks[row * 17 + 1 + channel % 16] >> (channel / 16 * 4) & 15, code)
          << row << ", " << channel;
    }
  }
}

TEST_F(WeightWriter, RefusesAScaleThatIsNoNumber) {
  source("codes", std::vector<uint8_t>(2 * 16));
  source("scales", std::vector<uint8_t>{127, 255});
  std::string problem;
  written<uint8_t>(
      R"(pack.weight @w : !pack.block<2x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows> {
      %0 = pack.slice "codes" at 0 : !pack.source<2x16xi8>
      %1 = pack.slice "scales" at 0 : !pack.source<2x1xi8>
      %2 = pack.zip %0, %1 : <2x16xi8>, <2x1xi8> -> <2x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
      pack.yield %2 : !pack.block<2x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
    })",
      &problem);
  EXPECT_NE(problem.find("tensor 'w': row 1 has a block whose scale"), std::string::npos)
      << problem;
}

// Every code under every scale that is a number decodes from the tiles to what the format says.
TEST_F(WeightWriter, KeepsEveryValueOfMxfp4) {
  constexpr int kRows = 255, kMembers = 2;
  constexpr float kValues[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6};
  std::vector<uint8_t> codes(kMembers * kRows * 16), scales(kMembers * kRows);
  for (size_t i = 0; i < codes.size(); ++i)
    codes[i] = uint8_t(37 * i + i / 16);
  for (size_t row = 0; row < scales.size(); ++row)
    scales[row] = uint8_t(row % kRows);
  source("codes", codes);
  source("scales", scales);
  auto stored = written<char>(
      R"(pack.weight @w : !pack.block<2x255x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles> {
      %0 = pack.slice "codes" at 0 : !pack.source<2x255x16xi8>
      %1 = pack.slice "scales" at 0 : !pack.source<2x255x1xi8>
      %2 = pack.zip %0, %1 : <2x255x16xi8>, <2x255x1xi8> -> <2x255x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
      %3 = pack.relayout %2 : <2x255x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows> -> <2x255x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>
      pack.yield %3 : !pack.block<2x255x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>
    })");
  auto weight = *module->getOps<pack::WeightOp>().begin();
  std::vector<float> values(kMembers * kRows * 32);
  pack::decode(mlir::cast<pack::BlockType>(weight.getType()), stored, values);
  for (size_t i = 0; i < values.size(); ++i) {
    uint8_t code = codes[i / 2] >> (i % 2 * 4) & 15;
    ASSERT_EQ(values[i], std::ldexp(kValues[code], int(scales[i / 32]) - 127)) << i;
  }
}

// Each matrix of a stack is whole tiles; the rows of its two halves took turns in the file, where
// they were columns.
TEST_F(WeightWriter, LaysStacksInTiles) {
  constexpr int kMembers = 2, kRows = 6, kChannels = 3;
  std::vector<float> columns(kMembers * kChannels * kRows);
  for (size_t i = 0; i < columns.size(); ++i)
    columns[i] = float(i + 1);
  source("m", columns);
  auto tiles = written<float>(R"(pack.weight @w : !pack.block<2x6x3, #pack.format<f32>, tiles> {
      %0 = pack.slice "m" at 0 : !pack.source<2x3x6xf32>
      %1 = pack.transpose %0 : <2x3x6xf32> -> <2x6x3xf32>
      %2 = pack.permute %1 heads of 6 along 1 : !pack.source<2x6x3xf32>
      %3 = pack.quantize %2 : <2x6x3xf32> -> <2x6x3, #pack.format<f32>, rows>
      %4 = pack.relayout %3 : <2x6x3, #pack.format<f32>, rows> -> <2x6x3, #pack.format<f32>, tiles>
      pack.yield %4 : !pack.block<2x6x3, #pack.format<f32>, tiles>
    })");
  ASSERT_EQ(tiles.size(), size_t(kMembers * kChannels * 16));
  for (int member = 0; member < kMembers; ++member)
    for (int row = 0; row < 16; ++row)
      for (int channel = 0; channel < kChannels; ++channel) {
        int from = row < 3 ? 2 * row : 2 * (row - 3) + 1;
        float expected = row < kRows ? columns[(member * kChannels + channel) * kRows + from] : 0;
        EXPECT_EQ(tiles[(member * kChannels + channel) * 16 + row], expected)
            << member << ", " << row << ", " << channel;
      }
}

// Of the heads of one matrix a stack of some rows, and of the others one that is transposed.
TEST_F(WeightWriter, SelectsRowsOfHeads) {
  constexpr int kHeads = 2, kFirst = 3, kOthers = 2, kChannels = 4;
  std::vector<float> rows(kHeads * (kFirst + kOthers) * kChannels);
  for (size_t i = 0; i < rows.size(); ++i)
    rows[i] = float(i + 1);
  source("m", rows);
  auto at = [&](int head, int row, int channel) {
    return rows[(head * (kFirst + kOthers) + row) * kChannels + channel];
  };
  auto transposed = written<float>(R"(pack.weight @w : !pack.block<2x4x3, #pack.format<f32>, rows> {
      %0 = pack.slice "m" at 0 : !pack.source<10x4xf32>
      %1 = pack.select %0 from 0 of 5 : !pack.source<10x4xf32> -> !pack.source<2x3x4xf32>
      %2 = pack.transpose %1 : <2x3x4xf32> -> <2x4x3xf32>
      %3 = pack.quantize %2 : <2x4x3xf32> -> <2x4x3, #pack.format<f32>, rows>
      pack.yield %3 : !pack.block<2x4x3, #pack.format<f32>, rows>
    })");
  auto others = written<float>(R"(pack.weight @w : !pack.block<2x2x4, #pack.format<f32>, rows> {
      %0 = pack.slice "m" at 0 : !pack.source<10x4xf32>
      %1 = pack.select %0 from 3 of 5 : !pack.source<10x4xf32> -> !pack.source<2x2x4xf32>
      %2 = pack.quantize %1 : <2x2x4xf32> -> <2x2x4, #pack.format<f32>, rows>
      pack.yield %2 : !pack.block<2x2x4, #pack.format<f32>, rows>
    })");
  ASSERT_EQ(transposed.size(), size_t(kHeads * kFirst * kChannels));
  ASSERT_EQ(others.size(), size_t(kHeads * kOthers * kChannels));
  for (int head = 0; head < kHeads; ++head)
    for (int channel = 0; channel < kChannels; ++channel) {
      for (int row = 0; row < kFirst; ++row)
        EXPECT_EQ(transposed[(head * kChannels + channel) * kFirst + row], at(head, row, channel));
      for (int row = 0; row < kOthers; ++row)
        EXPECT_EQ(others[(head * kOthers + row) * kChannels + channel],
                  at(head, kFirst + row, channel));
    }
}

// Codes 1, -1, 2 and 448 in rows of three; blocks of two rows and two channels have a scale each,
// and what they stand for is transposed like any floats.
TEST_F(WeightWriter, RescalesFloatsOf8Bits) {
  source<uint8_t>("c", {0x38, 0xb8, 0x40, 0x38, 0x38, 0x38, 0x40, 0x7e, 0xb8});
  source<float>("s", {1, 10, 100, 1000});
  auto values = written<float>(R"(pack.weight @w : !pack.block<3x3, #pack.format<f32>, rows> {
      %0 = pack.slice "c" at 0 : !pack.source<3x3xf8E4M3FN>
      %1 = pack.slice "s" at 0 : !pack.source<2x2xf32>
      %2 = pack.rescale %0, %1 blocks of 2 : <3x3xf8E4M3FN>, <2x2xf32> -> <3x3xf32>
      %3 = pack.transpose %2 : <3x3xf32> -> <3x3xf32>
      %4 = pack.quantize %3 : <3x3xf32> -> <3x3, #pack.format<f32>, rows>
      pack.yield %4 : !pack.block<3x3, #pack.format<f32>, rows>
    })");
  EXPECT_EQ(values, (std::vector<float>{1, 1, 200, -1, 1, 44800, 20, 10, -1000}));
}

// The biases of two stacks join in each member.
TEST_F(WeightWriter, JoinsTheMembersOfStacks) {
  source<float>("m", {1, 2, 3, 4, 5, 6, 7, 8});
  auto values = written<float>(
      R"(pack.weight @b role vectors : !pack.block<2x4, #pack.format<f32>, rows> {
      %0 = pack.slice "m" at 0 : !pack.source<2x2xf32>
      %1 = pack.slice "m" at 16 : !pack.source<2x2xf32>
      %2 = pack.concat %0, %1 along 1 : !pack.source<2x2xf32>, !pack.source<2x2xf32> -> !pack.source<2x4xf32>
      %3 = pack.quantize %2 : <2x4xf32> -> <2x4, #pack.format<f32>, rows>
      pack.yield %3 : !pack.block<2x4, #pack.format<f32>, rows>
    })");
  EXPECT_EQ(values, (std::vector<float>{1, 2, 5, 6, 3, 4, 7, 8}));
}

// Of a head of 8 rows the first four turn: pairs are torn apart, halves are moved, and half of the
// rows that stay follows each side.
TEST_F(WeightWriter, PermutesThePartOfAHeadThatTurns) {
  source<float>("m", {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17});
  auto written = [&](const std::string &how) {
    return this->written<float>("pack.weight @b : !pack.block<16, #pack.format<f32>, rows> {"
                                "%0 = pack.slice \"m\" at 0 : !pack.source<16xf32>"
                                "%1 = pack.permute %0 heads of 8 turned 4" +
                                how +
                                " : !pack.source<16xf32>"
                                "%2 = pack.quantize %1 : !pack.source<16xf32> -> <16, "
                                "#pack.format<f32>, rows>"
                                "pack.yield %2 : !pack.block<16, #pack.format<f32>, rows> }");
  };
  EXPECT_EQ(written(""),
            (std::vector<float>{0, 2, 4, 5, 1, 3, 6, 7, 10, 12, 14, 15, 11, 13, 16, 17}));
  EXPECT_EQ(written(" in halves"),
            (std::vector<float>{0, 1, 4, 5, 2, 3, 6, 7, 10, 11, 14, 15, 12, 13, 16, 17}));
}

// Tensors of each expert follow each other: gate and up of one are a member, whose tiles are filled
// up.
TEST_F(WeightWriter, StacksTensorsOfExperts) {
  std::vector<float> values(8); // four matrices of one row of two channels
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = float(i + 1);
  source("m", values);
  auto tiles = written<float>(R"(pack.weight @w : !pack.block<2x2x2, #pack.format<f32>, tiles> {
      %0 = pack.slice "m" at 0 : !pack.source<1x2xf32>
      %1 = pack.slice "m" at 8 : !pack.source<1x2xf32>
      %2 = pack.slice "m" at 16 : !pack.source<1x2xf32>
      %3 = pack.slice "m" at 24 : !pack.source<1x2xf32>
      %4 = pack.stack %2, %0, %3, %1 : !pack.source<1x2xf32>, !pack.source<1x2xf32>, !pack.source<1x2xf32>, !pack.source<1x2xf32> -> !pack.source<2x2x2xf32>
      %5 = pack.quantize %4 : <2x2x2xf32> -> <2x2x2, #pack.format<f32>, rows>
      %6 = pack.relayout %5 : <2x2x2, #pack.format<f32>, rows> -> <2x2x2, #pack.format<f32>, tiles>
      pack.yield %6 : !pack.block<2x2x2, #pack.format<f32>, tiles>
    })");
  ASSERT_EQ(tiles.size(), size_t(2 * 2 * 16)); // [member][channel][row of the tile]
  const float kRows[2][2][2] = {{{5, 6}, {1, 2}}, {{7, 8}, {3, 4}}};
  for (int member = 0; member < 2; ++member)
    for (int channel = 0; channel < 2; ++channel)
      for (int row = 0; row < 16; ++row)
        EXPECT_EQ(tiles[(member * 2 + channel) * 16 + row],
                  row < 2 ? kRows[member][row][channel] : 0)
            << member << ", " << channel << ", " << row;
}

/// One row of blocks with codes 0, 1, ... 31 from `first` on, and the given scale.
std::vector<uint8_t> row8(uint8_t first, uint16_t scale) {
  std::vector<uint8_t> row{uint8_t(scale), uint8_t(scale >> 8)};
  for (int k = 0; k < 32; ++k)
    row.push_back(uint8_t(first + k));
  return row;
}

// Rows of GGUF's llama files have the halves of a head interleaved: row 2 i + h of a head is its
// row i + h * size / 2. Blocks move whole.
TEST_F(WeightWriter, PermutesRowsOfBlocks) {
  std::vector<uint8_t> rows;
  for (uint8_t row = 0; row < 4; ++row)
    llvm::append_range(rows, row8(uint8_t(32 * row), uint16_t(0x3c00 + row)));
  source("m", rows);
  auto values = written<uint8_t>(
      R"(pack.weight @w : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows> {
      %0 = pack.slice "m" at 0 : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows>
      %1 = pack.permute %0 heads of 4 : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows>
      pack.yield %1 : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows>
    })");
  std::vector<uint8_t> expected;
  for (uint8_t row : {0, 2, 1, 3})
    llvm::append_range(expected, row8(uint8_t(32 * row), uint16_t(0x3c00 + row)));
  EXPECT_EQ(values, expected);
}

// Tiles of blocks: codes as unsigned bytes, four channels of a row beside each other, then the
// scales of 16 rows.
TEST_F(WeightWriter, LaysBlocksInTiles) {
  std::vector<uint8_t> rows = row8(0, 0x3c00);
  llvm::append_range(rows, row8(100, 0x4000));
  source("m", rows);
  auto tile = written<uint8_t>(
      R"(pack.weight @w : !pack.block<2x32, #pack.format<i8, group = 32, scale = f16>, tiles> {
      %0 = pack.slice "m" at 0 : !pack.block<2x32, #pack.format<i8, group = 32, scale = f16>, rows>
      %1 = pack.relayout %0 : !pack.block<2x32, #pack.format<i8, group = 32, scale = f16>, rows> -> !pack.block<2x32, #pack.format<i8, group = 32, scale = f16>, tiles>
      pack.yield %1 : !pack.block<2x32, #pack.format<i8, group = 32, scale = f16>, tiles>
    })");
  ASSERT_EQ(tile.size(), 576u); // 16 * (32 + 2), whole lines
  for (size_t k = 0; k < 32; ++k)
    for (size_t row : {0, 1})
      EXPECT_EQ(tile[k / 4 * 64 + row * 4 + k % 4], uint8_t(128 + 100 * row + k)) << row << k;
  EXPECT_EQ(tile[513], 0x3c);
  EXPECT_EQ(tile[515], 0x40);
  EXPECT_EQ(tile[517], 0);
}

// No code stands for a number that is not finite; the tensor is named.
TEST_F(WeightWriter, RefusesToQuantizeWhatIsNotFinite) {
  std::vector<float> values(64, 1.0f);
  values[40] = __builtin_inff();
  source("m", values);
  std::string problem;
  written<char>(
      R"(pack.weight @w : !pack.block<2x32, #pack.format<i8, group = 32, scale = f16>, rows> {
      %0 = pack.slice "m" at 0 : !pack.source<2x32xf32>
      %1 = pack.quantize %0 : !pack.source<2x32xf32> -> !pack.block<2x32, #pack.format<i8, group = 32, scale = f16>, rows>
      pack.yield %1 : !pack.block<2x32, #pack.format<i8, group = 32, scale = f16>, rows>
    })",
      &problem);
  EXPECT_NE(problem.find("not finite"), std::string::npos) << problem;
}

// A scale that is infinite or no number would spread over everything: the tensor and the row of the
// file are named, whether blocks are kept or decoded, and whatever order the recipe puts rows in.
TEST_F(WeightWriter, RefusesBlocksWhoseScaleIsNotFinite) {
  std::vector<uint8_t> rows;
  for (uint16_t scale : {0x3c00, 0x7c00, 0x3c00, 0x3c00})
    llvm::append_range(rows, row8(0, scale));
  source("m", rows);
  std::string kept, decoded;
  written<char>(
      R"(pack.weight @w : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows> {
      %0 = pack.slice "m" at 0 : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows>
      %1 = pack.permute %0 heads of 4 : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows>
      pack.yield %1 : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows>
    })",
      &kept);
  written<char>(R"(pack.weight @w : !pack.block<4x32, #pack.format<f32>, rows> {
      %0 = pack.slice "m" at 0 : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows>
      %1 = pack.dequantize %0 : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows> -> !pack.source<4x32xf32>
      %2 = pack.quantize %1 : !pack.source<4x32xf32> -> !pack.block<4x32, #pack.format<f32>, rows>
      pack.yield %2 : !pack.block<4x32, #pack.format<f32>, rows>
    })",
                &decoded);
  for (const std::string &problem : {kept, decoded})
    EXPECT_NE(problem.find("tensor 'w': row 1 has a block whose scale"), std::string::npos)
        << problem;
}

// Blocks without a format are decoded: of TQ2_0 code 2 is one, 1 is zero and 0 minus one.
TEST_F(WeightWriter, DecodesBlocksWithoutAFormat) {
  std::vector<uint8_t> block(66, 0b10'01'00'10);
  block[64] = 0x00, block[65] = 0x40; // 2
  source("m", block);
  auto values = written<float>(R"(pack.weight @w : !pack.block<1x256, #pack.format<f32>, rows> {
      %0 = pack.slice "m" at 0 {blocks = "TQ2_0"} : !pack.source<1x256xf32>
      %1 = pack.quantize %0 : !pack.source<1x256xf32> -> !pack.block<1x256, #pack.format<f32>, rows>
      pack.yield %1 : !pack.block<1x256, #pack.format<f32>, rows>
    })");
  ASSERT_EQ(values.size(), 256u);
  for (size_t i = 0; i < 256; ++i)
    EXPECT_EQ(values[i], std::vector<float>({2, -2, 0, 2})[i / 32 % 4]) << i;
}

TEST_F(WeightWriter, RefusesAStepThatItDoesNotKnow) {
  source("m", std::vector<float>(4));
  std::string problem;
  written<char>(R"(pack.weight @w : !pack.block<4, #pack.format<f32>, rows> {
      %0 = pack.slice "m" at 0 : !pack.source<4xf32>
      %1 = builtin.unrealized_conversion_cast %0 : !pack.source<4xf32> to !pack.block<4, #pack.format<f32>, rows>
      pack.yield %1 : !pack.block<4, #pack.format<f32>, rows>
    })",
                &problem);
  EXPECT_NE(problem.find("unknown step 'builtin.unrealized_conversion_cast'"), std::string::npos)
      << problem;
}

} // namespace
