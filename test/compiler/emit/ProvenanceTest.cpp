#include "compiler/emit/Provenance.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace osscc {
namespace {

/// The hash of a file of `bytes` zeros, which take no space on the disk.
std::string hashOfZeros(uint64_t bytes) {
  std::string path = testing::TempDir() + "osscc-zeros-" + std::to_string(bytes);
  std::ofstream(path).close();
  std::filesystem::resize_file(path, bytes);
  ProvenanceReader reader({path});
  auto sources = reader.take();
  std::filesystem::remove(path);
  if (!sources)
    return llvm::toString(sources.takeError());
  EXPECT_EQ(sources->front()->bytes, bytes);
  return sources->front()->sha256;
}

// Expected values are sha256sum's.
TEST(Provenance, HashesASmallFile) {
  EXPECT_EQ(hashOfZeros(3), "709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c");
}

// A count of bits in 32 bits ends at 512 MB.
TEST(Provenance, HashesAFileOfMoreThan512Megabytes) {
  EXPECT_EQ(hashOfZeros(600 << 20),
            "987523e7780392e283b404990c4e84e580bc75c451138b0c86c4f81c296eeebe");
}

// A compilation that fails does not wait for the hash of a large checkpoint: this one has no end.
TEST(Provenance, StopsWhenNobodyWantsIt) {
  ProvenanceReader reader({"/dev/zero"});
}

} // namespace
} // namespace osscc
