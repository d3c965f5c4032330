// Answers of /v1/completions.
#include "runtime/serve/Reply.h"

#include <boost/json/array.hpp>

#include <algorithm>

namespace osscc::rt::serve {
namespace {

namespace json = boost::json;

/// The API's lists of a text's tokens side by side.
class TokenLists {
public:
  TokenLists(const Tokenizer &tokenizer, bool hasTop) : tokenizer(tokenizer), hasTop(hasTop) {}

  /// Adds a token that nothing was said of: the first of a prompt.
  void addFirst(int32_t token) {
    addText(token);
    chances.emplace_back(nullptr);
    tops.emplace_back(nullptr);
  }
  void add(const TokenLogprob &each) {
    addText(each.chosen.token);
    chances.emplace_back(each.chosen.logprob);
    json::object top;
    for (const TokenChance &chance : each.top) {
      std::string text = tokenizer.decode({&chance.token, 1});
      if (!top.contains(text)) // parts of characters look alike; the likelier stays
        top[text] = chance.logprob;
    }
    top[tokenizer.decode({&each.chosen.token, 1})] = each.chosen.logprob;
    tops.push_back(hasTop ? json::value(std::move(top)) : json::value(nullptr));
  }
  json::object take() {
    return {{"tokens", std::exchange(texts, {})},
            {"token_logprobs", std::exchange(chances, {})},
            {"top_logprobs", std::exchange(tops, {})},
            {"text_offset", std::exchange(offsets, {})}};
  }
  bool empty() const { return texts.empty(); }

private:
  void addText(int32_t token) {
    std::string text = tokenizer.decode({&token, 1});
    offsets.emplace_back(offset);
    offset += std::ranges::count_if(text, [](char c) { return (uint8_t(c) & 0xC0) != 0x80; });
    texts.emplace_back(text);
  }

  const Tokenizer &tokenizer;
  bool hasTop;
  int64_t offset = 0; ///< In characters.
  json::array texts, chances, tops, offsets;
};

class CompletionReply final : public Reply {
public:
  CompletionReply(const Generation &generation, const Served &served)
      : served(served), id(freshId("cmpl-")), usage(generation.settings.answers),
        hasLogprobs(generation.topLogprobs), tellsUsage(generation.settings.tellsUsage) {
    size_t each = size_t(generation.settings.answers);
    for (size_t i = 0; i < generation.prompts.size() * each; ++i) {
      Choice &choice = choices.emplace_back(
          Choice{{}, TokenLists(served.tokenizer, generation.topLogprobs.value_or(0) > 0), {}});
      if (!generation.promptTexts.empty())
        choice.text = generation.promptTexts[i / each];
      if (generation.scoresPrompt)
        choice.lists.addFirst(generation.prompts[i / each].front());
    }
  }

  std::string begin() override {
    std::string all;
    for (size_t i = 0; i < choices.size(); ++i)
      if (!choices[i].text.empty())
        all += chunk(i, std::exchange(choices[i].text, {}), nullptr);
    return all;
  }
  std::string events(const Step &step) override {
    std::string text;
    take(step, text);
    bool isNew = !text.empty() || !choices[step.index].lists.empty() || step.ending;
    return isNew ? chunk(step.index, text,
                         step.ending ? json::value(step.ending->reason) : json::value(nullptr))
                 : std::string();
  }
  std::string close() override {
    std::string all;
    if (tellsUsage) {
      json::object last = frame();
      last["choices"] = json::array();
      last["usage"] = usage.json();
      all = serverEvent(last);
    }
    return all + "data: [DONE]\n\n";
  }
  void add(Step step) override { take(step, choices[step.index].text); }
  json::object whole() override {
    json::object all = frame();
    json::array list;
    for (size_t i = 0; i < choices.size(); ++i)
      list.push_back(choiceJson(i, choices[i].text, json::value(choices[i].ending.reason)));
    all["choices"] = std::move(list);
    all["usage"] = usage.json();
    return all;
  }

private:
  struct Choice {
    std::string text;
    TokenLists lists;
    Ending ending;
  };

  void take(const Step &step, std::string &text) {
    Choice &choice = choices[step.index];
    for (const Piece &piece : step.pieces)
      text += piece.text;
    for (const auto *list : {&step.promptLogprobs, &step.logprobs})
      for (const TokenLogprob &each : *list)
        choice.lists.add(each);
    if (step.ending) {
      usage.add(step.index, *step.ending);
      choice.ending = *step.ending;
    }
  }
  json::object frame() const {
    return {{"id", id},
            {"object", "text_completion"},
            {"created", created},
            {"model", served.name},
            {"system_fingerprint", nullptr}};
  }
  json::object choiceJson(size_t index, std::string_view text, json::value reason) {
    Choice &choice = choices[index];
    json::value logprobs = hasLogprobs ? json::value(choice.lists.take()) : json::value(nullptr);
    json::object out{{"index", index},
                     {"text", text},
                     {"logprobs", std::move(logprobs)},
                     {"finish_reason", std::move(reason)}};
    if (!choice.ending.fault.empty())
      out["fault"] = {{"code", choice.ending.faultCode}, {"message", choice.ending.fault}};
    return out;
  }
  std::string chunk(size_t index, std::string_view text, json::value reason) {
    json::object all = frame();
    all["choices"] = json::array{choiceJson(index, text, std::move(reason))};
    return serverEvent(all);
  }

  const Served &served;
  const std::string id;
  const int64_t created = std::time(nullptr);
  UsageSum usage;
  bool hasLogprobs, tellsUsage;
  std::vector<Choice> choices;
};

} // namespace

std::unique_ptr<Reply> makeCompletionReply(const Generation &generation, const Served &served) {
  return std::make_unique<CompletionReply>(generation, served);
}

} // namespace osscc::rt::serve
