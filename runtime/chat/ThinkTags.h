// Answers with reasoning between tags: <think> ... </think> answer.
#pragma once

#include "runtime/chat/AnswerParser.h"

namespace osscc::rt {

/// A parser of kTags. The opening tag counts only as the first thing of an answer, the closing one
/// where it first stands in the reasoning; elsewhere both are text. Newlines at both ends of the
/// reasoning and before the answer belong to the tags, as in the templates that write them. An
/// answer that is cut before its closing tag is reasoning.
///
/// \errors  kRuntime for a tag without a text.
Result<std::unique_ptr<AnswerParser>> makeThinkTags(const AnswerFormat &format,
                                                    const Tokenizer &tokenizer);

} // namespace osscc::rt
