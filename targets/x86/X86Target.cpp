// The instruction sets that kernels are written for, the blocks that suit each, and how a CPU's
// name finds the best of them. Names and features are LLVM's; what the kernels use is required, not
// all that the name implies.
#include "targets/x86/X86Target.h"

#include "targets/cpu/CpuName.h"
#include "targets/cpu/Passes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"

namespace osscc {
namespace {

/// The register tile of a matmul: `m` rows by `columns` outputs keep their accumulators, one block
/// of weights and one broadcast in registers.
struct RegisterTile {
  int64_t lanes, m, columns;
};

enum class Dot { Plain, Avx2, Vnni, Amx };

/// An instruction set that kernels are written for, and its register tiles (16 registers of 8
/// lanes, or 32 of 16).
struct Isa {
  llvm::StringRef cpu;      // LLVM's name of the set
  llvm::StringRef extra;    // features beyond that name
  llvm::StringRef features; // what the kernels use
  int64_t vectorBits;
  Dot dot; // of bytes
  RegisterTile floats, onePlane, twoPlanes;
  int64_t few;          // rows at a time of 2 to 32, over weights in blocks; 0: as many rows
  int64_t blockColumns; // outputs of one row at a time, over weights in blocks
};

#define OSSCC_AVX2 "avx,avx2,bmi,bmi2,f16c,fma,lzcnt,movbe,popcnt"
#define OSSCC_AVX512 OSSCC_AVX2 ",avx512f,avx512bw,avx512cd,avx512dq,avx512vl"

/// The best first.
const Isa kIsas[] = {
    {"x86-64-v4",
     "+avx512vnni,+amx-int8",
     OSSCC_AVX512 ",avx512vnni,amx-tile,amx-int8",
     512,
     Dot::Amx,
     {16, 8, 32},
     {16, 6, 32},
     {16, 4, 32},
     8,
     64},
    {"x86-64-v4",
     "+avx512vnni",
     OSSCC_AVX512 ",avx512vnni",
     512,
     Dot::Vnni,
     {16, 8, 32},
     {16, 6, 32},
     {16, 4, 32},
     8,
     64},
    {"x86-64-v4", "", OSSCC_AVX512, 512, Dot::Avx2, {16, 8, 32}, {8, 4, 16}, {8, 2, 16}, 0, 32},
    {"x86-64-v3",
     "+avxvnni",
     OSSCC_AVX2 ",avxvnni",
     256,
     Dot::Vnni,
     {8, 6, 16},
     {8, 3, 16},
     {8, 2, 16},
     0,
     32},
    {"x86-64-v3", "", OSSCC_AVX2, 256, Dot::Avx2, {8, 6, 16}, {8, 2, 16}, {8, 1, 16}, 0, 32},
    {"x86-64", "", "", 128, Dot::Plain, {8, 2, 16}, {8, 1, 16}, {8, 1, 16}, 0, 16},
};

#undef OSSCC_AVX2
#undef OSSCC_AVX512

/// CPUs on which few rows prefetch into the first-level cache: Intel's of 48 KiB, of which Granite
/// Rapids was measured. On a Zen 4 the second level is 1.6 times as fast.
constexpr llvm::StringLiteral kPrefetchToFirstLevel[] = {
    "icelake-client", "icelake-server", "tigerlake",       "rocketlake",   "sapphirerapids",
    "emeraldrapids",  "graniterapids",  "graniterapids-d", "diamondrapids"};

/// Measured on Zen 4 and Granite Rapids (docs/design/performance.md).
constexpr cpu::Tuning kTuning = {
    .ownChannels = 4096,
    .headStartBytes = 32 << 10, // read while the small kernels run; little beside a second level
    .headStartRows = 8,
    .cutRows = 8,
    .partialRecords = 256, // several rows, where the longest past of one takes fewer
    .headsTogether = 4,
    .outputVectors = 16,
    .groupsOfTurn = 2,
    .groupsAhead = {8, 16}, // 8 groups of four streams of 8 bits: 17 KiB
    .narrowGroupsAhead = 16,
    .shortGroupsAhead = 12,
    .shortBytes = 4 << 20,
};

using cpu::Features;

/// Sets a feature, and with it what it implies or what implies it.
void setFeature(Features &features, llvm::StringRef feature, bool enabled) {
  features[feature] = enabled;
  llvm::X86::updateImpliedFeatures(feature, enabled, features);
}

/// The best instruction set whose features are all there; the last asks for none.
const Isa &bestIsa(const Features &features) {
  return *llvm::find_if(kIsas, [&](const Isa &isa) { return cpu::hasAll(features, isa.features); });
}

class X86Target : public CpuTarget {
public:
  X86Target(llvm::StringRef cpuName, llvm::StringRef tuneFor, const Isa &set) : isa(set) {
    triple = "x86_64-unknown-linux-gnu";
    name = cpuName.str();
    cpu = isa.cpu.str();
    extra = isa.extra.str();
    tune = tuneFor.str();
    features = isa.features.str();
    tier = &isa - kIsas;
    tuning = kTuning;
  }

