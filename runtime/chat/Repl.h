// The chat on a terminal: questions, and slash commands (ChatCommands) beside.
#pragma once

#include "runtime/base/Status.h"

#include <string_view>

namespace osscc::rt::cli {

class Conversation;

/// Reads messages from standard input until /exit or its end. A message is a line, or what stands
/// between two lines of """. Errors of one question are said, and the chat goes on.
Status chat(Conversation &conversation);

/// Writes a piece of an answer to standard output; on a terminal without control characters.
Status showAnswer(std::string_view text);

} // namespace osscc::rt::cli
