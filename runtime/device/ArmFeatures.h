// aarch64: what the words in which Linux tells of the CPUs say. They are the caller's, so that they
// can be asked of on any machine.
#pragma once

#include <string_view>

namespace osscc::rt {

/// The words AT_HWCAP and AT_HWCAP2 of the auxiliary vector.
struct ArmCapabilities {
  unsigned long first = 0, second = 0;
};

/// Whether the feature `name`, as LLVM spells it ("dotprod"), is among them; a name that is not
/// known here is not.
bool armHas(ArmCapabilities capabilities, std::string_view name);

/// The best version of the architecture that has kernels for them, as osscc --target takes it.
std::string_view fittingArmTarget(ArmCapabilities capabilities);

} // namespace osscc::rt
