// The header of a message in harmony: who speaks, in which channel, to whom, in what.
#pragma once

#include "runtime/chat/Message.h"

#include <expected>
#include <string>
#include <string_view>

namespace osscc::rt {

struct HarmonyHeader {
  std::string channel;     ///< Empty: none.
  std::string recipient;   ///< Empty: the user.
  std::string contentType; ///< Empty: none.
};

/// The texts of a header, between its markers.
struct HarmonyHeaderText {
  std::string role;                   ///< Before all markers: "assistant to=functions.f".
  std::optional<std::string> channel; ///< Behind <|channel|>: "commentary to=functions.f".
  std::optional<std::string> type;    ///< Behind <|constrain|>: "json".
};

/// Reads a header. The recipient may stand in each part, and without its "to=" where nothing else
/// can be meant: before a content type, or alone.
///
/// \param mayLackRole  the prompt has "<|start|>assistant" already.
std::expected<HarmonyHeader, AnswerError> readHarmonyHeader(const HarmonyHeaderText &text,
                                                            bool mayLackRole);

} // namespace osscc::rt
