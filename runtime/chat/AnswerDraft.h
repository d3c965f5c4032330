// An answer on its way: what is drawn is taken apart and shown, token by token, and thoughts end
// where their budget does. Who draws, and when, is the caller's affair.
//
//   text() ─ fed, and drawn behind ─▶ take() ─▶ ... ─▶ goesOnBehind(why it ended) ─ no ─▶ finish()
#pragma once

#include "runtime/chat/Answering.h"
#include "runtime/chat/StopFilter.h"

#include <chrono>

namespace osscc::rt {

class AnswerDraft {
public:
  /// \param request, sink, answer  must outlive the draft, which keeps `answer` up to date.
  AnswerDraft(const Tokenizer &tokenizer, AnswerParser &parser, const AnswerRequest &request,
              const AnswerSink &sink, Answer &answer);

  /// Begins the answer, once.
  /// \param room       tokens that the context has behind the prompt; negative counts as 0.
  /// \param maxTokens  as GenerateOptions has it.
  void begin(int64_t room, std::optional<int64_t> maxTokens);

  /// The prompt and all behind it, tokens that close thoughts among them.
  const std::vector<int32_t> &text() const { return all; }

  /// Of which ids the next token must be one, as Sampler::allowOnly() takes them. Valid until the
  /// next call.
  std::span<const uint64_t> allowed() const;

  /// Takes the token that was drawn behind text(). \returns whether the answer goes on.
  bool take(int32_t token);

  /// Whether the last token ended the turn, for the parser to read: take() has then said no.
  bool ended() const { return isEnded; }

  /// Whether the answer goes on although drawing ended: thoughts are closed, and text() has grown
  /// by what closes them. Notes why it ended.
  bool goesOnBehind(Finish why);

  /// Completes the answer. \param byModel  whether the model ended it.
  void finish(bool byModel);

  /// What the sink has said last.
  const Status &status() const { return shown; }

  /// Whether a token that comes next would be a thought.
  bool reasons() const { return parser.reasons(); }

private:
  bool isSpent() const { return limit && parser.reasons() && answer.thoughts >= *limit; }
  void closeThoughts();
  void put(std::string_view content);
  void read(int32_t token);
  void show(const std::vector<AnswerEvent> &events);
  void countThoughts();

  const Tokenizer &tokenizer;
  AnswerParser &parser;
  const AnswerRequest &request;
  const AnswerSink &sink;
  Answer &answer;
  StopFilter filter;
  std::vector<int32_t> all;
  std::string content; ///< What is shown of it.
  std::optional<int64_t> limit;
  Status shown;
  bool isEnded = false, reasoned = false;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now(), thoughtStart;
};

} // namespace osscc::rt
