// An answer taken apart: what the model thinks, what it tells, what it calls, and what is wrong
// with it.
#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

struct ToolCall {
  std::string recipient;   ///< As the model writes it: "functions.get_weather", "python".
  std::string contentType; ///< What the arguments are said to be, "json"; or empty.
  std::string arguments;   ///< As the model writes them: nobody has looked whether they are JSON.

  /// The function's own name, "get_weather".
  std::string_view name() const;
};

/// What is wrong with an answer.
enum class AnswerFault {
  kBrokenOff,      ///< It ends inside a header or a tool call.
  kRepeatedHeader, ///< A header says a thing twice, or stands where a text goes on.
  kBadHeader,      ///< A header that says something else than role, channel, recipient and type.
  kUnknownChannel, ///< A channel that the format does not have.
  kUnknownTool,    ///< A call of a tool that was not offered.
  kWrongRole,      ///< The model speaks as someone else.
  kStrayToken,     ///< Something between two messages, or a marker that belongs nowhere.
  kBadCall,        ///< What has the marks of a call and cannot be read as one: it is content.
};

/// "broken_off".
std::string_view nameOf(AnswerFault fault);

struct AnswerError {
  AnswerFault fault;
  std::string text; ///< One line, no full stop: what is wrong. It quotes the model.
};

/// How an answer came to its end.
enum class AnswerEnd {
  kStop,      ///< The model ended it.
  kToolCalls, ///< The model waits for what it called.
  kLength,    ///< It was cut: there is more to say.
  kError,     ///< Message::error: it cannot be read on.
};

/// "stop", "tool_calls", "length", "error".
std::string_view nameOf(AnswerEnd end);

/// Texts are UTF-8. Parts of one kind that lie apart in the answer are joined by a newline.
struct Message {
  std::string reasoning;
  std::string commentary; ///< What the model tells the user beside its answer, before it calls.
  std::string content;    ///< The answer.
  std::vector<ToolCall> calls;
  AnswerEnd end = AnswerEnd::kLength;
  std::optional<AnswerError> error; ///< The first; the texts are what came before and around it.
};

/// {"reasoning": "", "content": "", "tool_calls": [], "finish_reason": "stop"}, with "commentary"
/// and "error": {"code", "message"} where there are such. A call is {"type": "function",
/// "function":
/// {"name", "arguments"}, "recipient"}, with "content_type" if it names one.
boost::json::object toJson(const Message &message);

} // namespace osscc::rt
