// The answer as it is shown.
#pragma once

#include "runtime/base/Status.h"

#include <string_view>

namespace osscc::rt::cli {

/// Writes a piece of an answer to standard output; on a terminal without control characters.
Status showAnswer(std::string_view text);

} // namespace osscc::rt::cli
