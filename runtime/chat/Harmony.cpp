#include "runtime/chat/Harmony.h"

#include "runtime/chat/HarmonyHeader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace osscc::rt {
namespace {

/// A model that finds no end of a header is stopped here, bytes.
constexpr size_t kLongestHeader = 1024;

struct Markers {
  int32_t start, channel, constrain, message, end, call, stop;
  int32_t endOfText = -1; ///< Ends a text of any kind; -1: none.
};

class Harmony final : public AnswerParser {
public:
  Harmony(const AnswerFormat &format, const Markers &markers, const Tokenizer &tokenizer)
      : tools(format.tools), markers(markers), tokenizer(tokenizer), detokenizer(tokenizer) {
    if (format.start == AnswerFormat::Start::kReasoning)
      beginText(AnswerEvent::kReasoning);
    else if (format.start == AnswerFormat::Start::kAnswer)
      beginText(AnswerEvent::kContent);
  }

  bool reasons() const override { return state == State::kText && kind == AnswerEvent::kReasoning; }
  Next next() const override {
    bool isContent = state == State::kText && kind == AnswerEvent::kContent;
    return isContent ? Next::kAnswer : Next::kBeside;
  }

private:
  enum class State {
    kHeader,
    kText,
    kBetween, ///< Two messages.
  };

  void read(int32_t token) override {
    if (std::exchange(isFirst, false) && token == markers.start && state == State::kHeader)
      mayLackRole = false; // the whole message is the model's
    else if (token == markers.endOfText || token == markers.stop)
      end(token);
    else if (state == State::kHeader)
      readHeader(token);
    else if (state == State::kText)
      readText(token);
    else
      readBetween(token);
  }

  void readHeader(int32_t token) {
    if (token == markers.message)
      return endHeader();
    if (token == markers.channel || token == markers.constrain) {
      std::optional<std::string> &part = token == markers.channel ? header.channel : header.type;
      if (part)
        return fail(AnswerFault::kRepeatedHeader,
                    fmt::format("a header has {} twice", tokenizer.piece(token)));
      putHeader(detokenizer.finish());
      part.emplace();
      headerPart = &*part;
      return;
    }
    if (tokenizer.isSpecial(token))
      return fail(token == markers.start ? AnswerFault::kRepeatedHeader : AnswerFault::kBadHeader,
                  fmt::format("{} stands in a header", tokenizer.piece(token)));
    putHeader(detokenizer.feed(token));
    if (headerBytes > kLongestHeader)
      fail(AnswerFault::kBadHeader, "a header does not come to its end");
  }

  void putHeader(std::string_view text) {
    *headerPart += text;
    headerBytes += text.size();
  }

  void endHeader() {
    putHeader(detokenizer.finish());
    auto read = readHarmonyHeader(header, mayLackRole);
    if (!read)
      return fail(read.error().fault, std::move(read.error().text));
    if (!isChannel(read->channel))
      return fail(AnswerFault::kUnknownChannel,
                  fmt::format("the channel '{}' is not one of harmony's", read->channel));
    if (read->recipient.empty())
      return beginText(read->channel == "analysis"     ? AnswerEvent::kReasoning
                       : read->channel == "commentary" ? AnswerEvent::kCommentary
                                                       : AnswerEvent::kContent);
    if (tools && std::ranges::find(*tools, read->recipient) == tools->end())
      noteUnknown(read->recipient);
    beginCall(std::move(read->recipient), std::move(read->contentType));
    kind = AnswerEvent::kArguments;
    state = State::kText;
  }

  /// A message that lacks a channel is an answer.
  static bool isChannel(std::string_view name) {
    constexpr std::array<std::string_view, 4> kNames{"", "analysis", "commentary", "final"};
    return std::ranges::find(kNames, name) != kNames.end();
  }

  void beginText(AnswerEvent::Kind what) {
    kind = what;
    state = State::kText;
    beginPart(kind);
  }

