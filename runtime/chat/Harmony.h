// Answers in harmony, the format of messages with channels: header, text, end; and so on.
//
//   <|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>
//
// Source: openai-harmony 0.0.8, whose parser this one equals on every answer that is well formed.
#pragma once

#include "runtime/chat/AnswerParser.h"

namespace osscc::rt {

/// A parser of kHarmony. Its markers are the tokens of these texts, which no other text has; the
/// same letters in several tokens are text.
///
/// \errors  kRuntime for a tokenizer that lacks one of them, which is named.
Result<std::unique_ptr<AnswerParser>> makeHarmony(const AnswerFormat &format,
                                                  const Tokenizer &tokenizer);

/// The token whose text this is; none if it takes several.
std::optional<int32_t> tokenOf(const Tokenizer &tokenizer, std::string_view text);

} // namespace osscc::rt
