/// Runs PTX through the driver's interface: through the stand-in, or through what OSSCC_CUDA_DRIVER
/// names, so that the same tests hold a card to it.
#ifndef OSSCC_TEST_CUDA_GPU_H
#define OSSCC_TEST_CUDA_GPU_H

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace osscc::standin {

using Address = unsigned long long; // of device memory

/// A function of the driver.
void *driverSymbol(const char *name);

template <typename... Arguments> int cuda(const char *name, Arguments... arguments) {
  return reinterpret_cast<int (*)(Arguments...)>(driverSymbol(name))(arguments...);
}

/// Where and how large a launch is.
struct Shape {
  unsigned blocks = 1, threads = 32, sharedBytes = 0;
};

class Gpu : public testing::Test {
protected:
  void SetUp() override;
  void TearDown() override;

  /// Loads a text; the version, the target and the size of addresses are put before it. Null, with
  /// `log`, if it is refused.
  void *load(const std::string &body, int sm = 80);
  void *kernel(void *module, const char *name);
  Address copied(const void *bytes, size_t size);
  template <typename T> Address copied(const std::vector<T> &values) {
    return copied(values.data(), values.size() * sizeof(T));
  }
  template <typename T> std::vector<T> read(Address from, size_t count) {
    std::vector<T> values(count);
    EXPECT_EQ(cuda("cuMemcpyDtoH_v2", static_cast<void *>(values.data()), from, count * sizeof(T)),
              0);
    return values;
  }
  /// Starts a kernel whose parameters are addresses and waits for it; the driver's code.
  int launch(void *function, Shape shape, std::vector<Address> parameters);

  /// Kernel k(in, out) of `text`, which finds `in` and leaves `outBytes` bytes.
  template <typename Out, typename In>
  std::vector<Out> run(const std::string &text, Shape shape, const std::vector<In> &in, size_t outs,
                       int sm = 80) {
    void *module = load(text, sm);
    if (!module)
      return {};
    std::vector<Out> empty(outs);
    Address from = copied(in), to = copied(empty);
    EXPECT_EQ(launch(kernel(module, "k"), shape, {from, to}), 0);
    return read<Out>(to, outs);
  }

  using Words = std::array<uint32_t, 4>;
  /// What a piece of PTX leaves in %o, for each input in %a, %b, %c, %d. It may use %t0.., %h0..,
  /// %l0.., %p0.. as it likes.
  std::vector<uint32_t> each(const std::string &body, const std::vector<Words> &inputs,
                             int sm = 80);

  std::string log;

private:
  std::vector<void *> modules;
  std::vector<Address> memory;
};

/// The beginning and the end of kernel k, of which %in and %out are the addresses and %tid the
/// thread in its block.
std::string kernelText(const std::string &body, const std::string &before = "");

/// Numbers that look random, from a seed.
std::vector<uint32_t> randomWords(size_t count, uint32_t seed);

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_GPU_H