  void readText(int32_t token) {
    if (token == markers.end || token == markers.call)
      return end(token);
    if (token == markers.start || token == markers.channel || token == markers.message)
      return fail(AnswerFault::kRepeatedHeader,
                  fmt::format("{} stands in a text", tokenizer.piece(token)));
    if (tokenizer.isSpecial(token))
      return fail(AnswerFault::kStrayToken,
                  fmt::format("{} stands in a text", tokenizer.piece(token)));
    add(kind, detokenizer.feed(token));
  }

  void readBetween(int32_t token) {
    if (token != markers.start)
      return fail(AnswerFault::kStrayToken,
                  fmt::format("'{}' stands between two messages", tokenizer.decode({&token, 1})));
    header = {};
    headerPart = &header.role;
    headerBytes = 0;
    mayLackRole = hasEnded = false;
    state = State::kHeader;
  }

  /// At a token that ends a text, or all of the answer.
  void end(int32_t token) {
    if (state == State::kHeader)
      return fail(AnswerFault::kBrokenOff, kInHeader);
    if (state == State::kText)
      add(kind, detokenizer.finish());
    hasEnded = token != markers.end;
    state = State::kBetween;
  }

  void close(bool ended) override {
    switch (state) {
    case State::kHeader:
      if (!isFirst)
        return ended ? fail(AnswerFault::kBrokenOff, kInHeader)
                     : note(AnswerFault::kBrokenOff, kInHeader);
      break;
    case State::kText:
      add(kind, detokenizer.finish());
      if (!ended && kind == AnswerEvent::kArguments)
        note(AnswerFault::kBrokenOff, "the answer ends in the call of a tool");
      break;
    case State::kBetween: // behind reasoning and behind a preamble there is more to come
      ended |= hasEnded || kind == AnswerEvent::kContent || kind == AnswerEvent::kArguments;
    }
    if (ended)
      parsed.end = kind == AnswerEvent::kArguments ? AnswerEnd::kToolCalls : AnswerEnd::kStop;
  }

  static constexpr const char *kInHeader = "the answer ends in a header";

  const std::optional<std::vector<std::string>> tools;
  const Markers markers;
  const Tokenizer &tokenizer;
  Detokenizer detokenizer;
  State state = State::kHeader;
  AnswerEvent::Kind kind = AnswerEvent::kContent; ///< Of the text, or of the last one.
  HarmonyHeaderText header;
  std::string *headerPart = &header.role; ///< That is being read.
  size_t headerBytes = 0;
  bool mayLackRole = true; ///< The prompt has begun the header.
  bool isFirst = true;     ///< No token was read yet.
  bool hasEnded = false;   ///< By a token that ends all of the answer.
};

} // namespace

std::optional<int32_t> tokenOf(const Tokenizer &tokenizer, std::string_view text) {
  TokenSpan all{0, text.size(), /*isTemplate=*/true};
  auto ids = tokenizer.encode(text, {&all, 1});
  if (!ids || ids->size() != 1 || tokenizer.piece(ids->front()) != text)
    return std::nullopt;
  return ids->front();
}

Result<std::unique_ptr<AnswerParser>> makeHarmony(const AnswerFormat &format,
                                                  const Tokenizer &tokenizer) {
  Markers markers;
  const std::pair<int32_t Markers::*, const char *> kTexts[] = {
      {&Markers::start, "<|start|>"},
      {&Markers::channel, "<|channel|>"},
      {&Markers::constrain, "<|constrain|>"},
      {&Markers::message, "<|message|>"},
      {&Markers::end, "<|end|>"},
      {&Markers::call, "<|call|>"},
      {&Markers::stop, "<|return|>"}};
  for (auto [marker, text] : kTexts) {
    std::optional<int32_t> id = tokenOf(tokenizer, text);
    if (!id)
      return fail(Code::kRuntime, fmt::format("harmony: the tokenizer has no token {}", text));
    markers.*marker = *id;
  }
  markers.endOfText = tokenOf(tokenizer, "<|endoftext|>").value_or(-1);
  return std::make_unique<Harmony>(format, markers, tokenizer);
}

} // namespace osscc::rt
