// Answers spelt as texts, for tests of their parsers.
#pragma once

#include "runtime/base/Utf8.h"
#include "runtime/chat/AnswerParser.h"
#include "test/runtime/chat/AnswerTokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace osscc::test {

/// Parses `ids`, and holds what was streamed to the message.
inline rt::Message parseIds(const rt::AnswerFormat &format, const std::vector<int32_t> &ids,
                            bool ended = false,
                            const rt::Tokenizer &tokenizer = *answerTokenizer()) {
  auto parser = rt::AnswerParser::create(format, tokenizer);
  if (!parser) {
    ADD_FAILURE() << parser.error().message;
    return {};
  }
  rt::Message streamed;
  auto take = [&](const std::vector<rt::AnswerEvent> &events) {
    for (const rt::AnswerEvent &event : events) {
      EXPECT_EQ(rt::validUtf8Bytes(event.text), event.text.size());
      EXPECT_EQ(event.text.empty(), event.kind == rt::AnswerEvent::kCall);
      if (event.kind == rt::AnswerEvent::kReasoning)
        streamed.reasoning += event.text;
      else if (event.kind == rt::AnswerEvent::kCommentary)
        streamed.commentary += event.text;
      else if (event.kind == rt::AnswerEvent::kContent)
        streamed.content += event.text;
      else if (event.kind == rt::AnswerEvent::kCall)
        streamed.calls.emplace_back();
      else
        streamed.calls.back().arguments += event.text;
    }
  };
  for (int32_t id : ids)
    take((*parser)->feed(id));
  take((*parser)->finish(ended));
  const rt::Message &message = (*parser)->message();
  EXPECT_EQ(streamed.reasoning, message.reasoning);
  EXPECT_EQ(streamed.commentary, message.commentary);
  EXPECT_EQ(streamed.content, message.content);
  EXPECT_TRUE(std::ranges::equal(streamed.calls, message.calls, {}, &rt::ToolCall::arguments,
                                 &rt::ToolCall::arguments));
  return message;
}

inline rt::Message parseText(const rt::AnswerFormat &format, std::string_view text,
                             bool ended = false) {
  return parseIds(format, answerTokenizer().ids(text), ended);
}

} // namespace osscc::test
