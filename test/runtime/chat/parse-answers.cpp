// Takes answers apart with the tokenizer of a checkpoint, for tools/oracle/harmony.py:
//
//   parse-answers FOLDER < answers         {"ids": [...], "start":
//   "beginning"|"reasoning"|"answer",
//                                          "ended": BOOL} a line in, the message as `parse` prints
//                                          it a line out; the last two may be missing
//   parse-answers FOLDER --random=N        N random answers of markers, header words and other
//                                          tokens, seeded; how many came to which end, as JSON
//
// Every answer is parsed in harmony, and what was streamed is held to the message: where they
// differ the status is 1.
#include "runtime/chat/AnswerParser.h"
#include "runtime/chat/Harmony.h"
#include "test/compiler/import/tokenizer/LayTokenizer.h"

#include <boost/json.hpp>

#include <iostream>
#include <map>
#include <random>

using namespace osscc;
using Start = rt::AnswerFormat::Start;

namespace {

/// The message of an answer; none if what was streamed is another one.
std::optional<rt::Message> parse(const rt::Tokenizer &tokenizer, Start start,
                                 const std::vector<int32_t> &ids, bool ended) {
  auto parser = rt::AnswerParser::create(
      {.style = rt::AnswerFormat::Style::kHarmony, .start = start}, tokenizer);
  if (!parser)
    return std::nullopt;
  std::map<rt::AnswerEvent::Kind, std::string> streamed;
  auto take = [&](const std::vector<rt::AnswerEvent> &events) {
    for (const rt::AnswerEvent &event : events)
      streamed[event.kind] += event.text;
  };
  for (int32_t id : ids)
    take((*parser)->feed(id));
  take((*parser)->finish(ended));
  const rt::Message &message = (*parser)->message();
  std::string arguments;
  for (const rt::ToolCall &call : message.calls)
    arguments += call.arguments;
  bool isWhole = streamed[rt::AnswerEvent::kReasoning] == message.reasoning &&
                 streamed[rt::AnswerEvent::kCommentary] == message.commentary &&
                 streamed[rt::AnswerEvent::kContent] == message.content &&
                 streamed[rt::AnswerEvent::kArguments] == arguments &&
                 (message.error || message.end != rt::AnswerEnd::kError);
  return isWhole ? std::optional(message) : std::nullopt;
}

int parseLines(const rt::Tokenizer &tokenizer) {
  for (std::string line; std::getline(std::cin, line);) {
    boost::json::object job = boost::json::parse(line).as_object();
    std::vector<int32_t> ids;
    for (const boost::json::value &id : job.at("ids").as_array())
      ids.push_back(int32_t(id.as_int64()));
    const boost::json::value *start = job.if_contains("start"), *ended = job.if_contains("ended");
    auto message = parse(tokenizer,
                         !start || *start == "beginning" ? Start::kBeginning
                         : *start == "reasoning"         ? Start::kReasoning
                                                         : Start::kAnswer,
                         ids, ended && ended->as_bool());
    if (!message) {
      std::cerr << "streamed and whole differ: " << line << "\n";
      return 1;
    }
    std::cout << boost::json::serialize(toJson(*message)) << "\n";
  }
  return 0;
}

std::vector<std::vector<int32_t>> piecesOfAnswers(const rt::Tokenizer &tokenizer) {
  std::vector<std::vector<int32_t>> pieces;
  for (const char *text : {"<|start|>",
                           "<|channel|>",
                           "<|message|>",
                           "<|end|>",
                           "<|call|>",
                           "<|return|>",
                           "<|constrain|>",
                           "<|endoftext|>",
                           "<|start|>assistant",
                           "<|channel|>analysis<|message|>",
                           "<|channel|>final<|message|>",
                           "<|end|><|start|>assistant",
                           "assistant",
                           "analysis",
                           "commentary",
                           "final",
                           " to=functions.f",
                           " to=",
                           " json",
                           " ",
                           "user",
                           "\u00e9\U0001F642"})
    pieces.push_back(*tokenizer.encode(text, rt::SpecialTokens::kMatch));
  return pieces;
}

int parseRandom(const rt::Tokenizer &tokenizer, int64_t count) {
  std::mt19937_64 dice(20250805);
  const auto pieces = piecesOfAnswers(tokenizer);
  std::map<std::string, int64_t> ends;
  for (int64_t round = 0; round < count; ++round) {
    std::vector<int32_t> ids;
    for (size_t i = dice() % 24; i > 0; --i) {
      if (dice() % 4 > 0) {
        const auto &piece = pieces[dice() % pieces.size()];
        ids.insert(ids.end(), piece.begin(), piece.end());
      } else {
        ids.push_back(int32_t(dice() % (tokenizer.size() + 1000)) - 500);
      }
    }
    auto message = parse(tokenizer, Start(dice() % 3), ids, dice() % 2 == 0);
    if (!message) {
      std::cerr << "streamed and whole differ in round " << round << "\n";
      return 1;
    }
    ++ends[std::string(message->error ? nameOf(message->error->fault) : nameOf(message->end))];
  }
  boost::json::object out;
  for (const auto &[end, times] : ends)
    out[end] = times;
  std::cout << boost::json::serialize(out) << "\n";
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  constexpr std::string_view kRandom = "--random=";
  std::string_view mode = argc == 3 ? argv[2] : "";
  if (argc < 2 || argc > 3 || (argc == 3 && !mode.starts_with(kRandom))) {
    std::cerr << "usage: parse-answers FOLDER [--random=N] < lines\n";
    return 2;
  }
  std::string error, bytes = layTokenizerOf(argv[1], error);
  auto tokenizer = error.empty()
                       ? rt::Tokenizer::load(*flatbuffers::GetRoot<bundle::Tokenizer>(bytes.data()))
                       : rt::fail(rt::Code::kRuntime, error);
  if (!tokenizer ||
      !rt::AnswerParser::create({.style = rt::AnswerFormat::Style::kHarmony}, *tokenizer)) {
    std::cerr << (tokenizer ? "no tokenizer of harmony" : tokenizer.error().message) << "\n";
    return 1;
  }
  std::ios::sync_with_stdio(false);
  return mode.empty()
             ? parseLines(*tokenizer)
             : parseRandom(*tokenizer, std::stoll(std::string(mode.substr(kRandom.size()))));
}
