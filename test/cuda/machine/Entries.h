/// The functions that translated kernels call.
#ifndef OSSCC_TEST_CUDA_MACHINE_ENTRIES_H
#define OSSCC_TEST_CUDA_MACHINE_ENTRIES_H

#include <cstdint>
#include <string>
#include <vector>

namespace osscc::standin {

struct Entry {
  const char *name;
  void *address;
};

/// All of them, by their names in translated code.
std::vector<Entry> entries();

// Each room's part.
std::vector<Entry> memoryEntries();
std::vector<Entry> warpEntries();
std::vector<Entry> matrixEntries();
std::vector<Entry> asyncEntries();
std::vector<Entry> mathEntries();

/// A function's address as a table holds it.
template <typename Fn> void *addressOf(Fn *function) {
  return reinterpret_cast<void *>(function);
}

/// What the words of an mma instruction are. Counts are of 32-bit words of a lane.
struct MmaShape {
  std::string name; // "m16n8k16.f32.bf16.bf16.f32"
  int k;
  int a, b, c, d;
};

/// The shapes that the machine multiplies; an instruction names one by its place here.
const std::vector<MmaShape> &mmaShapes();

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_MACHINE_ENTRIES_H
