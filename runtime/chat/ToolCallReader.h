// Finds the calls of tools in the text of an answer while it comes.
//
//   Let me look.\n<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>
//   content      call
#pragma once

#include "runtime/bundle/Bundle_generated.h"
#include "runtime/chat/CallValues.h"
#include "runtime/chat/Extent.h"
#include "runtime/chat/Message.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

/// Where the parts of an answer go.
struct ToolCallSink {
  std::function<void(std::string_view)> content;
  std::function<void(ReadCall)> call;
  std::function<void(AnswerFault, std::string)> fault; ///< Reading goes on behind it.
};

/// Takes calls out of a text. Any text is read: what looks like a call and is none is content, with
/// a fault where it had the marks of one. White space around calls and newlines before them belong
/// to the marks. Without a mark of its own, a call is only sought at the begin of the text, and one
/// that is none is no fault.
class ToolCallReader {
public:
  /// \param texts  arguments that are texts where the notation does not tell.
  ToolCallReader(bundle::ToolCallFormatT format, ToolCallSink sink,
                 std::vector<TextArgument> texts = {});

  void feed(std::string_view text);
  /// Ends the text: what is left is content, and a call that has begun is broken off.
  void finish();

  /// Calls so far.
  size_t calls() const { return count; }

private:
  enum class State {
    kText,
    kBetween, ///< In a section, or behind a call: another one may come.
    kJson,    ///< A value in brackets: Json, Python, and the arguments of NamedJson and Gemma.
    kName,
    kKey,   ///< Before a key or the end of the call.
    kInKey, ///< In a key.
    kType,
    kBeforeValue,
    kValue,
    kEnd, ///< Behind all of a call but its end.
  };

  void run();
  bool readText();
  bool readBetween();
  bool readName();
  bool readBrackets();
  bool readKey();
  bool readPart();
  bool readBeforeValue();
  bool readEnd();

  bool isBare() const { return format.begin.empty(); }
  void beginCall(size_t behind);
  void endCall();
  void addCalls(std::vector<ReadCall> calls);
  bool takeBrackets(std::string_view value);
  void leave();
  void giveUp();
  void putContent(std::string_view text);
  std::string_view rest() const { return std::string_view(held).substr(at); }
  void skipSpaces();
  bool skip(const std::string &mark);
  bool mayCome(const std::string &mark) const;
  size_t find(const std::string &mark);
  bool isTextArgument(std::string_view value) const;

  const bundle::ToolCallFormatT format;
  const ToolCallSink sink;
  const std::vector<TextArgument> texts;
  State state = State::kText;
  std::string held;       ///< Not read yet, or part of a call that may yet be none.
  size_t at = 0;          ///< Where reading goes on within it.
  size_t searched = 0;    ///< Up to where a mark was sought in vain.
  std::string newlines;   ///< At the end of the content, held back.
  std::string name, key;  ///< Of the call that is being read.
  std::string arguments;  ///< Of it, as JSON without the last bracket.
  bool isText = false;    ///< Whether the value is one by its type.
  bool hasType = false;   ///< Whether a type was given.
  bool inSection = false; ///< Between section_begin and section_end.
  bool isFresh = true;    ///< No content and no call so far.
  bool afterCall = false; ///< No content since a call.
  size_t count = 0;
  Extent extent;
};

} // namespace osscc::rt
