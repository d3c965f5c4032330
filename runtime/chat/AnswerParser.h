// Takes an answer apart while it comes. Every stream of tokens gives a message, if need be with an
// error in it; none is too strange.
//
//   token ─ feed() ─▶ events, to be shown at once ─ all of them ─▶ message()
#pragma once

#include "runtime/base/Status.h"
#include "runtime/chat/AnswerFormat.h"
#include "runtime/chat/Message.h"
#include "runtime/chat/ToolCallReader.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

/// What a token adds to the message. The texts of one kind, joined, are those of the message.
struct AnswerEvent {
  enum Kind {
    kReasoning,
    kCommentary,
    kContent,
    kCall,      ///< A tool call begins: the next of Message::calls. No text.
    kArguments, ///< Of that call.
  } kind;
  std::string text; ///< Whole characters.
};

class AnswerParser {
public:
  /// \param tokenizer  must outlive the parser.
  /// \errors  kRuntime for a tokenizer without a marker of the format, and for tags without a text.
  static Result<std::unique_ptr<AnswerParser>> create(const AnswerFormat &format,
                                                      const Tokenizer &tokenizer);
  virtual ~AnswerParser() = default;

  /// Takes the next token of the answer, of any value; an end id may be among them.
  /// \returns what it adds, until the next call.
  const std::vector<AnswerEvent> &feed(int32_t token);

  /// Ends the answer: message() is then complete. Once.
  /// \param ended  whether the model ended it, by an end id that was not fed; else it was cut.
  /// \returns the last pieces of text, which were held back.
  const std::vector<AnswerEvent> &finish(bool ended);

  /// The message so far.
  const Message &message() const { return parsed; }

  /// What the last token gave to the answer behind the reasoning, calls and their marks included;
  /// empty in harmony.
  std::string_view lastAnswer() const { return fresh; }

  /// Whether nothing more of the answer will be read: Message::error says why. It is better ended.
  bool failed() const { return parsed.error && isOver; }

  /// Whether a text that comes next would be reasoning; before all this is not known, and false.
  virtual bool reasons() const = 0;

  /// What a text that comes next would be.
  enum class Next {
    kAnswer, ///< Content, or a call in it.
    kBeside, ///< Reasoning, or what leads to a text.
    kEither, ///< That depends on it.
  };
  virtual Next next() const = 0;
  /// The text that leads from kEither to kBeside, or from reasoning to the answer, as far as it has
  /// not come; empty: no text does.
  virtual std::string_view lead() const { return {}; }

protected:
  AnswerParser() = default; ///< One that reads calls by itself.
  AnswerParser(const AnswerFormat &format, const Tokenizer &tokenizer);

  virtual void read(int32_t token) = 0;
  virtual void close(bool ended) = 0;

  /// The text of a token, as far as it is whole. A special token has one if it is a mark of calls
  /// or of `marks`.
  std::string textOf(int32_t token, std::initializer_list<std::string_view> marks = {});
  /// The rest of it.
  std::string lastText() { return detokenizer->finish(); }
  /// Takes text that is no reasoning: content, in which calls may stand.
  void addAnswer(std::string_view text);
  /// Ends that.
  void endAnswer(bool ended);

  /// Adds text to the message and the events. \param kind  not kCall.
  void add(AnswerEvent::Kind kind, std::string_view text);
  /// What is added next of this kind is a part of its own.
  void beginPart(AnswerEvent::Kind kind);
  void beginCall(std::string recipient, std::string contentType);
  /// Notes that a tool is called that was not offered.
  void noteUnknown(std::string_view recipient);
  /// Notes an error, if it is the first.
  void note(AnswerFault fault, std::string text);
  /// Notes an error and reads no further.
  void fail(AnswerFault fault, std::string text);

  Message parsed;

private:
  std::string &partOf(AnswerEvent::Kind kind);
  ToolCallSink callSink();

  const Tokenizer *tokenizer = nullptr;
  std::optional<Detokenizer> detokenizer;
  std::optional<std::vector<std::string>> tools;
  std::vector<std::string> callMarks;
  std::unique_ptr<ToolCallReader> calls; ///< None: calls are not sought.
  std::vector<AnswerEvent> events;
  std::string fresh; ///< Given to addAnswer() by the last token.
  bool isOver = false, joins = false, afterCall = false;
};

} // namespace osscc::rt
