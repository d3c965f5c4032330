// One chat: its messages, the prompt that the model's template makes of them, and the answers.
#pragma once

#include "runtime/cli/Commands.h"
#include "runtime/model/Generate.h"
#include "runtime/model/Session.h"

#include <boost/json.hpp>

#include <functional>

namespace osscc::rt::cli {

class Conversation {
public:
  /// Loads what answering needs. \errors  kInvalidArgument for options that the model cannot serve,
  /// those of loading.
  static Result<Conversation> create(const Assistant &assistant);

  /// Asks one question in the light of the messages so far, which the question and its answer join.
  /// An answer that was interrupted stays as far as it came; a question that could not be asked
  /// does not stay.
  ///
  /// \param show  called with the answer's text as it is known, in whole characters and without
  /// stop strings.
  /// \errors  kCancelled after an interrupt, kInvalidArgument for a chat beyond the context (both
  /// numbers named).
  Result<Finish> ask(std::string_view question,
                     const std::function<Status(std::string_view)> &show);

  /// Answers the last question once more, in place of its answer: another draw, if the model
  /// samples. \errors  kInvalidArgument if nothing was asked yet, and those of ask().
  Result<Finish> askAgain(const std::function<Status(std::string_view)> &show);

  /// Forgets all messages but the system's, and begins the seed's random numbers anew.
  void clear();

  /// The system message; empty if there is none. Setting it keeps the rest of the chat.
  std::string_view system() const;
  void setSystem(std::string_view text);

  /// The messages as a chat request, {"messages": [{"role", "content"}, ...]}.
  std::string save() const;
  /// Takes the messages of such a request. \errors  kInvalidArgument naming what is wrong with it;
  /// the chat is then unchanged.
  Status load(std::string_view request);

  /// How answers are drawn, from the next one on; the caller checks it.
  GenerateOptions &options() { return generation; }

  /// Of the last answer.
  struct Stats {
    int64_t prompt = 0, reused = 0; ///< Tokens, and how many of them were still in the cache.
    int64_t answer = 0;             ///< Tokens.
    double promptSeconds = 0, answerSeconds = 0;
  };
  const Stats &stats() const { return last; }

  /// "smollm2 (llama), bf16, x86-64-v3, context 8192, 2 threads".
  std::string banner() const;

  int64_t context() const { return session->context(); }

private:
  Conversation(const Assistant &assistant, Tokenizer tokenizer, Machine machine);
  Result<std::vector<int32_t>> encodeChat() const;
  Result<Finish> answerMessages(const std::function<Status(std::string_view)> &show);
  Result<Finish> answer(std::span<const int32_t> prompt,
                        const std::function<Status(std::string_view)> &show, std::string &text);

  const Assistant *assistant;
  Tokenizer tokenizer;
  Machine machine;
  std::unique_ptr<Session> session; // refers to machine.model's place
  GenerateOptions generation;
  Sampler sampler{SamplerOptions{}}; ///< Its random numbers go on from answer to answer.
  std::optional<int64_t> clock;      ///< That the template takes for now, seconds since 1970.
  bool raw;
  boost::json::array messages;
  Stats last;
};

/// The command line's sampling over the defaults of the model's generation_config.json. Without a
/// seed, one is drawn.
/// \errors  kUsage for a value out of range.
Result<GenerateOptions> chooseGeneration(const Options &options,
                                         const bundle::Generation &defaults);

} // namespace osscc::rt::cli
