#include "runtime/chat/AnswerParser.h"

#include "runtime/chat/Harmony.h"
#include "runtime/chat/ThinkTags.h"

#include <utility>

namespace osscc::rt {
namespace {

/// An answer that is nothing else.
class PlainParser final : public AnswerParser {
public:
  explicit PlainParser(const Tokenizer &tokenizer) : tokenizer(tokenizer), detokenizer(tokenizer) {}
  bool reasons() const override { return false; }

private:
  void read(int32_t token) override {
    if (!tokenizer.isSpecial(token))
      add(AnswerEvent::kContent, detokenizer.feed(token));
  }
  void close(bool ended) override {
    add(AnswerEvent::kContent, detokenizer.finish());
    parsed.end = ended ? AnswerEnd::kStop : AnswerEnd::kLength;
  }

  const Tokenizer &tokenizer;
  Detokenizer detokenizer;
};

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
  return std::make_unique<PlainParser>(tokenizer);
}

const std::vector<AnswerEvent> &AnswerParser::feed(int32_t token) {
  events.clear();
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

std::string &AnswerParser::textOf(AnswerEvent::Kind kind) {
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
  textOf(kind) += piece;
  events.push_back({kind, std::move(piece)});
}

void AnswerParser::beginPart(AnswerEvent::Kind kind) {
  joins = !textOf(kind).empty();
}

void AnswerParser::beginCall(std::string recipient, std::string contentType) {
  parsed.calls.push_back({std::move(recipient), std::move(contentType), {}});
  joins = false;
  events.push_back({AnswerEvent::kCall, {}});
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
