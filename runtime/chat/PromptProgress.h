// What a terminal says while a long prompt is read, and of the room that it leaves.
#pragma once

#include "runtime/model/Session.h"

#include <cstdint>
#include <optional>
#include <span>

namespace osscc::rt::cli {

/// Feeds all of a prompt but its last tokens to sequence 0 in calls, and tells on standard error
/// how far that has come, where a person sees it and there is much to read. What is fed is found
/// there when the answer is drawn; that it is fed so changes no number.
///
/// \returns tokens of the prompt that were not computed again; none where nothing was fed.
/// \errors  those of Session::append; the line is then taken away too.
Result<std::optional<int64_t>> readPrompt(Session &session, std::span<const int32_t> prompt);

/// Says before an answer that its context leaves little room, if it does.
/// \param maxTokens  of the answer; none: as many as there is room for.
void sayRoom(int64_t promptTokens, int64_t context, std::optional<int64_t> maxTokens);

} // namespace osscc::rt::cli
