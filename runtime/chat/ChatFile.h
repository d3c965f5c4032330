// The file of a chat: /save and /load.
#pragma once

#include "runtime/base/Status.h"

#include <string>

namespace osscc::rt::cli {

class Conversation;

/// Writes the chat, complete or not at all. A file that is there is replaced if this chat was saved
/// to it or loaded from it, or if `mayReplace` and it holds a chat; no other file ever is.
/// \errors  kInvalidArgument naming the file.
Status saveChat(Conversation &conversation, const std::string &path, bool mayReplace);

/// Takes the chat of a file in place of this one. \errors  kInvalidArgument naming the file; the
/// chat is then unchanged.
Status loadChat(Conversation &conversation, const std::string &path);

} // namespace osscc::rt::cli
