// x86-64: the table from LLVM's feature names to CPUID bits.
// Source: Intel SDM volume 2, CPUID; AMD APM volume 3, appendix E; names:
// llvm/TargetParser/X86TargetParser.def.
#if defined(__x86_64__)

#include "runtime/device/CpuFeatures.h"

#include <algorithm>
#include <array>
#include <cpuid.h>
#include <cstdint>
#include <sys/syscall.h>
#include <unistd.h>

namespace osscc::rt {
namespace {

enum Register { kEax, kEbx, kEcx, kEdx };
enum Leaf { kLeaf1, kLeaf7, kLeaf7Sub1, kLeaf13Sub1, kExtended1, kExtended8, kLeafCount };

/// What XCR0 must hold before the registers of a feature survive a task switch.
enum OsState : uint32_t { kNone = 0, kAvx = 0x6, kAvx512 = 0xe6, kAmx = 0x60000 };

struct Feature {
  std::string_view name;
  Leaf leaf;
  Register reg;
  int bit;
  OsState os = kNone;
};

constexpr Feature kFeatures[] = {
    {"cmov", kLeaf1, kEdx, 15},
    {"cx8", kLeaf1, kEdx, 8},
    {"mmx", kLeaf1, kEdx, 23},
    {"fxsr", kLeaf1, kEdx, 24},
    {"sse", kLeaf1, kEdx, 25},
    {"sse2", kLeaf1, kEdx, 26},
    {"x87", kLeaf1, kEdx, 0},
    {"sse3", kLeaf1, kEcx, 0},
    {"pclmul", kLeaf1, kEcx, 1},
    {"ssse3", kLeaf1, kEcx, 9},
    {"fma", kLeaf1, kEcx, 12, kAvx},
    {"cx16", kLeaf1, kEcx, 13},
    {"sse4.1", kLeaf1, kEcx, 19},
    {"sse4.2", kLeaf1, kEcx, 20},
    {"crc32", kLeaf1, kEcx, 20},
    {"movbe", kLeaf1, kEcx, 22},
    {"popcnt", kLeaf1, kEcx, 23},
    {"aes", kLeaf1, kEcx, 25},
    {"xsave", kLeaf1, kEcx, 27},
    {"avx", kLeaf1, kEcx, 28, kAvx},
    {"f16c", kLeaf1, kEcx, 29, kAvx},
    {"rdrnd", kLeaf1, kEcx, 30},
    {"fsgsbase", kLeaf7, kEbx, 0},
    {"bmi", kLeaf7, kEbx, 3},
    {"avx2", kLeaf7, kEbx, 5, kAvx},
    {"bmi2", kLeaf7, kEbx, 8},
    {"invpcid", kLeaf7, kEbx, 10},
    {"avx512f", kLeaf7, kEbx, 16, kAvx512},
    {"avx512dq", kLeaf7, kEbx, 17, kAvx512},
    {"rdseed", kLeaf7, kEbx, 18},
    {"adx", kLeaf7, kEbx, 19},
    {"avx512ifma", kLeaf7, kEbx, 21, kAvx512},
    {"clflushopt", kLeaf7, kEbx, 23},
    {"clwb", kLeaf7, kEbx, 24},
    {"avx512cd", kLeaf7, kEbx, 28, kAvx512},
    {"sha", kLeaf7, kEbx, 29},
    {"avx512bw", kLeaf7, kEbx, 30, kAvx512},
    {"avx512vl", kLeaf7, kEbx, 31, kAvx512},
    {"avx512vbmi", kLeaf7, kEcx, 1, kAvx512},
    {"pku", kLeaf7, kEcx, 4},
    {"waitpkg", kLeaf7, kEcx, 5},
    {"avx512vbmi2", kLeaf7, kEcx, 6, kAvx512},
    {"shstk", kLeaf7, kEcx, 7},
    {"gfni", kLeaf7, kEcx, 8},
    {"vaes", kLeaf7, kEcx, 9, kAvx},
    {"vpclmulqdq", kLeaf7, kEcx, 10, kAvx},
    {"avx512vnni", kLeaf7, kEcx, 11, kAvx512},
    {"avx512bitalg", kLeaf7, kEcx, 12, kAvx512},
    {"avx512vpopcntdq", kLeaf7, kEcx, 14, kAvx512},
    {"rdpid", kLeaf7, kEcx, 22},
    {"cldemote", kLeaf7, kEcx, 25},
    {"movdiri", kLeaf7, kEcx, 27},
    {"movdir64b", kLeaf7, kEcx, 28},
    {"avx512vp2intersect", kLeaf7, kEdx, 8, kAvx512},
    {"serialize", kLeaf7, kEdx, 14},
    {"amx-bf16", kLeaf7, kEdx, 22, kAmx},
    {"avx512fp16", kLeaf7, kEdx, 23, kAvx512},
    {"amx-tile", kLeaf7, kEdx, 24, kAmx},
    {"amx-int8", kLeaf7, kEdx, 25, kAmx},
    {"avxvnni", kLeaf7Sub1, kEax, 4, kAvx},
    {"avx512bf16", kLeaf7Sub1, kEax, 5, kAvx512},
    {"avxifma", kLeaf7Sub1, kEax, 23, kAvx},
    {"avxvnniint8", kLeaf7Sub1, kEdx, 4, kAvx},
    {"avxneconvert", kLeaf7Sub1, kEdx, 5, kAvx},
    {"avxvnniint16", kLeaf7Sub1, kEdx, 10, kAvx},
    {"xsaveopt", kLeaf13Sub1, kEax, 0},
    {"xsavec", kLeaf13Sub1, kEax, 1},
    {"xsaves", kLeaf13Sub1, kEax, 3},
    {"sahf", kExtended1, kEcx, 0},
    {"lzcnt", kExtended1, kEcx, 5},
    {"sse4a", kExtended1, kEcx, 6},
    {"prfchw", kExtended1, kEcx, 8},
    {"xop", kExtended1, kEcx, 11, kAvx},
    {"fma4", kExtended1, kEcx, 16, kAvx},
    {"tbm", kExtended1, kEcx, 21},
    {"mwaitx", kExtended1, kEcx, 29},
    {"64bit", kExtended1, kEdx, 29},
    {"clzero", kExtended8, kEbx, 0},
    {"wbnoinvd", kExtended8, kEbx, 9},
};

constexpr std::string_view kLevel3 = "avx,avx2,bmi,bmi2,f16c,fma,lzcnt,movbe";
constexpr std::string_view kLevel4 = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl";

/// What the CPU says of itself. Read once: in a virtual machine each CPUID costs tens of
/// microseconds.
struct Cpu {
  std::array<std::array<uint32_t, 4>, kLeafCount> leaves{};
  uint64_t savedState = 0; ///< XCR0: what the operating system saves; 0 where XGETBV is not enabled

