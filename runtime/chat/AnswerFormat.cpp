#include "runtime/chat/AnswerFormat.h"

#include "runtime/chat/Harmony.h"

namespace osscc::rt {

namespace {

/// What tells reasoning from the answer.
AnswerFormat reasoningFormatOf(const Bundle &bundle, const Tokenizer &tokenizer) {
  using Style = AnswerFormat::Style;
  if (const bundle::ChatFormat *known = bundle.index().chat_format()) {
    auto text = [](const flatbuffers::String *s) { return s ? s->str() : std::string(); };
    bool isHarmony = known->style() == bundle::AnswerStyle::Harmony;
    return {.style = isHarmony ? Style::kHarmony : Style::kTags,
            .open = text(known->begin()),
            .close = text(known->end())};
  }
  auto has = [&](std::string_view text) { return tokenOf(tokenizer, text).has_value(); };
  AnswerFormat format;
  if (has("<|channel|>") && has("<|message|>"))
    format.style = Style::kHarmony;
  else if (has("<think>") && has("</think>"))
    format = {.style = Style::kTags, .open = "<think>", .close = "</think>"};
  return format;
}

} // namespace

AnswerFormat answerFormatOf(const Bundle &bundle, const Tokenizer &tokenizer) {
  AnswerFormat format = reasoningFormatOf(bundle, tokenizer);
  if (const bundle::ToolCallFormat *calls = bundle.index().tool_calls())
    calls->UnPackTo(&format.calls.emplace());
  return format;
}

} // namespace osscc::rt
