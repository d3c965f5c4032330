// /v1/responses: its items as the messages of a chat. Nothing is stored, so a request brings all of
// its conversation.
#include "runtime/serve/AnswerForm.h"
#include "runtime/serve/Generation.h"
#include "runtime/serve/HeldCalls.h"
#include "runtime/serve/Messages.h"
#include "runtime/serve/ReasoningFields.h"

#include <fmt/format.h>

#include <array>

namespace osscc::rt::serve {
namespace {

using Entries = std::vector<std::pair<Value, Value>>;

Value messageOf(std::string_view role, Value content) {
  return makeDict({{userText("role"), userText(role)}, {userText("content"), std::move(content)}});
}

/// Items of the input, in their order, as messages; thoughts and calls that stand together are one
/// message.
class Items {
public:
  void add(const Value &value, const std::string &path) {
    Fields item(value, path);
    std::string type = item.text("type").value_or("message");
    if (type == "message")
      return addMessage(item);
    if (type == "function_call")
      return addCall(item);
    if (type == "function_call_output")
      return addOutput(item);
    if (type == "reasoning")
      return addReasoning(item);
    throw unsupported(item.pathOf("type"), fmt::format("items of type '{}' are not served", type));
  }
  std::vector<Value> take() {
    flush();
    return std::move(messages);
  }

private:
  void addMessage(const Fields &item) {
    if (item.text("role") != "assistant")
      flush();
    Entries entries = item.entries();
    if (!reasoning.empty())
      entries.emplace_back(userText("reasoning_content"), userText(std::exchange(reasoning, {})));
    messages.push_back(makeDict(std::move(entries)));
  }
  void addCall(const Fields &item) {
    Entries function{{userText("name"), userText(item.needText("name"))},
                     {userText("arguments"), userText(item.needText("arguments"))}};
    calls.push_back(makeDict({{userText("id"), userText(item.needText("call_id"))},
                              {userText("type"), userText("function")},
                              {userText("function"), makeDict(std::move(function))}}));
  }
  void addOutput(const Fields &item) {
    flush();
    const Value *output = item.find("output");
    if (!output)
      throw wrongField(item.pathOf("output"), "a text", "nothing");
    messages.push_back(makeDict({{userText("role"), userText("tool")},
                                 {userText("tool_call_id"), userText(item.needText("call_id"))},
                                 {userText("content"), *output}}));
  }
  void addReasoning(const Fields &item) {
    constexpr size_t kMost = 256;
    for (std::string_view name : {"content", "summary"}) {
      auto parts = item.list(name, kMost);
      if (!parts || parts->empty())
        continue;
      for (size_t i = 0; i < parts->size(); ++i)
        reasoning += Fields((*parts)[i], itemPath(item.pathOf(name), i)).needText("text");
      return;
    }
  }
  /// Ends the message of the calls that were collected.
  void flush() {
    if (!calls.empty()) {
      Entries entries{{userText("role"), userText("assistant")},
                      {userText("tool_calls"), makeList(std::exchange(calls, {}))}};
      if (!reasoning.empty())
        entries.emplace_back(userText("reasoning_content"), userText(reasoning));
      messages.push_back(makeDict(std::move(entries)));
    }
    reasoning.clear();
  }

  std::vector<Value> messages, calls;
  std::string reasoning;
};

std::vector<Value> readInput(const Fields &request) {
  constexpr size_t kMostItems = 8192;
  const Value *input = request.find("input");
  if (!input)
    throw wrongField("input", "a text or a list of items", "nothing");
  std::vector<Value> messages;
  if (asText(*input)) {
    messages.push_back(messageOf("user", *input));
  } else {
    Items items;
    auto list = request.needList("input", kMostItems);
    for (size_t i = 0; i < list.size(); ++i)
      items.add(list[i], itemPath("input", i));
    messages = items.take();
  }
  if (auto instructions = request.text("instructions"))
    messages.insert(messages.begin(), messageOf("system", userText(*instructions)));
  return messages;
}

/// Tools of this API name the function's fields beside the type.
Value readToolList(const Fields &request) {
  constexpr size_t kMostTools = 128;
  auto given = request.list("tools", kMostTools);
  if (!given)
    return None{};
  std::vector<Value> tools;
  for (const Value &item : *given) {
    Fields tool(item, itemPath("tools", tools.size()));
    if (tool.needText("type") != "function")
      throw unsupported(tool.pathOf("type"),
                        fmt::format("tools of type '{}' are not served", tool.needText("type")));
    Entries function;
    for (const auto &[key, value] : tool.entries())
      if (asText(key)->view() != "type")
        function.emplace_back(key, value);
    tools.push_back(makeDict({{userText("type"), userText("function")},
                              {userText("function"), makeDict(std::move(function))}}));
  }
  return makeList(std::move(tools));
}

/// Refuses what would otherwise be left out without a word.
void checkServed(const Fields &request) {
  for (std::string_view name : {"previous_response_id", "conversation", "prompt"})
    if (request.has(name))
      throw unsupported(std::string(name),
                        "nothing is stored here; send the whole conversation as input");
  if (request.flag("background").value_or(false))
    throw unsupported("background", "answers are not drawn in the background");
  if (request.text("truncation").value_or("disabled") != "disabled")
    throw unsupported("truncation", "no conversation is cut; give 'disabled'");
}

} // namespace

Generation readResponses(const Fields &request, const Served &served) {
  if (!served.hasTemplate())
    throw ApiError{.message = "this model has no chat template; use /v1/completions",
                   .param = "input",
                   .code = "unsupported_value"};
  checkServed(request);
  Generation out{.prompts = {}, .settings = readSettings(request, served), .isChat = true};
  if (out.settings.answers != 1)
    throw wrongField("n", "1", fmt::format("{}", out.settings.answers));
  out.maxTokens = readMaxTokens(request, {"max_output_tokens"}, 1);
  cli::Reasoning mode = served.reasoning;
  out.budget = served.budget;
  chooseReasoning(request, mode, out.budget);
  // The rest is a chat's.
  Entries chat{{userText("tools"), readToolList(request)}};
  for (std::string_view name : {"tool_choice", "parallel_tool_calls"})
    if (const Value *value = request.find(name))
      chat.emplace_back(userText(name), *value);
  Tools tools = readTools(Fields(makeDict(std::move(chat)), ""));
  out.callsOnce = tools.callsOnce;
  Schema form;
  if (auto text = request.object("text"))
    form = readAnswerForm(text->object("format"));
  Value messages = readMessages(readInput(request), "input", served.system);
  ChatPrompt prompt = renderChat(served, mode, std::move(messages), tools);
  checkLength(prompt.ids, "input", served);
  out.prompts.push_back(std::move(prompt.ids));
  out.schema = holdAnswer(tools, std::move(form), prompt.format, served);
  out.format = std::move(prompt.format);
  return out;
}

} // namespace osscc::rt::serve
