// The command line before CLI11 sees it: names of options and their values apart.
#pragma once

#include "runtime/base/Status.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace osscc::rt::cli {

/// `arguments` with each value as an argument of its own behind its option: "--name=value" and
/// "-nvalue" ("-n=value") are parted, the value being all that follows, which may be nothing.
/// Behind "--" and in an option's value nothing is an option.
///
/// \errors  kUsage for an option that neither `app` nor the subcommand before it has; the nearest
/// is named.
Result<std::vector<std::string>> separateValues(const CLI::App &app,
                                                const std::vector<std::string> &arguments);

} // namespace osscc::rt::cli
