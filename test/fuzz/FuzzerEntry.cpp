// libFuzzer's entry; compiled once a target, with OSSCC_FUZZ_READER naming the reader.
#include "test/fuzz/Readers.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
  osscc::fuzz::OSSCC_FUZZ_READER({reinterpret_cast<const char *>(data), bytes});
  return 0;
}
