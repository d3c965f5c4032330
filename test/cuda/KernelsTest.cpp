// Whole kernels as clang writes them: Inputs/kernels.c.
#include "test/cuda/Gpu.h"

#include <bit>
#include <cmath>
#include <fstream>
#include <sstream>

namespace osscc::standin {
namespace {

struct Kernels : Gpu {
  void *module = nullptr;

  void SetUp() override {
    Gpu::SetUp();
    std::stringstream text;
    text << std::ifstream(OSSCC_STANDIN_INPUTS "/kernels.ptx").rdbuf();
    module = load(text.str());
    ASSERT_TRUE(module) << log;
  }
  std::vector<float> random(size_t count, uint32_t seed) {
    std::vector<float> values(count);
    std::vector<uint32_t> words = randomWords(count, seed);
    for (size_t i = 0; i < count; ++i)
      values[i] = float(int32_t(words[i])) / 0x1p31f;
    return values;
  }
  int start(const char *name, Shape shape, std::vector<Address> addresses, int number) {
    addresses.push_back(Address(number)); // the driver takes its first four bytes
    return launch(kernel(module, name), shape, addresses);
  }
  void near(const std::vector<float> &found, const std::vector<double> &expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i)
      ASSERT_NEAR(found[i], expected[i], 1e-4) << i;
  }
};

TEST_F(Kernels, ProductsWithAVector) {
  constexpr size_t kRows = 24, kK = 520;
  std::vector<float> w = random(kRows * kK, 1), x = random(kK, 2), y(kRows);
  std::vector<uint16_t> narrow(w.size());
  std::vector<double> expected(kRows);
  for (size_t i = 0; i < w.size(); ++i) {
    narrow[i] = uint16_t(std::bit_cast<uint32_t>(w[i]) >> 16);
    expected[i / kK] += double(std::bit_cast<float>(uint32_t(narrow[i]) << 16)) * x[i % kK];
  }
  Address to = copied(y);
  ASSERT_EQ(start("rows", {kRows / 8, 256, 0}, {copied(narrow), copied(x), to}, kK), 0);
  near(read<float>(to, kRows), expected);
}

TEST_F(Kernels, ProductsByTiles) {
  constexpr size_t kN = 64;
  std::vector<float> a = random(kN * kN, 3), b = random(kN * kN, 4);
  std::vector<double> expected(kN * kN);
  for (size_t i = 0; i < kN; ++i)
    for (size_t j = 0; j < kN; ++j)
      for (size_t k = 0; k < kN; ++k)
        expected[i * kN + j] += double(a[i * kN + k]) * b[k * kN + j];
  Address to = copied(std::vector<float>(kN * kN));
  ASSERT_EQ(start("tiles", {kN * kN / 256, 256, 0}, {copied(a), copied(b), to}, kN), 0);
  near(read<float>(to, kN * kN), expected);
}

TEST_F(Kernels, Softmax) {
  constexpr size_t kRows = 3, kN = 777;
  std::vector<float> x = random(kRows * kN, 5);
  std::vector<double> expected(x.size());
  for (size_t row = 0; row < kRows; ++row) {
    double sum = 0;
    for (size_t i = row * kN; i < (row + 1) * kN; ++i)
      sum += expected[i] = std::exp(double(x[i]));
    for (size_t i = row * kN; i < (row + 1) * kN; ++i)
      expected[i] /= sum;
  }
  Address to = copied(std::vector<float>(x.size()));
  ASSERT_EQ(start("softmax", {kRows, 128, 0}, {copied(x), to}, kN), 0);
  near(read<float>(to, x.size()), expected);
}

} // namespace
} // namespace osscc::standin
