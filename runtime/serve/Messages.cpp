#include "runtime/serve/Messages.h"

#include "runtime/template/ReadJson.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace osscc::rt::serve {
namespace {

using Entries = std::vector<std::pair<Value, Value>>;

constexpr size_t kMostMessages = 8192, kMostParts = 4096, kMostCalls = 128;

void set(Entries &entries, std::string_view name, Value value) {
  for (auto &[key, old] : entries)
    if (asText(key)->view() == name) {
      old = std::move(value);
      return;
    }
  entries.emplace_back(userText(name), std::move(value));
}

/// A call as templates want it: with its arguments as an object, if they are JSON.
Value readCall(const Value &value, const std::string &path) {
  constexpr std::array<std::string_view, 1> kTypes{"function"};
  Fields call(value, path);
  call.word("type", kTypes);
  auto function = call.object("function");
  if (!function)
    throw wrongField(call.pathOf("function"), "an object", "nothing");
  function->needText("name");
  Entries inner = function->entries();
  const Value *arguments = function->find("arguments");
  if (arguments && asText(*arguments)) {
    std::string_view text = asText(*arguments)->view();
    Result<Value> parsed = readJson(text.empty() ? "{}" : text, /*isTemplate=*/false);
    if (parsed && asDict(*parsed))
      set(inner, "arguments", std::move(*parsed));
  } else if (arguments && !asDict(*arguments)) {
    throw wrongField(function->pathOf("arguments"), "a text of JSON", describe(*arguments));
  }
  Entries outer = call.entries();
  set(outer, "function", makeDict(std::move(inner)));
  return makeDict(std::move(outer));
}

void readCalls(const Fields &message, Entries &fields) {
  auto calls = message.list("tool_calls", kMostCalls);
  if (!calls)
    return;
  std::vector<Value> items;
  for (const Value &call : *calls)
    items.push_back(readCall(call, itemPath(message.pathOf("tool_calls"), items.size())));
  set(fields, "tool_calls", makeList(std::move(items)));
}

Value readMessage(const Value &value, const std::string &path) {
  constexpr std::array<std::string_view, 5> kRoles{"system", "developer", "user", "assistant",
                                                   "tool"};
  Fields message(value, path);
  auto role = message.word("role", kRoles);
  if (!role)
    throw wrongField(message.pathOf("role"), "a role", "nothing");
  bool isAnswer = kRoles[*role] == "assistant";
  Entries fields = message.entries();
  if (kRoles[*role] == "developer")
    set(fields, "role", userText("system"));
  if (const Value *content = message.find("content"))
    set(fields, "content", userText(readContent(*content, message.pathOf("content"))));
  else if (!isAnswer)
    throw wrongField(message.pathOf("content"), "a text", "nothing");
  for (std::string_view name : {"reasoning", "reasoning_content", "name", "tool_call_id"})
    message.text(name);
  if (isAnswer)
    readCalls(message, fields);
  if (isAnswer && !message.has("content") && !message.has("tool_calls"))
    throw wrongField(message.pathOf("content"), "a text", "nothing");
  return makeDict(std::move(fields));
}

} // namespace

std::string readContent(const Value &content, const std::string &path) {
  constexpr std::array<std::string_view, 4> kTypes{"text", "input_text", "output_text", "refusal"};
  if (const Text *text = asText(content))
    return std::string(text->view());
  const List *parts = asList(content);
  if (!parts)
    throw wrongField(path, "a text or a list of parts", describe(content));
  if (parts->items.size() > kMostParts)
    throw wrongField(path, fmt::format("at most {} parts", kMostParts),
                     fmt::format("{}", parts->items.size()));
  std::string all;
  for (size_t i = 0; i < parts->items.size(); ++i) {
    Fields part(parts->items[i], itemPath(path, i));
    std::string type = part.needText("type");
    auto known = std::ranges::find(kTypes, type);
    if (known == kTypes.end())
      throw unsupported(part.pathOf("type"), fmt::format("parts of type '{}' cannot be read; this "
                                                         "model reads text alone",
                                                         type));
    all += part.needText(*known == "refusal" ? "refusal" : "text");
  }
  return all;
}

Value readMessages(const Fields &request, const std::string &system) {
  return readMessages(request.needList("messages", kMostMessages), "messages", system);
}

Value readMessages(std::span<const Value> given, const std::string &field,
                   const std::string &system) {
  if (given.empty())
    throw wrongField(field, "at least one message", "none");
  std::vector<Value> messages;
  for (const Value &item : given)
    messages.push_back(readMessage(item, itemPath(field, messages.size())));
  auto isSystem = [](const Value &message) {
    return asText(*asDict(message)->find("role"))->view() == "system";
  };
  if (!system.empty() && std::ranges::none_of(messages, isSystem))
    messages.insert(messages.begin(), makeDict({{userText("role"), userText("system")},
                                                {userText("content"), userText(system)}}));
  return makeList(std::move(messages));
}

} // namespace osscc::rt::serve
