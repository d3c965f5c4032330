#include "runtime/chat/AnswerParser.h"

#include "runtime/chat/Harmony.h"
#include "runtime/chat/ThinkTags.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace osscc::rt {
namespace {

/// An answer that is nothing else.
class PlainParser final : public AnswerParser {
public:
  PlainParser(const AnswerFormat &format, const Tokenizer &tokenizer)
      : AnswerParser(format, tokenizer) {}
  bool reasons() const override { return false; }
  Next next() const override { return Next::kAnswer; }

private:
  void read(int32_t token) override { addAnswer(textOf(token)); }
  void close(bool ended) override {
    addAnswer(lastText());
    endAnswer(ended);
  }
};

/// The texts that tell a call from other text, and that special tokens may be parts of.
std::vector<std::string> marksOf(const bundle::ToolCallFormatT &format) {
  std::vector<std::string> marks{format.section_begin, format.section_end, format.begin,
                                 format.end,           format.name_begin,  format.name_end,
                                 format.id_begin,      format.key_begin,   format.key_end,
                                 format.type_end,      format.value_begin, format.value_end};
  if (format.notation == bundle::ToolNotation::Gemma)
    marks.emplace_back(kGemmaQuote);
  return marks;
}

} // namespace

Result<std::unique_ptr<AnswerParser>> AnswerParser::create(const AnswerFormat &format,
                                                           const Tokenizer &tokenizer) {
  switch (format.style) {
  case AnswerFormat::Style::kPlain:
    break;
  case AnswerFormat::Style::kTags:
    return makeThinkTags(format, tokenizer);
  case AnswerFormat::Style::kHarmony:
    return makeHarmony(format, tokenizer);
  }
  return std::make_unique<PlainParser>(format, tokenizer);
}

AnswerParser::AnswerParser(const AnswerFormat &format, const Tokenizer &tokenizer)
    : tokenizer(&tokenizer), detokenizer(tokenizer), tools(format.tools) {
  if (!format.calls || (tools && tools->empty()))
    return;
  callMarks = marksOf(*format.calls);
  calls = std::make_unique<ToolCallReader>(*format.calls, callSink(), format.texts);
}

ToolCallSink AnswerParser::callSink() {
  ToolCallSink sink;
  sink.content = [this](std::string_view text) {
    if (!text.empty() && std::exchange(afterCall, false))
      beginPart(AnswerEvent::kContent);
    add(AnswerEvent::kContent, text);
  };
  sink.call = [this](ReadCall call) {
    if (tools && std::ranges::find(*tools, call.name) == tools->end())
      noteUnknown(call.name);
    beginCall(std::move(call.name), {});
    add(AnswerEvent::kArguments, call.arguments);
    afterCall = true;
  };
  sink.fault = [this](AnswerFault fault, std::string text) { note(fault, std::move(text)); };
  return sink;
}

std::string AnswerParser::textOf(int32_t token, std::initializer_list<std::string_view> marks) {
  if (!tokenizer->isSpecial(token))
    return detokenizer->feed(token);
  // A special token is not shown, but it may be a mark.
  std::string_view piece = tokenizer->piece(token);
  auto has = [&](std::string_view mark) { return mark.find(piece) != mark.npos; };
  bool isMark = std::ranges::any_of(marks, has) || std::ranges::any_of(callMarks, has);
  return isMark ? detokenizer->finish() + std::string(piece) : std::string();
}

void AnswerParser::addAnswer(std::string_view text) {
  fresh += text;
  if (calls)
    calls->feed(text);
  else
    add(AnswerEvent::kContent, text);
}

void AnswerParser::endAnswer(bool ended) {
  if (calls)
    calls->finish();
  bool calledLast = calls && calls->calls() > 0;
  parsed.end = !ended ? AnswerEnd::kLength : calledLast ? AnswerEnd::kToolCalls : AnswerEnd::kStop;
}

const std::vector<AnswerEvent> &AnswerParser::feed(int32_t token) {
  events.clear();
  fresh.clear();
  if (!isOver)
    read(token);
  return events;
}

const std::vector<AnswerEvent> &AnswerParser::finish(bool ended) {
  events.clear();
  if (!isOver)
    close(ended);
  isOver = true;
  return events;
}

std::string &AnswerParser::partOf(AnswerEvent::Kind kind) {
  switch (kind) {
  case AnswerEvent::kReasoning:
    return parsed.reasoning;
  case AnswerEvent::kCommentary:
    return parsed.commentary;
  case AnswerEvent::kContent:
    break;
  case AnswerEvent::kCall:
  case AnswerEvent::kArguments:
    return parsed.calls.back().arguments;
  }
  return parsed.content;
}

void AnswerParser::add(AnswerEvent::Kind kind, std::string_view text) {
  if (text.empty())
    return;
  std::string piece(std::exchange(joins, false) ? "\n" : "");
  piece += text;
  partOf(kind) += piece;
  events.push_back({kind, std::move(piece)});
}

void AnswerParser::beginPart(AnswerEvent::Kind kind) {
  joins = !partOf(kind).empty();
}

void AnswerParser::beginCall(std::string recipient, std::string contentType) {
  parsed.calls.push_back({std::move(recipient), std::move(contentType), {}});
  joins = false;
  events.push_back({AnswerEvent::kCall, {}});
}

void AnswerParser::noteUnknown(std::string_view recipient) {
  note(AnswerFault::kUnknownTool,
       fmt::format("the model calls '{}', which is no tool of this conversation", recipient));
}

void AnswerParser::note(AnswerFault fault, std::string text) {
  if (!parsed.error)
    parsed.error = {fault, std::move(text)};
}

void AnswerParser::fail(AnswerFault fault, std::string text) {
  // What made the rest unreadable says more than a tool that is not known.
  parsed.error = {fault, std::move(text)};
  parsed.end = AnswerEnd::kError;
  isOver = true;
}

} // namespace osscc::rt
