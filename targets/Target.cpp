// The explicit list of architectures, and how a name finds a target.
#include "targets/Target.h"

#include "support/UsageError.h"
#include "targets/arm/ArmTarget.h"
#include "targets/cuda/CudaTarget.h"
#include "targets/x86/X86Target.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <algorithm>

namespace osscc {
namespace {

/// The targets of one architecture.
struct Family {
  llvm::Triple::ArchType arch;
  llvm::StringRef title;   ///< In errors.
  llvm::StringRef bareCpu; ///< What a triple alone stands for.
  llvm::SmallVector<llvm::StringRef> (*names)();
  std::unique_ptr<Target> (*native)();                  ///< Of the machine at hand.
  std::unique_ptr<Target> (*make)(llvm::StringRef cpu); ///< Null for a CPU of another family.
  std::string (*unknownFeature)(llvm::StringRef cpu);   ///< The first in the name, or empty.
  llvm::StringRef someFeatures;                         ///< How they are written.
};

const Family kFamilies[] = {
    // x86-64-v3: the least that has fused multiply-adds
    {llvm::Triple::x86_64, "x86", "x86-64-v3", x86TargetNames, makeNativeX86Target, makeX86Target,
     unknownX86Feature, "+avx512vnni or -f16c"},
    {llvm::Triple::aarch64, "ARM", "armv8-a", armTargetNames, makeNativeArmTarget, makeArmTarget,
     unknownArmFeature, "+dotprod or -i8mm"},
    {llvm::Triple::nvptx64, "CUDA", "sm_80", cudaTargetNames, /*native=*/nullptr, makeCudaTarget,
     [](llvm::StringRef) { return std::string(); }, ""},
};

const Family *findFamily(llvm::Triple::ArchType arch) {
  const Family *found =
      llvm::find_if(kFamilies, [&](const Family &family) { return family.arch == arch; });
  return found == std::end(kFamilies) ? nullptr : found;
}

} // namespace

llvm::SmallVector<llvm::StringRef> targetNames() {
  llvm::SmallVector<llvm::StringRef> names = {"native"};
  for (const Family &family : kFamilies)
    llvm::append_range(names, family.names());
  return names;
}

/// The five names nearest to `name` by edit distance, nearest first.
static std::string nearestNames(llvm::StringRef name) {
  llvm::SmallVector<llvm::StringRef> names = targetNames();
  llvm::sort(names, [&](llvm::StringRef a, llvm::StringRef b) {
    return std::pair(name.edit_distance_insensitive(a), a) <
           std::pair(name.edit_distance_insensitive(b), b);
  });
  names.truncate(std::min<size_t>(names.size(), 5));
  return llvm::join(names, ", ");
}

/// Whether what is linked statically for glibc runs on the system of a triple.
static bool isLinux(const llvm::Triple &triple) {
  llvm::Triple::EnvironmentType environment = triple.getEnvironment();
  return triple.isOSLinux() && triple.isOSBinFormatELF() &&
         (environment == llvm::Triple::GNU || environment == llvm::Triple::Musl ||
          environment == llvm::Triple::UnknownEnvironment);
}

static llvm::Expected<std::unique_ptr<Target>> nativeTarget() {
  llvm::Triple host(llvm::sys::getProcessTriple());
  if (const Family *family = findFamily(host.getArch()))
    return family->native();
  return usageError("--target=native", "there are no kernels for " + host.getArchName(),
                    "name the CPU of another machine, such as " + targetNames()[1]);
}

llvm::Expected<std::unique_ptr<Target>> parseTarget(llvm::StringRef name) {
  if (name == "native")
    return nativeTarget();
  auto [triple, cpu] = name.split(':');
  llvm::Triple parsed(llvm::Triple::normalize(triple));
  const Family *only = triple.contains('-') ? findFamily(parsed.getArch()) : nullptr;
  if (only && !isLinux(parsed))
    return usageError("--target=" + name, "executables are made for Linux only",
                      "write " + llvm::Triple::getArchTypeName(only->arch) +
                          "-linux-gnu, or the CPU's name alone");
  if (only && cpu.empty())
    cpu = only->bareCpu;
  else if (!only)
    cpu = name;
  for (const Family &family : kFamilies) {
    std::unique_ptr<Target> target = only && only != &family ? nullptr : family.make(cpu);
    if (!target)
      continue;
    if (std::string feature = family.unknownFeature(cpu); !feature.empty())
      return usageError("--target=" + name,
                        "LLVM knows no feature \"" + feature + "\" of " + family.title,
                        "write features as " + family.someFeatures);
    return target;
  }
  return usageError("--target=" + name, "no such target", "the nearest are " + nearestNames(cpu));
}

/// The parts of a list, features with the target before them.
static std::vector<std::string> partsOfList(llvm::StringRef list) {
  std::vector<std::string> parts;
  for (llvm::StringRef part : llvm::split(list, ',')) {
    bool isFeature = part.starts_with("+") || part.starts_with("-");
    if (isFeature && !parts.empty())
      parts.back() += "," + part.str();
    else
      parts.push_back(part.str());
  }
  return parts;
}

llvm::Expected<std::vector<std::unique_ptr<Target>>> parseTargets(llvm::StringRef list) {
  std::vector<std::unique_ptr<Target>> targets;
  for (const std::string &part : partsOfList(list)) {
    auto target = parseTarget(part);
    if (!target)
      return target.takeError();
    for (const std::unique_ptr<Target> &known : targets) {
      if (known->triple != (*target)->triple)
        return usageError("--target=" + list,
                          known->triple + " and " + (*target)->triple + " in one file",
                          "compile once for each");
      bool isOther = known->device != (*target)->device ||
                     (!known->device.empty() && known->name != (*target)->name);
      if (!isOther && known->features == (*target)->features)
        return usageError("--target=" + list,
                          known->name + " and " + (*target)->name + " have the same kernels",
                          "name one of them");
    }
    targets.push_back(std::move(*target));
  }
  llvm::sort(targets, [](const auto &a, const auto &b) { return a->tier < b->tier; });
  return targets;
}

} // namespace osscc
