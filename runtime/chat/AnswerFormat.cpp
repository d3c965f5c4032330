#include "runtime/chat/AnswerFormat.h"

#include "runtime/chat/Harmony.h"

namespace osscc::rt {

AnswerFormat answerFormatOf(const Bundle &, const Tokenizer &tokenizer) {
  auto has = [&](std::string_view text) { return tokenOf(tokenizer, text).has_value(); };
  AnswerFormat format;
  if (has("<|channel|>") && has("<|message|>"))
    format.style = AnswerFormat::Style::kHarmony;
  else if (has("<think>") && has("</think>"))
    format = {.style = AnswerFormat::Style::kTags, .open = "<think>", .close = "</think>"};
  return format;
}

} // namespace osscc::rt
