// What a person can ask of a chat beside questions: the words that begin with a slash.
#pragma once

#include <string>
#include <string_view>

namespace osscc::rt::cli {

class Conversation;

/// What the chat does after a command.
enum class Next { kGoOn, kAnswerAgain, kLeave };

/// Whether a line is a command, known or not. It then never reaches the model.
bool isChatCommand(std::string_view line);

/// Does what the command `line` says. What there is to say, errors and a hint at the nearest known
/// word included, goes to standard error.
Next runChatCommand(Conversation &conversation, std::string_view line);

/// `text` with its command completed, if it is the begin of just one; else `text`.
std::string completeChatCommand(std::string_view text);

} // namespace osscc::rt::cli
