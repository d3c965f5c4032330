// Whitespace as Python's str.strip() and Jinja's lexer see it: every character for which
// str.isspace() is true. Shared by the template parser in the compiler (C++20) and the renderer in
// the runtime.
#pragma once

#include <cstddef>
#include <string_view>

namespace osscc {

inline constexpr std::string_view kPythonSpaces[] = {
    " ",      "\n",     "\t",     "\r",     "\v",     "\f",     "\x1c",   "\x1d",
    "\x1e",   "\x1f",   "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002",
    "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
    "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

/// The bytes of the whitespace character that `text` starts with; 0 if it starts with another or is
/// empty.
constexpr size_t pythonSpaceAtStart(std::string_view text) {
  for (std::string_view space : kPythonSpaces)
    if (text.starts_with(space))
      return space.size();
  return 0;
}

/// The bytes of the whitespace character that `text` ends with; 0 if it ends with another or is
/// empty.
constexpr size_t pythonSpaceAtEnd(std::string_view text) {
  for (std::string_view space : kPythonSpaces)
    if (text.ends_with(space))
      return space.size();
  return 0;
}

} // namespace osscc