  int64_t vectorBits() const override { return isa.vectorBits; }
  bool interleavesRows() const override { return isa.dot == Dot::Amx; }

  tile::ScheduleAttr schedule(mlir::MLIRContext *context, int64_t n, int64_t parts,
                              int64_t planes) const override {
    int64_t most = planes == 0 ? 64 : isa.blockColumns;
    int64_t block = std::max(blockOf(n, most) / parts, pack::kTileRows);
    if (planes == 0)
      return scheduleOf(context, isa.floats, 0, block, 8, parts);
    const RegisterTile &tile = planes == 1 ? isa.onePlane : isa.twoPlanes;
    return scheduleOf(context, tile, isa.few / parts, block, pack::kRecordChannels, parts);
  }

  void addVectorPasses(mlir::OpPassManager &passes) const override {
    mlir::OpPassManager &functions = passes.nest<mlir::func::FuncOp>();
    if (isa.dot == Dot::Amx)
      functions.addPass(createX86MatmulToAmxPass());
    functions.addPass(createTileToGridPass(*this));
    functions.addPass(createTileToVectorPass());
    if (isa.dot == Dot::Plain)
      return functions.addPass(createDotToVectorPass());
    X86LowerDotPassOptions options;
    options.vnni = isa.dot == Dot::Vnni || isa.dot == Dot::Amx;
    functions.addPass(createX86LowerDotPass(options));
  }

private:
  tile::ScheduleAttr scheduleOf(mlir::MLIRContext *context, const RegisterTile &tile, int64_t few,
                                int64_t block, int64_t depth, int64_t parts) const {
    int64_t columns = std::clamp(tile.columns / parts, pack::kTileRows, block);
    int64_t level = few != 0 && llvm::is_contained(kPrefetchToFirstLevel, tune) ? 1 : 2;
    return tile::ScheduleAttr::get(context, tile.m, block, depth, tile.lanes, columns, few, level);
  }

  /// Narrow blocks where there are few, so that the workers share them evenly.
  static int64_t blockOf(int64_t n, int64_t most) {
    return n >= 1024 ? most : std::min<int64_t>(most, 32);
  }

  const Isa &isa;
};

llvm::SmallVector<llvm::StringRef> validCpus() {
  llvm::SmallVector<llvm::StringRef> names;
  llvm::X86::fillValidCPUArchList(names, /*Only64Bit=*/true);
  return names;
}

/// The features that the name of a CPU implies.
Features featuresOf(llvm::StringRef cpu) {
  llvm::SmallVector<llvm::StringRef> own;
  llvm::X86::getFeaturesForCPU(cpu, own);
  Features features;
  for (llvm::StringRef feature : own)
    setFeature(features, feature, true);
  return features;
}

} // namespace

llvm::SmallVector<llvm::StringRef> x86TargetNames() {
  llvm::SmallVector<llvm::StringRef> names = validCpus();
  llvm::sort(names);
  return names;
}

/// Whether LLVM's parser of targets has a feature of this name.
static bool isFeature(llvm::StringRef name) {
  static constexpr llvm::StringLiteral kNames[] = {
#define X86_FEATURE(ENUM, NAME) NAME,
#include "llvm/TargetParser/X86TargetParser.def"
  };
  return llvm::is_contained(kNames, name);
}

std::string unknownX86Feature(llvm::StringRef name) {
  for (const auto &[feature, added] : cpu::splitName(name).changes)
    if (!isFeature(feature))
      return feature.str();
  return {};
}

std::unique_ptr<Target> makeX86Target(llvm::StringRef name) {
  cpu::CpuName parts = cpu::splitName(name);
  if (!llvm::is_contained(validCpus(), parts.cpu))
    return nullptr;
  Features features = featuresOf(parts.cpu);
  for (const auto &[feature, added] : parts.changes)
    setFeature(features, feature, added);
  return std::make_unique<X86Target>(name, parts.cpu, bestIsa(features));
}

std::unique_ptr<Target> makeX86Target(llvm::StringRef cpu, const llvm::StringMap<bool> &features) {
  if (!llvm::is_contained(validCpus(), cpu))
    cpu = "x86-64";
  llvm::SmallVector<llvm::StringRef> used;
  for (const Isa &isa : kIsas)
    used.push_back(isa.features);
  std::string name = cpu::nameWith(cpu, used, featuresOf(cpu), features);
  return std::make_unique<X86Target>(name, cpu, bestIsa(features));
}

std::unique_ptr<Target> makeNativeX86Target() {
  return makeX86Target(llvm::sys::getHostCPUName(), llvm::sys::getHostCPUFeatures());
}

} // namespace osscc
