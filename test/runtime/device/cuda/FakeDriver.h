// A driver of a card that does not exist. Its memory is the host's, its kernels are functions of
// the test, and what is put on a stream is done at once, or kept where the stream is captured.
#pragma once

#include "runtime/device/cuda/Driver.h"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace osscc::rt::test {

/// What a kernel is called with.
struct Launch {
  std::vector<unsigned> grid, block;
  unsigned sharedBytes = 0;
  std::vector<uint64_t> arguments; ///< 8 bytes each
};

struct FakeKernel {
  std::string name;
  size_t arguments = 0;
  std::function<void(const Launch &)> body;
};

/// The card's and the driver's state; one at a time.
struct FakeDriver {
  FakeDriver();
  ~FakeDriver();
  FakeDriver(const FakeDriver &) = delete;

  /// The table that a program would have from openDriver().
  cuda::Driver table() const;

  /// Lets the call of an entry point fail with `code`, after `passing` calls that succeed.
  void failLater(const std::string &entry, int code, int passing = 0) {
    failures[entry] = {code, passing};
  }
  int countOf(const std::string &entry) const;

  // What the card is.
  std::string name = "NVIDIA Test";
  int devices = 1, major = 8, minor = 9, version = 12040;
  size_t memory = size_t(1) << 30;

  // What it takes.
  std::vector<FakeKernel> kernels;
  std::vector<std::string> refusedImages; ///< whose data begins with one of these: code 209

  // What was done.
  std::map<std::string, int> calls;
  std::map<cuda::Address, std::vector<uint8_t>> blocks; ///< of the device
  size_t taken = 0;
  std::vector<std::string> loaded; ///< images
  std::map<std::string, int> shared;
  size_t largestCopy = 0;

  struct Failure {
    int code, passing;
  };
  std::map<std::string, Failure> failures;

  // Streams and graphs.
  using Work = std::function<void()>;
  std::deque<std::vector<Work>> graphs;
  bool isCapturing = false;
  std::vector<Work> captured;
  void put(Work work);
};

} // namespace osscc::rt::test
