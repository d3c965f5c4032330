// The main of the executables that BundleWriterTest links: finds the payload by the program
// headers, as the runtime does, and prints what it says. It also throws and catches, which needs
// the unwinder of the shipped libraries.
#include "runtime/bundle/Payload.h"

#include <cstdio>
#include <elf.h>
#include <stdexcept>
#include <sys/auxv.h>

// Stands for the byte that reservePayload adds.
__attribute__((section(".osscc"), used, retain)) static const char kPlace = 0;

using namespace osscc::bundle;

int main() {
  auto *program = reinterpret_cast<const Elf64_Phdr *>(getauxval(AT_PHDR));
  for (unsigned long i = 0; i < getauxval(AT_PHNUM); ++i) {
    if (program[i].p_type != PT_LOAD || program[i].p_flags != PF_R ||
        program[i].p_filesz < sizeof(PayloadHeader))
      continue;
    auto *bytes = reinterpret_cast<const char *>(program[i].p_vaddr);
    PayloadHeader header;
    std::memcpy(&header, bytes, sizeof header);
    if (std::memcmp(header.magic, kPayloadMagic, sizeof header.magic) != 0)
      continue;
    try {
      if (const char *problem = payloadProblem(header, program[i].p_filesz))
        throw std::runtime_error(problem);
      if (checksum(bytes + header.weights_offset, header.weights_bytes) != header.weights_sum)
        throw std::runtime_error("the weights are damaged");
      if (checksum(bytes + header.index_offset, header.index_bytes) != header.index_sum)
        throw std::runtime_error("the index is damaged");
      throw 0;
    } catch (const std::runtime_error &problem) {
      std::printf("%s\n", problem.what());
      return 74;
    } catch (int) {
      std::printf("weights %016llx\n", static_cast<unsigned long long>(header.weights_sum));
      return 0;
    }
  }
  std::printf("no payload\n");
  return 1;
}
