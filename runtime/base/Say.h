// What there is to say beside the answer: notes, errors, what a chat's commands print.
#pragma once

#include "runtime/base/Descriptor.h"

#include <fmt/format.h>

#include <unistd.h>
#include <utility>

namespace osscc::rt {

/// Formats as fmt::print does and writes to standard error at once, whatever its mode. Nobody can
/// be told where that fails.
template <class... T> void say(fmt::format_string<T...> format, T &&...values) {
  writeAll(STDERR_FILENO, fmt::format(format, std::forward<T>(values)...));
}

} // namespace osscc::rt
