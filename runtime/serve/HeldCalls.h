// What masks of tokens hold an answer to: its form, and the calls of tools.
#pragma once

#include "runtime/chat/AnswerFormat.h"
#include "runtime/schema/Constraint.h"
#include "runtime/serve/Served.h"
#include "runtime/serve/ToolFields.h"

namespace osscc::rt::serve {

/// \param form    of an answer that calls no tool; null: any text.
/// \param format  of the answer; takes which arguments are texts.
/// \returns null if nothing is held.
/// Throws ApiError naming the field: for parameters that are no schema or that are not supported,
/// and for what this model's own way of writing calls cannot be held to.
Schema holdAnswer(const Tools &tools, Schema form, AnswerFormat &format, const Served &served);

} // namespace osscc::rt::serve
