// A job that has a sequence: its text grows token by token until its answer ends.
#pragma once

#include "runtime/chat/AnswerDraft.h"
#include "runtime/serve/Job.h"
#include "runtime/serve/Served.h"

#include <memory>
#include <optional>
#include <unordered_map>

namespace osscc::rt::serve {

class Running {
public:
  /// \param served   must outlive the object.
  /// \param sequence  of the session, which holds the first `cached` tokens of the job's prompt.
  /// \errors  those of AnswerParser::create().
  static Result<std::unique_ptr<Running>> create(std::shared_ptr<Job> job, const Served &served,
                                                 int64_t sequence, int64_t cached);
  Running(const Running &) = delete;

  int64_t sequence() const { return place; }
  const Job &job() const { return *asked; }

  /// All tokens so far: what the sequence does not hold of them is to be fed.
  const std::vector<int32_t> &text() const { return draft.text(); }
  /// Whether the logits of each row of the prompt are wanted, not only those of the last.
  bool scoresPrompt() const { return asked->scoresPrompt && answer.tokens == 0; }
  /// Whether the sequence still lacks some of the prompt.
  bool readsPrompt(int64_t held) const { return held < int64_t(asked->prompt.size()); }

  /// Notes what is to be told of the prompt's token `place` + 1. \param logits  [V], of the row.
  void scorePrompt(std::span<const float> logits, int64_t place);

  /// Draws the next token. \param logits  [V], of the row of the text's last token; overwritten.
  void draw(std::span<float> logits);

  /// Ends the answer where it is. \param code, why  what clients are told.
  void cut(std::string code, std::string why);

  bool isOver() const { return over; }

  /// Tells the listener what is new, if anything is.
  void tell();

private:
  Running(std::shared_ptr<Job> job, const Served &served, int64_t sequence, int64_t cached,
          std::unique_ptr<AnswerParser> parser);
  void accept(int32_t token);
  bool hasCalledOnce() const;
  void endIf(Finish why);
  void end();
  TokenLogprob logprobOf(std::span<const float> logits, int32_t token) const;
  std::string reasonFor() const;
  bool isPastCalls() const { return asked->callsOnce && calls > 0; }

  const std::shared_ptr<Job> asked;
  const Served &served;
  const int64_t place, cached;
  std::unique_ptr<AnswerParser> parser;
  std::optional<AnswerConstraint> constraint;
  AnswerRequest request;
  AnswerSink sink;
  Answer answer;
  AnswerDraft draft;
  Sampler sampler;
  std::unordered_map<int32_t, int64_t> counts; ///< Of the answer's tokens.
  std::vector<float> untouched;                ///< [V] logits before any setting.
  Step step;
  int64_t calls = 0;
  bool over = false, isCut = false;
  std::string cutCode, cutWhy;
};

} // namespace osscc::rt::serve
