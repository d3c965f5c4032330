// The answer as it is shown, and what the model thinks before it.
#pragma once

#include "runtime/chat/Answering.h"

#include <string_view>

namespace osscc::rt::cli {

/// Writes a piece of an answer to standard output; on a terminal without control characters.
Status showAnswer(std::string_view text);

/// Writes a piece of what the model thinks to standard error; on a terminal dim, unless NO_COLOR is
/// set, and without control characters.
Status showReasoning(std::string_view text);

/// Where an answer is shown: its text by showAnswer(), its thoughts by showReasoning() unless they
/// are hidden, and behind them "thought for 3.2 s (212 tokens)" on standard error.
AnswerSink shownAnswer(bool hidesReasoning);

/// Says what is wrong with an answer that has come to its end, if something is.
void sayFault(const std::optional<AnswerError> &fault);

} // namespace osscc::rt::cli
