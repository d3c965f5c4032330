#include "targets/cpu/CpuName.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

namespace osscc::cpu {

CpuName splitName(llvm::StringRef name) {
  size_t end = std::min(name.find_first_of("+,"), name.size());
  CpuName parts = {name.take_front(end), {}};
  for (llvm::StringRef change : llvm::split(name.drop_front(std::min(end + 1, name.size())), ',')) {
    bool added = !change.consume_front("-");
    change.consume_front("+");
    if (!change.empty())
      parts.changes.emplace_back(change, added);
  }
  return parts;
}

std::string nameWith(llvm::StringRef cpu, llvm::ArrayRef<llvm::StringRef> used, const Features &own,
                     const Features &features) {
  llvm::SetVector<llvm::StringRef> differing;
  for (llvm::StringRef list : used)
    for (llvm::StringRef feature : llvm::split(list, ','))
      if (own.lookup(feature) != features.lookup(feature))
        differing.insert(feature);
  std::string name = cpu.str();
  for (llvm::StringRef feature : differing)
    name += (name.size() == cpu.size() ? "+" : ",") +
            ((features.lookup(feature) ? "+" : "-") + feature).str();
  return name;
}

bool hasAll(const Features &features, llvm::StringRef list) {
  return llvm::all_of(llvm::split(list, ','), [&](llvm::StringRef feature) {
    return feature.empty() || features.lookup(feature);
  });
}

} // namespace osscc::cpu
