// The chat on a terminal: a question a line, slash commands beside.
#pragma once

#include "runtime/base/Status.h"

#include <string_view>

namespace osscc::rt::serve {

class Conversation;

/// What a line of the chat asks for.
enum class Line { kQuestion, kEmpty, kHelp, kClear, kExit, kUnknown };

/// A line that begins with '/' is a command, known or not; it never reaches the model.
Line classify(std::string_view line);

/// Reads lines from standard input until /exit or its end.
Status chat(Conversation &conversation);

} // namespace osscc::rt::serve
