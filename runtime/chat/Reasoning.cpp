#include "runtime/chat/Reasoning.h"

#include "runtime/template/ReadJson.h"

#include <fmt/format.h>

#include <algorithm>

namespace osscc::rt::cli {
namespace {

using Entries = std::vector<std::pair<Value, Value>>;

std::string_view textOf(const flatbuffers::String *text) {
  return text ? text->string_view() : std::string_view();
}

void set(Entries &entries, std::string_view name, Value value) {
  for (auto &[key, old] : entries)
    if (const Text *text = asText(key); text && text->view() == name) {
      old = std::move(value);
      return;
    }
  entries.emplace_back(makeText(name, /*isTemplate=*/false), std::move(value));
}

/// The fields of a JSON object; of none, none.
Entries readEntries(std::string_view json) {
  auto value = readJson(json, /*isTemplate=*/false);
  const Dict *object = value ? asDict(*value) : nullptr;
  return object ? object->entries : Entries();
}

/// Puts a word behind the last message of the user, if that is a text.
void addWord(Entries &request, std::string_view word) {
  for (auto &[key, value] : request) {
    const Text *name = asText(key);
    const List *list = name && name->view() == "messages" ? asList(value) : nullptr;
    if (!list)
      continue;
    std::vector<Value> messages = list->items;
    for (size_t i = messages.size(); i-- > 0;) {
      const Dict *message = asDict(messages[i]);
      const Value *role = message ? message->find("role") : nullptr;
      if (!role || !asText(*role) || asText(*role)->view() != "user")
        continue;
      const Value *content = message->find("content");
      if (!content || !asText(*content))
        return;
      Entries fields = message->entries;
      set(fields, "content", makeText(std::string(asText(*content)->view()).append(word), false));
      messages[i] = makeDict(std::move(fields));
      break;
    }
    value = makeList(std::move(messages));
  }
}

std::string_view trimmed(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

} // namespace

const bundle::ReasoningMode *Reasoning::mode() const {
  if (!format || !format->modes() || format->modes()->size() == 0)
    return nullptr;
  if (format->fixed())
    return format->modes()->Get(0);
  for (const bundle::ReasoningMode *each : *format->modes())
    if (!chosen.empty() && textOf(each->name()) == chosen)
      return each;
  return nullptr;
}

Status Reasoning::choose(std::string_view wanted) {
  if (!format)
    return wanted == "off"
               ? Status()
               : fail(Code::kInvalidArgument,
                      fmt::format("--reasoning={}: this model has no reasoning mode", wanted),
                      "leave the option out");
  if (format->fixed() && textOf(format->usual()) != wanted)
    return fail(Code::kInvalidArgument,
                fmt::format("--reasoning={}: the model was compiled with --reasoning={}", wanted,
                            textOf(format->usual())),
                fmt::format("compile it for every mode: osscc {} --reasoning=runtime",
                            textOf(model->name())));
  chosen = wanted;
  return {};
}

std::string Reasoning::describe() const {
  if (!format)
    return {};
  std::string_view name = chosen.empty() ? textOf(format->usual()) : std::string_view(chosen);
  return name.empty() ? std::string("reasoning as the model likes")
                      : fmt::format("reasoning {}", name);
}

Status Reasoning::checkRequest(const Dict &request) const {
  Entries own = readEntries(textOf(mode()->variables()));
  const Value *more = request.find("chat_template_kwargs");
  for (size_t i = 0; format->variables() && i < format->variables()->size(); ++i) {
    std::string_view name = textOf(format->variables()->Get(i));
    auto fixed = std::ranges::find_if(
        own, [&](const auto &entry) { return asText(entry.first)->view() == name; });
    for (const Dict *from : {&request, more ? asDict(*more) : nullptr}) {
      const Value *asked = from ? from->find(name) : nullptr;
      if (asked && (fixed == own.end() || !isEqual(*asked, fixed->second)))
        return fail(Code::kInvalidArgument,
                    fmt::format("chat request: {}: the model was compiled with --reasoning={}",
                                name, textOf(format->usual())),
                    fmt::format("leave the field out, or compile the model for every mode: osscc "
                                "{} --reasoning=runtime",
                                textOf(model->name())));
    }
  }
  return {};
}

Result<Value> Reasoning::applyTo(const Value &request) const {
  const Dict *object = asDict(request);
  const bundle::ReasoningMode *mode = this->mode();
  if (!object || !mode)
    return request;
  if (format->fixed())
    OSSCC_RETURN_IF_ERROR(checkRequest(*object));
  Entries entries = object->entries;
  const Value *more = object->find("chat_template_kwargs");
  std::optional<Entries> further;
  if (more && asDict(*more))
    further = asDict(*more)->entries;
  for (auto &[name, value] : readEntries(textOf(mode->variables()))) {
    set(entries, asText(name)->view(), value);
    if (further)
      set(*further, asText(name)->view(), value);
  }
  if (further)
    set(entries, "chat_template_kwargs", makeDict(std::move(*further)));
  if (mode->word())
    addWord(entries, textOf(mode->word()));
  return makeDict(std::move(entries));
}

void Reasoning::prefill(Rendered &prompt) const {
  const bundle::ReasoningMode *mode = this->mode();
  std::string_view text = mode ? textOf(mode->prefill()) : std::string_view();
  if (text.empty())
    return;
  size_t begin = prompt.text.size();
  prompt.text += text;
  if (!prompt.spans.empty() && prompt.spans.back().isTemplate)
    prompt.spans.back().end = prompt.text.size();
  else
    prompt.spans.push_back({begin, prompt.text.size(), /*isTemplate=*/true});
}

std::string_view Reasoning::close() const {
  return format ? textOf(format->close()) : std::string_view();
}

AnswerFormat Reasoning::formatBehind(std::string_view prompt) const {
  using Start = AnswerFormat::Start;
  AnswerFormat answer;
  if (!format)
    return answer;
  bool isHarmony = format->style() == bundle::AnswerStyle::Harmony;
  answer.style = isHarmony ? AnswerFormat::Style::kHarmony : AnswerFormat::Style::kTags;
  answer.open = textOf(format->begin());
  answer.close = textOf(format->end());
  std::string_view text = isHarmony ? prompt : trimmed(prompt);
  if (text.ends_with(isHarmony ? "<|channel|>analysis<|message|>" : answer.open))
    answer.start = Start::kReasoning;
  else if (text.ends_with(isHarmony ? "<|channel|>final<|message|>" : answer.close))
    answer.start = Start::kAnswer;
  return answer;
}

} // namespace osscc::rt::cli
