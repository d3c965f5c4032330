// /set: what a chat can change of how its answers are drawn.
#pragma once

#include "runtime/model/Generate.h"

#include <string>
#include <string_view>

namespace osscc::rt::cli {

/// Takes "NAME VALUE" or "NAME=VALUE", NAME being that of the command line's option.
/// \errors  kInvalidArgument for a name that is not known, and a value that is no number or out of
/// range; the options are then unchanged.
Status changeSetting(GenerateOptions &options, std::string_view text);

/// All of them, one a line.
std::string describeSettings(const GenerateOptions &options);

} // namespace osscc::rt::cli