  Cpu() {
    uint32_t last = __get_cpuid_max(0, nullptr),
             lastExtended = __get_cpuid_max(0x80000000, nullptr);
    read(kLeaf1, 1, 0, last);
    read(kLeaf7, 7, 0, last);
    if (leaves[kLeaf7][kEax] >= 1) // the highest subleaf of leaf 7
      read(kLeaf7Sub1, 7, 1, last);
    read(kLeaf13Sub1, 13, 1, last);
    read(kExtended1, 0x80000001, 0, lastExtended);
    read(kExtended8, 0x80000008, 0, lastExtended);
    constexpr uint32_t kOsxsave = 1u << 27;
    if (leaves[kLeaf1][kEcx] & kOsxsave) {
      uint32_t low = 0, high = 0;
      __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
      savedState = uint64_t(high) << 32 | low;
    }
  }

  void read(Leaf slot, uint32_t leaf, uint32_t subleaf, uint32_t last) {
    auto &r = leaves[slot];
    if (leaf <= last)
      __cpuid_count(leaf, subleaf, r[kEax], r[kEbx], r[kEcx], r[kEdx]);
  }

  /// Whether Linux lets this process use tile registers: who does not ask is killed at the first.
  /// Source: Documentation/arch/x86/xstate.rst, ARCH_REQ_XCOMP_PERM of XFEATURE_XTILE_DATA.
  static bool mayUseTiles() {
    constexpr long kRequest = 0x1023, kTileData = 18;
    static const bool granted = syscall(SYS_arch_prctl, kRequest, kTileData) == 0;
    return granted;
  }

  bool has(const Feature &feature) const {
    return (savedState & feature.os) == feature.os &&
           (leaves[feature.leaf][feature.reg] >> feature.bit & 1) &&
           (feature.os != kAmx || mayUseTiles());
  }
};

} // namespace

bool cpuHas(std::string_view name) {
  const auto *found = std::ranges::find(kFeatures, name, &Feature::name);
  static const Cpu cpu;
  return found != std::end(kFeatures) && cpu.has(*found);
}

std::string_view fittingTarget() {
  if (!missingFeatures(kLevel3).empty())
    return "x86-64";
  return missingFeatures(kLevel4).empty() ? "x86-64-v4" : "x86-64-v3";
}

} // namespace osscc::rt

#endif
