#include "runtime/template/Request.h"

#include "runtime/bundle/PythonSpace.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <new>
#include <unordered_map>

namespace osscc::rt {
namespace {

using Entries = std::vector<std::pair<Value, Value>>;

/// Fields that are no variables: those that are read here, and those of making ids of the text.
constexpr std::string_view kParameters[] = {"messages",
                                            "tools",
                                            "documents",
                                            "add_generation_prompt",
                                            "continue_final_message",
                                            "chat_template",
                                            "chat_template_kwargs",
                                            "strftime_now",
                                            "tokenize",
                                            "padding",
                                            "truncation",
                                            "max_length",
                                            "return_tensors",
                                            "return_dict",
                                            "return_assistant_tokens_mask",
                                            "tokenizer_kwargs",
                                            "sanitize_control_tokens"};
/// The names under which a message's reasoning is passed, the first one being what templates read.
constexpr std::string_view kReasoning[] = {"reasoning_content", "thinking", "reasoning"};
/// Stands for the end of the message that is continued. Templates cut spaces at a message's end:
/// whether this one did is seen at the tag's own space.
constexpr std::string_view kTag = "CONTINUE_FINAL_MESSAGE_TAG ";
constexpr std::string_view kTrimmedTag = kTag.substr(0, kTag.size() - 1);

std::unexpected<Error> wrong(std::string message, std::string help = {}) {
  return fail(Code::kInvalidArgument, "chat request: " + std::move(message),
              help.empty()
                  ? "give a request like {\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"
                  : std::move(help));
}

const Value &field(const Dict &object, std::string_view name) {
  static const Value none = None{};
  const Value *value = object.find(name);
  return value ? *value : none;
}

/// Variables by name; a later value takes the place of an earlier one.
class Variables {
public:
  void set(std::string_view name, Value value, bool isTemplate = false) {
    auto [place, isNew] = places.try_emplace(std::string(name), entries.size());
    if (isNew)
      entries.emplace_back(makeText(name, isTemplate), std::move(value));
    else
      entries[place->second].second = std::move(value);
  }
  Value take() { return makeDict(std::move(entries)); }

private:
  Entries entries;
  std::unordered_map<std::string, size_t> places;
};

/// The value of `name` among a message's fields.
Value *find(Entries &message, std::string_view name) {
  for (auto &[key, value] : message)
    if (const Text *text = asText(key); text && text->view() == name)
      return &value;
  return nullptr;
}

void set(Entries &message, std::string_view name, Value value) {
  if (Value *old = find(message, name))
    *old = std::move(value);
  else
    message.emplace_back(makeText(name, false), std::move(value));
}

/// Fills `reasoning_content` from its other names, and `thinking` where that is not there.
void aliasReasoning(Entries &message) {
  const Value *found = nullptr;
  for (std::string_view name : kReasoning)
    if (!found)
      found = find(message, name);
  if (!found)
    return;
  Value reasoning = *found;
  Value *thinking = find(message, "thinking");
  Value first = thinking ? *thinking : reasoning;
  std::erase_if(message, [](const auto &entry) {
    const Text *key = asText(entry.first);
    return key && key->view() == "thinking";
  });
  message.insert(message.begin(), {makeText("thinking", false), std::move(first)});
  set(message, "reasoning_content", std::move(reasoning));
}

/// Messages as the template sees them: fields that are null are absent, because OpenAI's clients
/// send `content: null` beside tool calls and templates would print "None".
Result<std::vector<Entries>> readMessages(const Value &given) {
  const List *list = asList(given);
  if (!list)
    return wrong(fmt::format("messages: expected a list, found {}", typeName(given)));
  if (list->items.empty())
    return wrong("messages: expected at least one message");
  std::vector<Entries> messages;
  for (const Value &item : list->items) {
    const Dict *message = asDict(item);
    if (!message)
      return wrong(fmt::format("messages: expected objects, found {}", typeName(item)));
    Entries &fields = messages.emplace_back(message->entries);
    std::erase_if(fields, [](const auto &entry) { return isNone(entry.second); });
    aliasReasoning(fields);
  }
  return messages;
}

/// Null, or a list of objects.
Status checkObjects(std::string_view name, const Value &given) {
  if (isNone(given))
    return {};
  const List *list = asList(given);
  if (!list)
    return wrong(fmt::format("{}: expected a list, found {}", name, typeName(given)));
  for (const Value &item : list->items)
    if (!asDict(item))
      return wrong(fmt::format("{}: expected objects, found {}", name, typeName(item)));
  return {};
}

std::string_view nameOf(const bundle::Template &program) {
  return program.name() ? program.name()->string_view() : std::string_view("default");
}

Result<const bundle::Template *> chooseTemplate(const ChatFormat &format, const Dict &request) {
  auto named = [&](std::string_view name) -> const bundle::Template * {
    auto found = std::ranges::find_if(
        format.templates, [&](const bundle::Template *each) { return nameOf(*each) == name; });
    return found == format.templates.end() ? nullptr : *found;
  };
  if (format.templates.empty())
    return fail(Code::kInvalidArgument, "this model has no chat template",
                "use --raw to continue plain text");
  std::vector<std::string_view> names;
  for (const bundle::Template *each : format.templates)
    names.push_back(nameOf(*each));
  std::string known = fmt::format("{}", fmt::join(names, ", "));
  if (const Value &name = field(request, "chat_template"); !isNone(name)) {
    const Text *text = asText(name);
    if (const bundle::Template *chosen = text ? named(text->view()) : nullptr)
      return chosen;
    return wrong("chat_template: the model has no template of this name",
                 "its templates are: " + known);
  }
  const bundle::Template *chosen = isNone(field(request, "tools")) ? nullptr : named("tool_use");
  if (!chosen)
    chosen = named("default");
  if (!chosen)
    return wrong("the model has several chat templates and no default",
                 "name one of these with \"chat_template\": " + known);
  return chosen;
}

/// Puts kTag behind the text that the answer goes on with. \returns that text.
Result<std::string> tagContent(Value &content) {
  if (const Text *text = asText(content)) {
    std::string before(text->view());
    content = makeText(before + std::string(kTag), false);
    return before;
  }
  const List *blocks = asList(content);
  if (!blocks)
    return wrong("continue_final_message: the final message's field is no text");
  std::vector<Value> items = blocks->items;
  for (size_t i = items.size(); i-- > 0;) {
    const Dict *block = asDict(items[i]);
    if (const Text *text = asText(items[i]); text && !text->view().contains("text"))
      continue;
    const Value *part = block ? block->find("text") : nullptr;
    if (!block || (part && !asText(*part)))
      return wrong("continue_final_message: the final message has a part without text");
    if (!part)
      continue;
    std::string before(asText(*part)->view());
    Entries entries = block->entries;
    set(entries, "text", makeText(before + std::string(kTag), false));
    items[i] = makeDict(std::move(entries));
    content = makeList(std::move(items));
    return before;
  }
  return wrong("continue_final_message: the final message has no text to continue");
}

/// Whether a field is named anywhere in the template. One that was compiled for one mode of
/// reasoning has no source.
bool reads(const bundle::Template &program, std::string_view field) {
  if (program.source() && program.source()->size() > 0)
    return program.source()->string_view().contains(field);
  for (size_t i = 0; program.strings() && i < program.strings()->size(); ++i)
    if (program.strings()->Get(i)->string_view().contains(field))
      return true;
  return false;
}

/// Marks where the last message ends, in each field that holds the text which is continued: its
/// reasoning stands under several names. \returns that text.
Result<std::string> tagFinalMessage(Entries &message, std::string_view name,
                                    const bundle::Template &program) {
  Value *final = find(message, name);
  if (!final)
    return wrong(fmt::format("continue_final_message: the final message has no '{}'", name));
  std::vector<std::string_view> fields{name};
  if (std::ranges::find(kReasoning, name) != std::end(kReasoning)) {
    fields.clear();
    for (std::string_view each : kReasoning)
      if (Value *value = find(message, each); value && isEqual(*value, *final))
        fields.push_back(each);
  }
  if (std::ranges::none_of(fields, [&](std::string_view each) { return reads(program, each); }))
    return wrong(fmt::format("continue_final_message: the template does not read '{}'", name));
  Result<std::string> text;
  for (std::string_view each : fields) {
    text = tagContent(*find(message, each));
    if (!text)
      return text;
  }
  return text;
}

std::string_view rightStripped(std::string_view text) {
  while (size_t bytes = pythonSpaceAtEnd(text))
    text.remove_suffix(bytes);
  return text;
}

std::string_view stripped(std::string_view text) {
  while (size_t bytes = pythonSpaceAtStart(text))
    text.remove_prefix(bytes);
  return rightStripped(text);
}

/// Ends the prompt where the message that is continued ends.
Status cutAtTag(Rendered &rendered, std::string_view message) {
  size_t at = rendered.text.rfind(kTrimmedTag);
  if (at == rendered.text.npos || findText(rendered.text, stripped(message)) == rendered.text.npos)
    return wrong("continue_final_message: the template does not print the whole final message",
                 "leave continue_final_message out, or the message without what the template cuts");
  bool keepsSpaces = std::string_view(rendered.text).substr(at).starts_with(kTag);
  rendered.text.resize(at);
  if (!keepsSpaces)
    rendered.text.resize(rightStripped(rendered.text).size());
  size_t end = rendered.text.size();
  std::erase_if(rendered.spans, [end](const TokenSpan &span) { return span.begin >= end; });
  if (!rendered.spans.empty())
    rendered.spans.back().end = std::min<size_t>(rendered.spans.back().end, end);
  return {};
}

Value valueOf(std::vector<Entries> messages) {
  std::vector<Value> items;
  items.reserve(messages.size());
  for (Entries &message : messages)
    items.push_back(makeDict(std::move(message)));
  return makeList(std::move(items));
}

/// The template's variables besides the messages.
Result<Variables> readVariables(const ChatFormat &format, const Dict &request) {
  Variables variables;
  for (auto [name, text] : format.specialTokens)
    variables.set(name, makeText(text, /*isTemplate=*/true));
  auto setAll = [&](const Dict &from) {
    for (auto &[key, value] : from.entries)
      if (const Text *name = asText(key);
          name && std::ranges::find(kParameters, name->view()) == std::end(kParameters))
        variables.set(name->view(), value);
  };
  setAll(request);
  if (const Value &more = field(request, "chat_template_kwargs"); !isNone(more)) {
    if (!asDict(more))
      return wrong(
          fmt::format("chat_template_kwargs: expected an object, found {}", typeName(more)));
    setAll(*asDict(more));
  }
  for (std::string_view name : {"tools", "documents"}) {
    OSSCC_RETURN_IF_ERROR(checkObjects(name, field(request, name)));
    variables.set(name, field(request, name));
  }
  const Value *prompt = request.find("add_generation_prompt");
  variables.set("add_generation_prompt", prompt ? *prompt : Value(false));
  return variables;
}

Result<Rendered> renderDict(const ChatFormat &format, const Dict &request,
                            std::optional<int64_t> clock) {
  Result<const bundle::Template *> program = chooseTemplate(format, request);
  if (!program)
    return std::unexpected(std::move(program).error());
  Result<std::vector<Entries>> messages = readMessages(field(request, "messages"));
  if (!messages)
    return std::unexpected(std::move(messages).error());
  Result<Variables> variables = readVariables(format, request);
  if (!variables)
    return std::unexpected(std::move(variables).error());
  const Value &goesOn = field(request, "continue_final_message");
  if (!isTrue(goesOn)) {
    variables->set("messages", valueOf(std::move(*messages)));
    return renderChat(**program, variables->take(), clock);
  }
  if (isTrue(field(request, "add_generation_prompt")))
    return wrong("continue_final_message and add_generation_prompt exclude each other",
                 "leave one of them out");
  const Text *name = asText(goesOn);
  Result<std::string> final =
      tagFinalMessage(messages->back(), name ? name->view() : "content", **program);
  if (!final)
    return std::unexpected(std::move(final).error());
  variables->set("messages", valueOf(std::move(*messages)));
  Result<Rendered> rendered = renderChat(**program, variables->take(), clock);
  if (rendered)
    OSSCC_RETURN_IF_ERROR(cutAtTag(*rendered, *final));
  return rendered;
}

} // namespace

Result<Rendered> renderRequest(const ChatFormat &format, const Value &request,
                               std::optional<int64_t> clock) {
  try {
    if (const Dict *object = asDict(request))
      return renderDict(format, *object, clock);
    return wrong(fmt::format("expected a JSON object, found {}", typeName(request)));
  } catch (const std::bad_alloc &) {
    return fail(Code::kOutOfMemory, "out of memory while reading the chat request");
  }
}

} // namespace osscc::rt
