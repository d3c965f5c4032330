// The ways in which clients ask how much a model shall think, all brought to its one switch.
#pragma once

#include "runtime/chat/Reasoning.h"
#include "runtime/serve/Fields.h"

#include <optional>

namespace osscc::rt::serve {

/// Reads reasoning_effort, reasoning (effort, enabled, max_tokens), thinking (type, budget_tokens),
/// chat_template_kwargs (enable_thinking, thinking, reasoning_effort), reasoning_budget and
/// thinking_budget.
/// \param mode    takes the mode that is asked for.
/// \param budget  takes the tokens of thoughts, if they are bounded.
/// Throws ApiError naming the field, also where two fields ask for different modes, and where the
/// model has no reasoning to switch.
void chooseReasoning(const Fields &request, cli::Reasoning &mode, std::optional<int64_t> &budget);

} // namespace osscc::rt::serve
