// /v1/completions: text or tokens that are continued as they are.
#include "runtime/serve/Generation.h"

#include <fmt/format.h>

namespace osscc::rt::serve {
namespace {

constexpr size_t kMostPrompts = 64;

/// Prompts in the API's four forms: a text, a list of texts, a list of ids, a list of such lists.
class Prompts {
public:
  Prompts(const Served &served, Generation &out) : served(served), out(out) {}

  void read(const Value &given) {
    const List *list = asList(given);
    if (!list)
      return addText(given, "prompt");
    if (list->items.empty())
      throw wrongField("prompt", "a text or token ids", "an empty list");
    if (as<int64_t>(list->items.front()))
      return addIds(list->items, "prompt");
    if (list->items.size() > kMostPrompts)
      throw wrongField("prompt", fmt::format("at most {} prompts", kMostPrompts),
                       fmt::format("{}", list->items.size()));
    for (size_t i = 0; i < list->items.size(); ++i) {
      const List *ids = asList(list->items[i]);
      if (ids)
        addIds(ids->items, itemPath("prompt", i));
      else
        addText(list->items[i], itemPath("prompt", i));
    }
  }

private:
  void addText(const Value &value, const std::string &path) {
    const Text *text = asText(value);
    if (!text)
      throw wrongField(path, "a text or token ids", describe(value));
    auto ids = served.tokenizer.encode(text->view(), SpecialTokens::kMatch);
    if (!ids)
      throw ApiError{.message = fmt::format("{}: {}", path, ids.error().message),
                     .param = path,
                     .code = "invalid_value"};
    add(std::move(*ids), std::string(text->view()), path);
  }
  void addIds(std::span<const Value> list, const std::string &path) {
    std::vector<int32_t> ids = readIds(list, path, served.vocabulary);
    std::string text = served.tokenizer.decode(ids);
    add(std::move(ids), std::move(text), path);
  }
  void add(std::vector<int32_t> ids, std::string text, const std::string &path) {
    checkLength(ids, path, served);
    out.prompts.push_back(std::move(ids));
    out.promptTexts.push_back(std::move(text));
  }

  const Served &served;
  Generation &out;
};

} // namespace

Generation readCompletion(const Fields &request, const Served &served) {
  constexpr int64_t kUsualTokens = 16, kMostLogprobs = 20;
  Generation out{.prompts = {}, .settings = readSettings(request, served)};
  bool echoes = request.flag("echo").value_or(false);
  if (const Value *suffix = request.find("suffix"))
    throw unsupported("suffix",
                      "this model cannot fill in; " + describe(*suffix) + " would be ignored");
  if (auto best = request.integer("best_of", 1, 16); best && *best != out.settings.answers)
    throw unsupported("best_of", "answers are not ranked; leave it out, or give as many as n");
  out.maxTokens = readMaxTokens(request, {"max_tokens"}, 0).value_or(kUsualTokens);
  out.topLogprobs = request.integer("logprobs", 0, kMostLogprobs);
  out.scoresPrompt = echoes && out.topLogprobs;
  const Value *prompt = request.find("prompt");
  if (!prompt)
    throw wrongField("prompt", "a text or token ids", "nothing");
  Prompts(served, out).read(*prompt);
  if (!echoes)
    out.promptTexts.clear();
  return out;
}

} // namespace osscc::rt::serve
