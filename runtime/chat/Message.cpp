#include "runtime/chat/Message.h"

#include <boost/json/array.hpp>

namespace osscc::rt {

std::string_view ToolCall::name() const {
  constexpr std::string_view kFunctions = "functions.";
  std::string_view whole = recipient;
  return whole.starts_with(kFunctions) ? whole.substr(kFunctions.size()) : whole;
}

std::string_view nameOf(AnswerFault fault) {
  switch (fault) {
  case AnswerFault::kBrokenOff:
    return "broken_off";
  case AnswerFault::kRepeatedHeader:
    return "repeated_header";
  case AnswerFault::kBadHeader:
    return "bad_header";
  case AnswerFault::kUnknownChannel:
    return "unknown_channel";
  case AnswerFault::kUnknownTool:
    return "unknown_tool";
  case AnswerFault::kWrongRole:
    return "wrong_role";
  case AnswerFault::kStrayToken:
    return "stray_token";
  case AnswerFault::kBadCall:
    break;
  }
  return "bad_call";
}

std::string_view nameOf(AnswerEnd end) {
  switch (end) {
  case AnswerEnd::kStop:
    return "stop";
  case AnswerEnd::kToolCalls:
    return "tool_calls";
  case AnswerEnd::kLength:
    return "length";
  case AnswerEnd::kError:
    break;
  }
  return "error";
}

boost::json::object toJson(const Message &message) {
  boost::json::array calls;
  for (const ToolCall &call : message.calls) {
    boost::json::object out{{"type", "function"},
                            {"function", {{"name", call.name()}, {"arguments", call.arguments}}},
                            {"recipient", call.recipient}};
    if (!call.contentType.empty())
      out["content_type"] = call.contentType;
    calls.push_back(std::move(out));
  }
  boost::json::object out{{"reasoning", message.reasoning},
                          {"content", message.content},
                          {"tool_calls", std::move(calls)},
                          {"finish_reason", nameOf(message.end)}};
  if (!message.commentary.empty())
    out["commentary"] = message.commentary;
  if (message.error)
    out["error"] = {{"code", nameOf(message.error->fault)}, {"message", message.error->text}};
  return out;
}

} // namespace osscc::rt
