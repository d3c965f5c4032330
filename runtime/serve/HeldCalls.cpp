#include "runtime/serve/HeldCalls.h"

#include "runtime/chat/CallGrammar.h"
#include "runtime/schema/Refusal.h"

#include <fmt/format.h>

namespace osscc::rt::serve {
namespace {

/// The schema of a tool's arguments: what is free is an object.
std::string schemaOf(const CallableTool &tool, bool mustCall) {
  bool isHeld = tool.isStrict || (mustCall && !tool.isFree);
  if (!isHeld)
    return R"({"type":"object"})";
  if (isNone(tool.parameters))
    return R"({"type":"object","maxProperties":0})";
  std::string_view culprit;
  std::optional<std::string> text = toJson(tool.parameters, {}, culprit);
  if (!text)
    throw wrongField(tool.path, "a JSON Schema", "what has no text");
  return *text;
}

HeldTool held(const CallableTool &tool, bool mustCall, schema::Budget &budget) {
  Result<Schema> arguments = compileSchema(schemaOf(tool, mustCall), budget);
  if (!arguments)
    throw ApiError{.message = fmt::format("{}: {}{}", tool.path, arguments.error().message,
                                          tool.isStrict ? ""
                                                        : "; with \"strict\": false its arguments "
                                                          "are not held to it"),
                   .param = tool.path,
                   .code = "invalid_json_schema"};
  return {tool.name, *arguments};
}

/// The parameters that a schema says outright are texts.
void addTexts(const CallableTool &tool, std::vector<TextArgument> &texts) {
  const Dict *schema = asDict(tool.parameters);
  const Value *properties = schema ? schema->find("properties") : nullptr;
  const Dict *members = properties ? asDict(*properties) : nullptr;
  for (size_t i = 0; members && i < members->entries.size(); ++i) {
    const auto &[name, value] = members->entries[i];
    const Dict *member = asDict(value);
    const Value *type = member ? member->find("type") : nullptr;
    if (type && asText(*type) && asText(*type)->view() == "string" && asText(name))
      texts.push_back({tool.name, std::string(asText(name)->view())});
  }
}

} // namespace

Schema holdAnswer(const Tools &tools, Schema form, AnswerFormat &format, const Served &served) {
  for (const CallableTool &tool : tools.callable)
    addTexts(tool, format.texts);
  if (tools.callable.empty() || (!form && !tools.areHeld()))
    return form;
  schema::Budget budget; // of all tools together
  CallRules rules{.tools = {},
                  .mustCall = tools.mustCall,
                  .once = tools.callsOnce,
                  .content = tools.mustCall ? nullptr : form};
  for (const CallableTool &tool : tools.callable)
    rules.tools.push_back(held(tool, tools.mustCall, budget));
  for (TextArgument &text : textArguments(rules.tools))
    format.texts.push_back(std::move(text));
  Result<Schema> all = holdCalls(format, rules, served.tokenizer);
  if (!all) {
    bool isByChoice = tools.mustCall || tools.isPart;
    throw unsupported(isByChoice      ? "tool_choice"
                      : rules.content ? "response_format"
                                      : "tools",
                      all.error().message);
  }
  return *all;
}

} // namespace osscc::rt::serve
