// Answers of /v1/chat/completions.
#include "runtime/serve/Reply.h"

#include <boost/json/array.hpp>

namespace osscc::rt::serve {
namespace {

namespace json = boost::json;

/// A token's text, and its bytes, which may be a part of a character.
json::object tokenJson(const Tokenizer &tokenizer, const TokenChance &chance) {
  std::string_view piece = tokenizer.piece(chance.token);
  json::array bytes;
  for (char byte : piece)
    bytes.emplace_back(uint8_t(byte));
  return {{"token", tokenizer.decode({&chance.token, 1})},
          {"logprob", chance.logprob},
          {"bytes", std::move(bytes)}};
}

json::array logprobsJson(const Tokenizer &tokenizer, const std::vector<TokenLogprob> &logprobs) {
  json::array all;
  for (const TokenLogprob &each : logprobs) {
    json::object token = tokenJson(tokenizer, each.chosen);
    json::array top;
    for (const TokenChance &chance : each.top)
      top.push_back(tokenJson(tokenizer, chance));
    token["top_logprobs"] = std::move(top);
    all.push_back(std::move(token));
  }
  return all;
}

json::object faultJson(const Ending &ending) {
  return {{"code", ending.faultCode}, {"message", ending.fault}};
}

class ChatReply final : public Reply {
public:
  ChatReply(const Generation &generation, const Served &served)
      : served(served), id(freshId("chatcmpl-")), usage(generation.settings.answers),
        hasLogprobs(generation.topLogprobs), tellsUsage(generation.settings.tellsUsage),
        choices(size_t(generation.settings.answers)) {}

  std::string begin() override {
    std::string all;
    for (size_t i = 0; i < choices.size(); ++i)
      all += chunk(i, {{"role", "assistant"}, {"content", ""}});
    return all;
  }
  std::string events(const Step &step) override;
  std::string close() override {
    std::string all;
    if (tellsUsage) {
      json::object last = frame("chat.completion.chunk");
      last["choices"] = json::array();
      last["usage"] = usage.json();
      all = serverEvent(last);
    }
    return all + "data: [DONE]\n\n";
  }
  void add(Step step) override;
  json::object whole() override;

private:
  struct Call {
    std::string id, name, arguments;
  };
  struct Choice {
    std::string content, reasoning;
    std::vector<Call> calls;
    std::vector<TokenLogprob> logprobs;
    Ending ending;
  };

  json::object frame(std::string_view object) const {
    return {{"id", id},
            {"object", object},
            {"created", created},
            {"model", served.name},
            {"system_fingerprint", nullptr}};
  }
  std::string chunk(size_t index, json::object delta, const json::value &reason = nullptr,
                    json::value logprobs = nullptr, const Ending *ending = nullptr) const;
  json::object deltaOf(size_t index, const Piece &piece);
  json::object choiceJson(size_t index) const;

  const Served &served;
  const std::string id;
  const int64_t created = std::time(nullptr);
  UsageSum usage;
  bool hasLogprobs, tellsUsage;
  std::vector<Choice> choices;
};

std::string ChatReply::chunk(size_t index, json::object delta, const json::value &reason,
                             json::value logprobs, const Ending *ending) const {
  json::object choice{{"index", index},
                      {"delta", std::move(delta)},
                      {"logprobs", std::move(logprobs)},
                      {"finish_reason", reason}};
  if (ending && !ending->fault.empty())
    choice["fault"] = faultJson(*ending);
  json::object all = frame("chat.completion.chunk");
  all["choices"] = json::array{std::move(choice)};
  if (tellsUsage)
    all["usage"] = nullptr;
  return serverEvent(all);
}

json::object ChatReply::deltaOf(size_t index, const Piece &piece) {
  std::vector<Call> &calls = choices[index].calls;
  switch (piece.kind) {
  case Piece::kContent:
    break;
  case Piece::kReasoning:
    return {{"reasoning", piece.text}, {"reasoning_content", piece.text}};
  case Piece::kCall:
    calls.push_back({freshId("call_"), piece.text, {}});
    return {{"tool_calls", json::array{{{"index", calls.size() - 1},
                                        {"id", calls.back().id},
                                        {"type", "function"},
                                        {"function", {{"name", piece.text}, {"arguments", ""}}}}}}};
  case Piece::kArguments:
    return {{"tool_calls", json::array{{{"index", calls.size() - 1},
                                        {"function", {{"arguments", piece.text}}}}}}};
  }
  return {{"content", piece.text}};
}

std::string ChatReply::events(const Step &step) {
  std::string all;
  json::value logprobs = nullptr;
  if (hasLogprobs && !step.logprobs.empty())
    logprobs = json::object{{"content", logprobsJson(served.tokenizer, step.logprobs)},
                            {"refusal", nullptr}};
  for (const Piece &piece : step.pieces)
    all += chunk(step.index, deltaOf(step.index, piece), nullptr, std::exchange(logprobs, nullptr));
  if (!logprobs.is_null()) // a token whose text is held back
    all += chunk(step.index, {}, nullptr, std::move(logprobs));
  if (step.ending) {
    usage.add(step.index, *step.ending);
    all += chunk(step.index, {}, json::value(step.ending->reason), nullptr, &*step.ending);
  }
  return all;
}

void ChatReply::add(Step step) {
  Choice &choice = choices[step.index];
  for (Piece &piece : step.pieces)
    switch (piece.kind) {
    case Piece::kContent:
      choice.content += piece.text;
      break;
    case Piece::kReasoning:
      choice.reasoning += piece.text;
      break;
    case Piece::kCall:
      choice.calls.push_back({freshId("call_"), std::move(piece.text), {}});
      break;
    case Piece::kArguments:
      choice.calls.back().arguments += piece.text;
      break;
    }
  choice.logprobs.insert(choice.logprobs.end(), step.logprobs.begin(), step.logprobs.end());
  if (step.ending) {
    usage.add(step.index, *step.ending);
    choice.ending = std::move(*step.ending);
  }
}

json::object ChatReply::choiceJson(size_t index) const {
  const Choice &choice = choices[index];
  bool isMute = choice.content.empty() && !choice.calls.empty();
  json::object message{{"role", "assistant"},
                       {"content", isMute ? json::value(nullptr) : json::value(choice.content)},
                       {"refusal", nullptr}};
  if (!choice.reasoning.empty()) {
    message["reasoning"] = choice.reasoning;
    message["reasoning_content"] = choice.reasoning;
  }
  json::array calls;
  for (const Call &call : choice.calls)
    calls.push_back({{"id", call.id},
                     {"type", "function"},
                     {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
  if (!calls.empty())
    message["tool_calls"] = std::move(calls);
  json::object out{{"index", index},
                   {"message", std::move(message)},
                   {"logprobs", nullptr},
                   {"finish_reason", choice.ending.reason}};
  if (hasLogprobs)
    out["logprobs"] = json::object{{"content", logprobsJson(served.tokenizer, choice.logprobs)},
                                   {"refusal", nullptr}};
  if (!choice.ending.fault.empty())
    out["fault"] = faultJson(choice.ending);
  return out;
}

json::object ChatReply::whole() {
  json::object all = frame("chat.completion");
  json::array list;
  for (size_t i = 0; i < choices.size(); ++i)
    list.push_back(choiceJson(i));
  all["choices"] = std::move(list);
  all["usage"] = usage.json();
  return all;
}

} // namespace

std::unique_ptr<Reply> makeChatReply(const Generation &generation, const Served &served) {
  return std::make_unique<ChatReply>(generation, served);
}

} // namespace osscc::rt::serve
