// An input is an answer of a model: the first byte says in which format it is and where it begins,
// from kFirstWithCalls on the second says how tools are called, each other is a token. Bytes that
// UTF-8 does not have are the markers.
#include "runtime/base/Utf8.h"
#include "runtime/chat/AnswerParser.h"
#include "test/fuzz/Readers.h"
#include "test/runtime/chat/AnswerTokenizer.h"
#include "test/runtime/chat/ToolFormats.h"

#include <boost/json/serialize.hpp>

#include <array>
#include <string>

using namespace osscc;
using namespace osscc::rt;
using fuzz::require;
using Style = AnswerFormat::Style;

namespace {

constexpr uint8_t kFirstMarker = 0xF5, kFirstLetter = 'a', kFirstWithCalls = 36;
/// By byte, from kFirstMarker on.
constexpr std::array kMarkers{"<|start|>", "<|channel|>", "<|constrain|>", "<|message|>",
                              "<|end|>",   "<|call|>",    "<|return|>",    "<|endoftext|>",
                              "<think>",   "</think>",    "<|reserved_1|>"};

std::vector<int32_t> tokensOf(std::string_view bytes) {
  static const std::vector<int32_t> markers = [] {
    std::vector<int32_t> ids;
    for (const char *text : kMarkers)
      ids.push_back(test::answerTokenizer().ids(text).front());
    return ids;
  }();
  std::vector<int32_t> tokens;
  for (char byte : bytes)
    tokens.push_back(uint8_t(byte) < kFirstMarker ? uint8_t(byte)
                                                  : markers[uint8_t(byte) - kFirstMarker]);
  return tokens;
}

/// Adds what was streamed, and requires it to be whole characters.
void take(const std::vector<AnswerEvent> &events, std::array<std::string, 5> &texts) {
  for (const AnswerEvent &event : events) {
    require(validUtf8Bytes(event.text) == event.text.size(), "no character is cut");
    require(event.text.empty() == (event.kind == AnswerEvent::kCall), "an event has a text");
    texts[event.kind] += event.text;
  }
}

} // namespace

void fuzz::readAnswer(std::string_view bytes) {
  if (bytes.empty())
    return;
  auto kind = uint8_t(bytes[0] - kFirstLetter);
  AnswerFormat format{.style = Style(kind % 3),
                      .open = "<think>",
                      .close = "</think>",
                      .start = AnswerFormat::Start(kind / 3 % 3)};
  if (kind / 9 % 2 == 1)
    format.tools = {"functions.f"};
  bytes.remove_prefix(1);
  bool hasCalls = kind >= kFirstWithCalls && !bytes.empty() && format.style != Style::kHarmony;
  if (hasCalls) {
    static const std::vector<bundle::ToolCallFormatT> formats = test::toolFormats();
    format.calls = formats[uint8_t(bytes[0] - kFirstLetter) % formats.size()];
    bytes.remove_prefix(1);
  }
  auto parser = AnswerParser::create(format, *test::answerTokenizer());
  require(parser.has_value(), "the tokenizer has all markers");
  std::array<std::string, 5> texts;
  for (int32_t token : tokensOf(bytes))
    take((*parser)->feed(token), texts);
  take((*parser)->finish(kind / 18 % 2 == 1), texts);
  const Message &message = (*parser)->message();
  std::string arguments;
  for (const ToolCall &call : message.calls) {
    arguments += call.arguments;
    require(!hasCalls || isJsonObject(call.arguments), "arguments are an object");
  }
  require(texts[AnswerEvent::kReasoning] == message.reasoning &&
              texts[AnswerEvent::kCommentary] == message.commentary &&
              texts[AnswerEvent::kContent] == message.content &&
              texts[AnswerEvent::kArguments] == arguments,
          "what was streamed is the message");
  require(message.error || message.end != AnswerEnd::kError, "an error is typed");
  require(!message.error || !message.error->text.empty(), "an error has a text");
  std::string json = boost::json::serialize(toJson(message));
  require(validUtf8Bytes(json) == json.size(), "the message is JSON");
}
