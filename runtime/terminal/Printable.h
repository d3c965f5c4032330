// Text of a stranger, such as a model, made fit to be shown.
#pragma once

#include <string>
#include <string_view>

namespace osscc::rt::terminal {

/// `text`, UTF-8, with U+FFFD for each control character but newline and tab: an escape sequence
/// could rewrite the screen, the window's title or the keyboard.
std::string printable(std::string_view text);

} // namespace osscc::rt::terminal
