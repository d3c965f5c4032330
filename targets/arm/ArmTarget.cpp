// The instruction sets that kernels are written for, the blocks that suit each, and how a CPU's
// name finds the best of them. Names and features are LLVM's; what the kernels use is required, not
// all that the name implies.
#include "targets/arm/ArmTarget.h"

#include "targets/cpu/CpuName.h"
#include "targets/cpu/Passes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/TargetParser/AArch64TargetParser.h"
#include "llvm/TargetParser/Host.h"

namespace osscc {
namespace {

/// The register tile of a matmul: `m` rows by `columns` outputs keep their accumulators, one block
/// of weights and a row's codes in registers.
struct RegisterTile {
  int64_t m, columns;
};

enum class Dot { Neon, Dotprod, I8mm };

/// An instruction set that kernels are written for, and its register tiles: 32 registers of 4
/// lanes.
struct Isa {
  llvm::StringRef features; // what the kernels use beyond ARMv8.0, and LLVM may
  Dot dot;                  // of bytes
  RegisterTile floats, onePlane, twoPlanes;
  int64_t few;          // rows at a time of 2 to 32, over weights in blocks; 0: as many rows
  int64_t blockColumns; // outputs of one row at a time, over weights in blocks
};

/// The best first. Whoever has dot products has atomic additions (ARMv8.1).
const Isa kIsas[] = {
    {"lse,dotprod,i8mm", Dot::I8mm, {4, 16}, {4, 16}, {2, 16}, 0, 32},
    {"lse,dotprod", Dot::Dotprod, {4, 16}, {4, 16}, {2, 16}, 0, 32},
    {"", Dot::Neon, {4, 16}, {2, 16}, {1, 16}, 0, 32},
};

/// Lanes of a register.
constexpr int64_t kLanes = 4;

/// Register tiles of attention follow from the registers; the rest is as on x86, where it was
/// measured.
constexpr cpu::Tuning kTuning = {
    .ownChannels = 4096,
    .headStartBytes = 32 << 10,
    .headStartRows = 8,
    .cutRows = 8,
    .partialRecords = 256,
    .headsTogether = 1, // 64 scores in 16 registers
    .outputVectors = 4, // in 16 registers
    .groupsOfTurn = 2,
    .groupsAhead = {8, 16},
    .narrowGroupsAhead = 16,
    .shortGroupsAhead = 12,
    .shortBytes = 4 << 20,
    .partsApart = true,
};

using cpu::Features;
namespace AArch64 = llvm::AArch64;

/// The best instruction set whose features are all there; the last asks for none.
const Isa &bestIsa(const Features &features) {
  return *llvm::find_if(kIsas, [&](const Isa &isa) { return cpu::hasAll(features, isa.features); });
}

/// "+lse,+dotprod" of "lse,dotprod".
std::string asExtra(llvm::StringRef features) {
  std::string extra;
  for (llvm::StringRef feature : llvm::split(features, ','))
    if (!feature.empty())
      extra += (extra.empty() ? "+" : ",+") + feature.str();
  return extra;
}

class ArmTarget : public CpuTarget {
public:
  ArmTarget(llvm::StringRef cpuName, llvm::StringRef tuneFor, const Isa &set) : isa(set) {
    triple = "aarch64-unknown-linux-gnu";
    name = cpuName.str();
    cpu = "generic"; // ARMv8.0
    extra = asExtra(isa.features);
    tune = tuneFor.str();
    features = isa.features.str();
    tier = &isa - kIsas;
    tuning = kTuning;
  }

  int64_t vectorBits() const override { return 32 * kLanes; }

  tile::ScheduleAttr schedule(mlir::MLIRContext *context, int64_t n, int64_t parts,
                              int64_t planes) const override {
    int64_t block =
        std::max(blockOf(n, planes == 0 ? 64 : isa.blockColumns) / parts, pack::kTileRows);
    if (planes == 0)
      return scheduleOf(context, isa.floats, 0, block, 8);
    const RegisterTile &tile = planes == 1 ? isa.onePlane : isa.twoPlanes;
    return scheduleOf(context, tile, isa.few / parts, block, pack::kRecordChannels);
  }

  void addVectorPasses(mlir::OpPassManager &passes) const override {
    mlir::OpPassManager &functions = passes.nest<mlir::func::FuncOp>();
    functions.addPass(createTileToGridPass(*this));
    functions.addPass(createArmLoadRowsPass());
    functions.addPass(createTileToVectorPass());
    ArmLowerDotPassOptions options;
    options.dotprod = isa.dot != Dot::Neon;
    options.i8mm = isa.dot == Dot::I8mm;
    functions.addPass(createArmLowerDotPass(options));
  }

private:
  tile::ScheduleAttr scheduleOf(mlir::MLIRContext *context, const RegisterTile &tile, int64_t few,
                                int64_t block, int64_t depth) const {
    int64_t columns = std::clamp(tile.columns, pack::kTileRows, block);
    int64_t m = std::max<int64_t>(tile.m * tile.columns / columns, 1);
    return tile::ScheduleAttr::get(context, m, block, depth, kLanes, columns, few, /*level=*/2);
  }

