#include "runtime/chat/Message.h"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

using namespace osscc::rt;

namespace {

TEST(Message, HasTheKeysOfTheContractAlways) {
  EXPECT_EQ(toJson({}), boost::json::parse(R"({"reasoning": "", "content": "", "tool_calls": [],
                                              "finish_reason": "length"})"));
}

TEST(Message, HasItsCallsAndItsError) {
  Message message{.reasoning = "a",
                  .commentary = "b",
                  .content = "\"c\"",
                  .calls = {{"functions.f", "json", "{}"}, {"python", "", "1"}},
                  .end = AnswerEnd::kError,
                  .error = AnswerError{AnswerFault::kBadHeader, "d"}};
  EXPECT_EQ(toJson(message), boost::json::parse(R"({
    "reasoning": "a", "content": "\"c\"", "commentary": "b", "finish_reason": "error",
    "tool_calls": [
      {"type": "function", "function": {"name": "f", "arguments": "{}"},
       "recipient": "functions.f", "content_type": "json"},
      {"type": "function", "function": {"name": "python", "arguments": "1"},
       "recipient": "python"}],
    "error": {"code": "bad_header", "message": "d"}})"));
}

TEST(Message, NamesAreThoseOfTheContract) {
  EXPECT_EQ(nameOf(AnswerEnd::kStop), "stop");
  EXPECT_EQ(nameOf(AnswerEnd::kToolCalls), "tool_calls");
  EXPECT_EQ(nameOf(AnswerEnd::kLength), "length");
}

} // namespace
