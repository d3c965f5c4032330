// What the table of every architecture serves for (X86Features.cpp, ArmFeatures.cpp).
#include "runtime/device/CpuFeatures.h"

#include <algorithm>

namespace osscc::rt {

std::vector<std::string> missingFeatures(std::string_view list) {
  std::vector<std::string> missing;
  while (!list.empty()) {
    std::string_view name = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    if (name.starts_with('+'))
      name.remove_prefix(1);
    if (!name.empty() && !name.starts_with('-') && !cpuHas(name))
      missing.emplace_back(name);
  }
  return missing;
}

} // namespace osscc::rt