  /// Narrow blocks where there are few, so that the workers share them evenly.
  static int64_t blockOf(int64_t n, int64_t most) {
    return n >= 1024 ? most : std::min<int64_t>(most, 32);
  }

  const Isa &isa;
};

/// The extension of the architecture that a feature of LLVM's stands for.
std::optional<AArch64::ExtensionInfo> extensionOf(llvm::StringRef feature) {
  return AArch64::targetFeatureToExtension(("+" + feature).str());
}

/// The versions of the architecture for applications: "armv8.2-a".
llvm::SmallVector<const AArch64::ArchInfo *> architectures() {
  llvm::SmallVector<const AArch64::ArchInfo *> found;
  for (const AArch64::ArchInfo *arch : AArch64::ArchInfos)
    if (arch->Profile == AArch64::AProfile)
      found.push_back(arch);
  return found;
}

const AArch64::ArchInfo *findArchitecture(llvm::StringRef name) {
  auto all = architectures();
  const auto *found = llvm::find_if(all, [&](const auto *arch) { return arch->Name == name; });
  return found == all.end() ? nullptr : *found;
}

/// What a CPU has, or a version of the architecture; absent for what LLVM does not know.
std::optional<AArch64::ExtensionSet> extensionsOf(llvm::StringRef name) {
  AArch64::ExtensionSet extensions;
  if (const AArch64::ArchInfo *arch = findArchitecture(name))
    extensions.addArchDefaults(*arch);
  else if (std::optional<AArch64::CpuInfo> cpu = AArch64::parseCpu(name))
    extensions.addCPUDefaults(*cpu);
  else
    return std::nullopt;
  return extensions;
}

/// Which of the features that kernels could use are there.
Features featuresOf(const AArch64::ExtensionSet &extensions) {
  Features features;
  for (const Isa &isa : kIsas)
    for (llvm::StringRef feature : llvm::split(isa.features, ','))
      if (auto extension = extensionOf(feature))
        features[feature] = extensions.Enabled.test(extension->ID);
  return features;
}

/// A CPU to schedule instructions for. A version of the architecture names none: LLVM's "generic"
/// is a core that takes instructions in order. Of some cores LLVM has no table and takes that of
/// the cortex-a57, which is half as wide; the server's core of the same design has one.
llvm::StringRef tuneOf(llvm::StringRef name) {
  if (findArchitecture(name))
    return "neoverse-n1";
  return llvm::StringSwitch<llvm::StringRef>(name)
      .Cases(
          {"cortex-a76", "cortex-a76ae", "cortex-a77", "cortex-a78", "cortex-a78ae", "cortex-a78c"},
          "neoverse-n1")
      .Cases({"cortex-x1", "cortex-x1c"}, "neoverse-v1")
      .Default(name);
}

} // namespace

llvm::SmallVector<llvm::StringRef> armTargetNames() {
  llvm::SmallVector<llvm::StringRef> names;
  AArch64::fillValidCPUArchList(names);
  for (const AArch64::ArchInfo *arch : architectures())
    names.push_back(arch->Name);
  llvm::sort(names);
  names.erase(llvm::unique(names), names.end());
  return names;
}

std::string unknownArmFeature(llvm::StringRef name) {
  for (const auto &[feature, added] : cpu::splitName(name).changes)
    if (!extensionOf(feature))
      return feature.str();
  return {};
}

std::unique_ptr<Target> makeArmTarget(llvm::StringRef name) {
  cpu::CpuName parts = cpu::splitName(name);
  std::optional<AArch64::ExtensionSet> extensions = extensionsOf(parts.cpu);
  if (!extensions)
    return nullptr;
  for (const auto &[feature, added] : parts.changes)
    if (auto extension = extensionOf(feature))
      added ? extensions->enable(extension->ID) : extensions->disable(extension->ID);
  return std::make_unique<ArmTarget>(name, tuneOf(parts.cpu), bestIsa(featuresOf(*extensions)));
}

std::unique_ptr<Target> makeArmTarget(llvm::StringRef cpu, const llvm::StringMap<bool> &features) {
  std::optional<AArch64::ExtensionSet> known = extensionsOf(cpu);
  if (!known)
    known = extensionsOf(cpu = "armv8-a");
  llvm::SmallVector<llvm::StringRef> used;
  for (const Isa &isa : kIsas)
    used.push_back(isa.features);
  std::string name = cpu::nameWith(cpu, used, featuresOf(*known), features);
  return std::make_unique<ArmTarget>(name, tuneOf(cpu), bestIsa(features));
}

std::unique_ptr<Target> makeNativeArmTarget() {
  return makeArmTarget(llvm::sys::getHostCPUName(), llvm::sys::getHostCPUFeatures());
}

} // namespace osscc
