// The explicit list of targets, and how a name finds one.
#include "targets/Target.h"

#include "support/UsageError.h"
#include "targets/x86/X86Target.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/Triple.h"
#include <algorithm>

namespace osscc {

llvm::SmallVector<llvm::StringRef> targetNames() {
  llvm::SmallVector<llvm::StringRef> names = {"native"};
  llvm::append_range(names, x86TargetNames());
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

llvm::Expected<std::unique_ptr<Target>> parseTarget(llvm::StringRef name) {
  if (name == "native")
    return makeNativeX86Target();
  auto [triple, cpu] = name.split(':');
  llvm::Triple parsed(llvm::Triple::normalize(triple));
  bool isTriple = triple.contains('-') && parsed.getArch() == llvm::Triple::x86_64;
  if (isTriple && !isLinux(parsed))
    return usageError("--target=" + name, "executables are made for Linux only",
                      "write " + llvm::Triple::getArchTypeName(llvm::Triple::x86_64) +
                          "-linux-gnu, or the CPU's name alone");
  if (isTriple && cpu.empty())
    cpu = "x86-64-v3"; // a bare triple: the least that has fused multiply-adds
  else if (!isTriple)
    cpu = name;
  if (std::string feature = unknownX86Feature(cpu); !feature.empty())
    return usageError("--target=" + name, "LLVM knows no feature \"" + feature + "\" of x86",
                      "write features as +avx512vnni or -f16c");
  if (std::unique_ptr<Target> target = makeX86Target(cpu))
    return target;
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
      if (known->features == (*target)->features)
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
