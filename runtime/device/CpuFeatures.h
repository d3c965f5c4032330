// Which CPU features this machine has, by LLVM's names, so that kernels that would die with an
// illegal instruction are refused with a sentence. A feature counts only if the operating system
// saves its registers too, and lets this process use them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

/// Whether this CPU has the feature `name`, as LLVM spells it ("avx512vnni", "dotprod"). A name
/// that is not known here counts as absent: better a refusal than a crash.
bool cpuHas(std::string_view name);

/// The features of `list` ("avx2,fma", a '+' before a name is allowed, names after '-' are passed
/// over) that this CPU lacks, in the order of the list.
std::vector<std::string> missingFeatures(std::string_view list);

/// The best that this CPU can run, as osscc --target takes it: of x86-64-v4, x86-64-v3 and x86-64,
/// or of armv8.6-a, armv8.4-a and armv8-a.
std::string_view fittingTarget();

} // namespace osscc::rt
