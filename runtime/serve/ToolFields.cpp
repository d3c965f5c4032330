#include "runtime/serve/ToolFields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace osscc::rt::serve {
namespace {

constexpr size_t kMostTools = 128;

CallableTool readTool(const Value &value, const std::string &path) {
  constexpr size_t kLongest = 128;
  constexpr std::array<std::string_view, 1> kTypes{"function"};
  Fields tool(value, path);
  if (!tool.word("type", kTypes))
    throw wrongField(tool.pathOf("type"), "'function'", "nothing");
  auto function = tool.object("function");
  if (!function)
    throw wrongField(tool.pathOf("function"), "an object", "nothing");
  std::string name = function->needText("name");
  auto isGood = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (name.empty() || name.size() > kLongest || !std::ranges::all_of(name, isGood))
    throw wrongField(function->pathOf("name"),
                     fmt::format("1 to {} letters, digits, '_', '-' or '.'", kLongest),
                     describe(*function->find("name")));
  function->text("description");
  function->object("parameters");
  auto strict = function->flag("strict");
  CallableTool out{.name = name, .path = function->pathOf("parameters")};
  if (const Value *parameters = function->find("parameters"))
    out.parameters = *parameters;
  out.isStrict = strict.value_or(false);
  out.isFree = strict == false;
  return out;
}

/// What tool_choice says.
struct Choice {
  bool mayCall = true, mustCall = false;
  std::optional<std::vector<std::string>> allowed = {}; ///< None: all tools.
  bool isOne = false;
};

/// The name of {"type": "function", "function": {"name": "f"}}, or with the name beside the type.
std::string readChosenName(const Fields &chosen) {
  constexpr std::array<std::string_view, 1> kTypes{"function"};
  if (!chosen.word("type", kTypes))
    throw wrongField(chosen.pathOf("type"), "'function'", "nothing");
  auto function = chosen.object("function");
  return function ? function->needText("name") : chosen.needText("name");
}

Choice readAllowed(const Fields &holder) {
  constexpr std::array<std::string_view, 2> kModes{"auto", "required"};
  Choice choice;
  choice.mustCall = holder.word("mode", kModes).value_or(0) == 1;
  auto &allowed = choice.allowed.emplace();
  for (const Value &item : holder.needList("tools", kMostTools))
    allowed.push_back(
        readChosenName(Fields(item, itemPath(holder.pathOf("tools"), allowed.size()))));
  return choice;
}

Choice readChoice(const Fields &request) {
  constexpr std::array<std::string_view, 3> kChoices{"none", "auto", "required"};
  const Value *given = request.find("tool_choice");
  if (!given)
    return {};
  if (!asDict(*given)) {
    size_t word = *request.word("tool_choice", kChoices);
    return {.mayCall = word > 0, .mustCall = word == 2};
  }
  Fields chosen(*given, "tool_choice");
  std::string type = chosen.needText("type");
  if (type == "allowed_tools") {
    auto inner = chosen.object("allowed_tools");
    return readAllowed(inner ? *inner : chosen);
  }
  if (type != "function")
    throw unsupported(chosen.pathOf("type"),
                      "give 'function' or 'allowed_tools', or a word for tool_choice");
  return {.mustCall = true, .allowed = {{readChosenName(chosen)}}, .isOne = true};
}

/// Leaves the tools that may be called.
void choose(Tools &tools, const Choice &choice) {
  if (!choice.allowed)
    return;
  std::vector<CallableTool> left;
  for (const std::string &name : *choice.allowed) {
    auto found = std::ranges::find(tools.callable, name, &CallableTool::name);
    if (found == tools.callable.end())
      throw wrongField("tool_choice", "the name of a tool", fmt::format("'{}'", name));
    if (std::ranges::find(left, name, &CallableTool::name) == left.end())
      left.push_back(*found);
  }
  if (left.empty())
    throw wrongField("tool_choice", "the name of a tool", "none");
  tools.isPart = left.size() < tools.callable.size();
  tools.callable = std::move(left);
}

} // namespace

bool Tools::areHeld() const {
  return mustCall || isPart || std::ranges::any_of(callable, &CallableTool::isStrict);
}

Tools readTools(const Fields &request) {
  for (std::string_view old : {"functions", "function_call"})
    if (request.has(old))
      throw unsupported(std::string(old), "it was replaced by tools and tool_choice; use these");
  Choice choice = readChoice(request);
  bool many = request.flag("parallel_tool_calls").value_or(true);
  auto given = request.list("tools", kMostTools);
  if (!given || given->empty()) {
    if (choice.mustCall)
      throw wrongField("tool_choice", "tools beside it", "none");
    return {};
  }
  Tools tools{.callsOnce = !many || choice.isOne, .mustCall = choice.mustCall};
  for (const Value &item : *given) {
    std::string path = itemPath("tools", tools.callable.size());
    CallableTool tool = readTool(item, path);
    if (std::ranges::find(tools.callable, tool.name, &CallableTool::name) != tools.callable.end())
      throw wrongField(path + ".function.name", "a name of its own",
                       fmt::format("'{}' a second time", tool.name));
    tools.callable.push_back(std::move(tool));
  }
  if (!choice.mayCall)
    return {};
  choose(tools, choice);
  tools.list = *request.find("tools");
  return tools;
}

} // namespace osscc::rt::serve
