// One chat: its messages, the prompt that the model's template makes of them, and the answers.
#pragma once

#include "runtime/chat/Answering.h"
#include "runtime/chat/Reasoning.h"
#include "runtime/chat/Replay.h"
#include "runtime/chat/Transcript.h"
#include "runtime/cli/Assistant.h"
#include "runtime/model/Generate.h"
#include "runtime/model/Session.h"
#include "runtime/schema/Constraint.h"

namespace osscc::rt::cli {

class Conversation {
public:
  /// Loads what answering needs. \errors  kInvalidArgument for options that the model cannot serve,
  /// those of loading.
  static Result<Conversation> create(const Assistant &assistant);

  /// Asks one question in the light of the messages so far, which the question and its answer join.
  /// An answer that was interrupted stays as far as it came; a question that could not be asked
  /// does not stay. Where the context has no room, the oldest turns are hidden from the model.
  ///
  /// \errors  kCancelled after an interrupt, kInvalidArgument for a question that alone is beyond
  /// the context (both numbers named).
  Result<Finish> ask(std::string_view question, const AnswerSink &sink);

  /// Answers the last question once more, in place of its answer: another draw, if the model
  /// samples. \errors  kInvalidArgument if nothing was asked yet, and those of ask().
  Result<Finish> askAgain(const AnswerSink &sink);

  /// Forgets all messages but the system's, and begins the seed's random numbers anew.
  void clear();

  /// Hides the oldest turns from the model; the chat's file keeps them. \returns how many.
  size_t drop(size_t turns);
  size_t turns() const { return transcript.turns(); }

  /// The system message; empty if there is none. Setting it keeps the rest of the chat.
  std::string_view system() const { return transcript.system(); }
  void setSystem(std::string_view text) { transcript.setSystem(text); }

  /// As Transcript::save() and load().
  std::string save() const { return transcript.save(); }
  Status load(std::string_view request);
  /// The path that the chat was saved to or loaded from last; empty: none.
  const std::string &file() const { return savedAs; }
  void setFile(std::string path) { savedAs = std::move(path); }

  /// How answers are drawn, from the next one on; the caller checks it.
  GenerateOptions &options() { return generation; }

  /// How much the model thinks, from the next answer on.
  Reasoning &reasoning() { return mode; }

  /// Of the last answer.
  struct Stats {
    int64_t prompt = 0, reused = 0; ///< Tokens, and how many of them were still in the cache.
    int64_t answer = 0;             ///< Tokens, thoughts among them.
    int64_t thoughts = 0;           ///< Tokens.
    double promptSeconds = 0, answerSeconds = 0;
    size_t dropped = 0;  ///< Turns that were hidden to make room.
    bool fills = false;  ///< Whether with it the context came to be three quarters full.
    bool isMute = false; ///< Whether nothing came but thoughts.
    bool isHeld = true;  ///< Whether it is whole as the schema, if there is one, wants it.
    std::optional<AnswerError> fault = std::nullopt; ///< What is wrong with it.
  };
  const Stats &stats() const { return last; }

  /// Tokens of the context that the chat takes, never more than context(); 0 where it has changed
  /// since the last answer.
  int64_t contextUsed() const { return held; }

  /// "smollm2 (llama), bf16, x86-64-v3, context 8192, 2 threads".
  std::string banner() const;

  int64_t context() const { return session->context(); }

private:
  /// A text for the model to go on with, and how that is to be read.
  struct Prompt {
    std::vector<int32_t> tokens;
    AnswerFormat format = {};
  };

  Conversation(const Assistant &assistant, Tokenizer tokenizer, Machine machine);
  Status loadFormat();
  Result<Prompt> encodeChat(size_t fewer = 0) const;
  Result<Prompt> fitChat();
  Result<Finish> answerMessages(const AnswerSink &sink);
  Result<Finish> answer(const Prompt &prompt, const AnswerSink &sink, Message &message);
  int64_t nearlyFull() const { return context() - context() / 4; }

  const Assistant *assistant;
  Tokenizer tokenizer;
  Machine machine;
  std::unique_ptr<Session> session; // refers to machine.model's place
  GenerateOptions generation;
  Sampler sampler{SamplerOptions{}}; ///< Its random numbers go on from answer to answer.
  std::optional<int64_t> clock;      ///< That the template takes for now, seconds since 1970.
  bool raw;
  Reasoning mode;
  std::vector<int32_t> closing;                ///< Tokens that end thoughts.
  std::vector<int32_t> turnEnds;               ///< As AnswerRequest has them.
  Schema schema;                               ///< That answers are held to; null: none.
  std::shared_ptr<const TokenTrie> vocabulary; ///< Only with a schema.
  Transcript transcript;
  Replay replay;
  std::string savedAs;
  int64_t held = 0;
  Stats last;
};

/// The command line's sampling over the defaults of the model's generation_config.json. Without a
/// seed, one is drawn.
/// \errors  kUsage for a value out of range.
Result<GenerateOptions> chooseGeneration(const Options &options,
                                         const bundle::Generation &defaults);

} // namespace osscc::rt::cli
