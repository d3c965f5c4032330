// One answer: drawn token by token, taken apart, shown as it comes; thoughts end where their budget
// does.
#pragma once

#include "runtime/chat/AnswerConstraint.h"
#include "runtime/chat/AnswerParser.h"
#include "runtime/model/Generate.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

class Session;

/// Where an answer goes while it comes, in whole characters.
struct AnswerSink {
  std::function<Status(std::string_view)> content;      ///< Without stop strings.
  std::function<Status(std::string_view)> reasoning;    ///< And what is told beside the answer.
  std::function<void(const ToolCall &)> call = {};      ///< A call begins, its arguments follow.
  std::function<void(std::string_view)> arguments = {}; ///< Of the call that has begun last.
  /// Called when the thoughts have ended, if there were any.
  std::function<void(int64_t tokens, double seconds)> thought = {};
};

struct AnswerRequest {
  std::span<const int32_t> prompt;
  AnswerFormat format = {};
  /// Tokens of thoughts at most; a quarter of the room is kept for the answer, however many these
  /// are. None: no bound.
  std::optional<int64_t> budget = std::nullopt;
  std::vector<int32_t> close = {};    ///< Tokens that end thoughts and begin the answer.
  std::vector<int32_t> turnEnds = {}; ///< Ids that end a turn and are for the parser to read.
  std::vector<std::string> stops = {};
  AnswerConstraint *constraint = nullptr; ///< That the answer is held to; begins anew with it.
};

struct Answer {
  Message message;            ///< `content` without stop strings.
  std::vector<int32_t> drawn; ///< All that stands behind the prompt, without an id that ended it.
  Finish finish = Finish::kEnd;
  bool isHeld = true; ///< Whether the constraint, if there is one, has come to its end.
  int64_t reused = 0; ///< Tokens of the prompt that were known already.
  int64_t tokens = 0, thoughts = 0;            ///< Drawn; those of them that are thoughts.
  double promptSeconds = 0, answerSeconds = 0; ///< Up to the first token, and from there on.
};

/// Answers in sequence 0.
/// \param options  maxTokens counts thoughts too, but not what closes them.
/// \param answer   as far as it came, also with an error.
/// \errors  those of generate(), of the sink, and of AnswerParser::create().
Status drawAnswer(Session &session, const Tokenizer &tokenizer, Sampler &sampler,
                  const GenerateOptions &options, const AnswerRequest &request,
                  const AnswerSink &sink, Answer &answer);

} // namespace osscc::rt
