// /v1/chat/completions: messages and tools through the model's template.
#include "runtime/chat/Render.h"
#include "runtime/serve/AnswerForm.h"
#include "runtime/serve/Generation.h"
#include "runtime/serve/HeldCalls.h"
#include "runtime/serve/Messages.h"
#include "runtime/serve/ReasoningFields.h"

namespace osscc::rt::serve {
namespace {

using Entries = std::vector<std::pair<Value, Value>>;

/// logprobs and top_logprobs.
std::optional<int64_t> readLogprobs(const Fields &request) {
  constexpr int64_t kMost = 20;
  bool wanted = request.flag("logprobs").value_or(false);
  auto top = request.integer("top_logprobs", 0, kMost);
  if (top && *top > 0 && !wanted)
    throw wrongField("top_logprobs", "logprobs to be true beside it", "no logprobs");
  return wanted ? std::optional(top.value_or(0)) : std::nullopt;
}

/// How calls of the tools are written; the calls of an answer without tools are text.
void chooseCalls(AnswerFormat &format, const Tools &tools, const Served &served) {
  format.tools.emplace();
  bool isHarmony = format.style == AnswerFormat::Style::kHarmony;
  for (const CallableTool &tool : tools.callable)
    format.tools->push_back(isHarmony ? "functions." + tool.name : tool.name);
  if (const bundle::ToolCallFormat *calls = served.bundle.index().tool_calls())
    calls->UnPackTo(&format.calls.emplace());
  if (!tools.callable.empty() && !isHarmony && !format.calls)
    throw unsupported("tools", "how this model calls tools is not known; leave it out");
}

} // namespace

ChatPrompt renderChat(const Served &served, const cli::Reasoning &mode, Value messages,
                      const Tools &tools, Entries more) {
  Entries entries{{userText("messages"), std::move(messages)},
                  {userText("add_generation_prompt"), true}};
  if (!isNone(tools.list))
    entries.emplace_back(userText("tools"), tools.list);
  for (auto &entry : more)
    entries.push_back(std::move(entry));
  auto rendered =
      cli::renderRequest(served.bundle, served.clock, makeDict(std::move(entries)), mode);
  if (!rendered)
    throw ApiError{.status = rendered.error().code == Code::kOutOfMemory ? 503 : 400,
                   .message = rendered.error().message,
                   .param = "messages",
                   .code = "invalid_value"};
  auto ids = served.tokenizer.encode(rendered->text, rendered->spans);
  if (!ids)
    throw ApiError{.message = ids.error().message, .param = "messages", .code = "invalid_value"};
  AnswerFormat format = mode.formatBehind(rendered->text);
  chooseCalls(format, tools, served);
  return {std::move(*ids), std::move(format)};
}

Generation readChat(const Fields &request, const Served &served) {
  if (!served.hasTemplate())
    throw ApiError{.message = "this model has no chat template; use /v1/completions",
                   .param = "messages",
                   .code = "unsupported_value"};
  Generation out{.prompts = {}, .settings = readSettings(request, served), .isChat = true};
  out.maxTokens = readMaxTokens(request, {"max_completion_tokens", "max_tokens"}, 1);
  out.topLogprobs = readLogprobs(request);
  cli::Reasoning mode = served.reasoning;
  out.budget = served.budget;
  chooseReasoning(request, mode, out.budget);
  Tools tools = readTools(request);
  out.callsOnce = tools.callsOnce;
  Schema form = readAnswerForm(request.object("response_format"));
  Entries more;
  for (std::string_view name : {"chat_template_kwargs", "documents"})
    if (const Value *value = request.find(name))
      more.emplace_back(userText(name), *value);
  ChatPrompt prompt =
      renderChat(served, mode, readMessages(request, served.system), tools, std::move(more));
  checkLength(prompt.ids, "messages", served);
  out.prompts.push_back(std::move(prompt.ids));
  out.schema = holdAnswer(tools, std::move(form), prompt.format, served);
  out.format = std::move(prompt.format);
  return out;
}

} // namespace osscc::rt::serve
