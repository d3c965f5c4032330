// White space around what models write.
#pragma once

#include <algorithm>
#include <string_view>

namespace osscc::rt {

constexpr std::string_view kSpaces = " \t\r\n";

/// The text without white space at its begin.
constexpr std::string_view trimFront(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kSpaces), text.size()));
}

/// The text without white space at either end.
constexpr std::string_view trimSpaces(std::string_view text) {
  text = trimFront(text);
  return text.substr(0, text.find_last_not_of(kSpaces) + 1);
}

} // namespace osscc::rt
