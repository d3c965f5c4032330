// The chat on a terminal: questions, and slash commands (Commands.h) beside.
#pragma once

#include "runtime/base/Status.h"

namespace osscc::rt::cli {

class Conversation;

/// Reads messages from standard input until /exit or its end. A message is a line, or what stands
/// between two lines of """. Errors of one question are said, and the chat goes on.
///
/// \param hidesReasoning  whether what the model thinks is not shown.
Status chat(Conversation &conversation, bool hidesReasoning);

} // namespace osscc::rt::cli
