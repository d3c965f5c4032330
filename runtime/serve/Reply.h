// An answer in the form that the client of one endpoint reads, whole or as it comes.
#pragma once

#include "runtime/serve/Generation.h"

#include <boost/json/object.hpp>

#include <memory>
#include <string>

namespace osscc::rt::serve {

class Reply {
public:
  virtual ~Reply() = default;

  /// Server-sent events before the first step.
  virtual std::string begin() { return {}; }
  /// The events of a step.
  virtual std::string events(const Step &step) = 0;
  /// The events behind the last step of the last answer.
  virtual std::string close() = 0;

  /// Takes a step of an answer that is told whole.
  virtual void add(Step step) = 0;
  /// The answer, when all steps were taken.
  virtual boost::json::object whole() = 0;
};

std::unique_ptr<Reply> makeChatReply(const Generation &generation, const Served &served);
std::unique_ptr<Reply> makeCompletionReply(const Generation &generation, const Served &served);
std::unique_ptr<Reply> makeResponsesReply(const Generation &generation, const Served &served);

/// The event of an error amid a stream.
std::string errorEvent(const ApiError &error);

/// "data: {...}\n\n", with "event: NAME" before it where there is a name.
std::string serverEvent(const boost::json::object &data, std::string_view name = {});

/// An id that no other answer has: "chatcmpl-" and 24 digits.
std::string freshId(std::string_view prefix);

/// Tokens that the answers of one request took; a prompt counts once.
class UsageSum {
public:
  explicit UsageSum(int64_t answersPerPrompt) : each(answersPerPrompt) {}
  void add(size_t index, const Ending &ending);
  /// As chat and completions have it.
  boost::json::object json() const;
  /// As responses have it.
  boost::json::object responsesJson() const;

private:
  int64_t each;
  Ending sum;
};

} // namespace osscc::rt::serve
