// aarch64: the table from LLVM's feature names to what Linux tells of the CPUs. On a machine of big
// and little cores it tells what all of them have.
// Source: Documentation/arch/arm64/elf_hwcaps.rst; names:
// llvm/TargetParser/AArch64TargetParserDef.inc.
#include "runtime/device/ArmFeatures.h"

#include "runtime/device/CpuFeatures.h"

#include <algorithm>
#include <sys/auxv.h>

namespace osscc::rt {
namespace {

struct Feature {
  std::string_view name;
  unsigned long word; ///< Of the auxiliary vector.
  int bit;
};

constexpr Feature kFeatures[] = {
    {"fp-armv8", AT_HWCAP, 0},   {"neon", AT_HWCAP, 1},     {"aes", AT_HWCAP, 3},
    {"sha2", AT_HWCAP, 6},       {"crc", AT_HWCAP, 7},      {"lse", AT_HWCAP, 8},
    {"fullfp16", AT_HWCAP, 10},  {"rdm", AT_HWCAP, 12},     {"jsconv", AT_HWCAP, 13},
    {"complxnum", AT_HWCAP, 14}, {"rcpc", AT_HWCAP, 15},    {"sha3", AT_HWCAP, 17},
    {"sm4", AT_HWCAP, 19},       {"dotprod", AT_HWCAP, 20}, {"sve", AT_HWCAP, 22},
    {"fp16fml", AT_HWCAP, 23},   {"sve2", AT_HWCAP2, 1},    {"i8mm", AT_HWCAP2, 13},
    {"bf16", AT_HWCAP2, 14},
};

} // namespace

bool armHas(ArmCapabilities capabilities, std::string_view name) {
  const auto *found = std::ranges::find(kFeatures, name, &Feature::name);
  if (found == std::end(kFeatures))
    return false;
  unsigned long word = found->word == AT_HWCAP ? capabilities.first : capabilities.second;
  return (word >> found->bit & 1) != 0;
}

std::string_view fittingArmTarget(ArmCapabilities capabilities) {
  if (!armHas(capabilities, "lse") || !armHas(capabilities, "dotprod"))
    return "armv8-a";
  return armHas(capabilities, "i8mm") ? "armv8.6-a" : "armv8.4-a";
}

#if defined(__aarch64__)

static ArmCapabilities ofThisMachine() {
  return {getauxval(AT_HWCAP), getauxval(AT_HWCAP2)};
}

bool cpuHas(std::string_view name) {
  return armHas(ofThisMachine(), name);
}

std::string_view fittingTarget() {
  return fittingArmTarget(ofThisMachine());
}

#endif

} // namespace osscc::rt
