// Calls in JSON, and those whose names stand before their JSON; what all notations share.
#include "runtime/chat/CallWriter.h"

#include "runtime/schema/Forms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace osscc::rt {
namespace {

using bundle::ToolNotation;
using schema::NodeId;
using schema::ObjectRule;

constexpr int64_t kMostCalls = 64; ///< In one list.

bool isWord(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

} // namespace

std::optional<std::string> plainName(const std::u32string &name) {
  if (name.empty() || !std::ranges::all_of(name, isWord))
    return std::nullopt;
  return std::string(name.begin(), name.end());
}

std::unexpected<Error> CallWriter::refuse(std::string_view what) const {
  return fail(Code::kInvalidArgument,
              argument.empty() ? fmt::format("'{}': {}", tool, what)
                               : fmt::format("'{}': the argument '{}': {}", tool, argument, what));
}

Result<CallWriter::State> CallWriter::call(State from) {
  if (format.notation == ToolNotation::Json)
    return jsonCall(from);
  if (format.notation == ToolNotation::Python)
    return pythonCalls(from);
  State end = builder.add();
  for (const Tool &each : tools) {
    tool = each.name;
    argument.clear();
    Step behind = format.notation == ToolNotation::NamedJson    ? Step(namedCall(from, each))
                  : format.notation == ToolNotation::Parameters ? parametersCall(from, each)
                                                                : gemmaCall(from, each);
    if (!behind)
      return behind;
    builder.join(*behind, end);
  }
  return end;
}

/// The forms that readJsonCalls() takes and that templates write.
NodeId CallWriter::jsonNode() {
  constexpr std::array<std::string_view, 6> kFields{"name",      "tool_name",  "function",
                                                    "arguments", "parameters", "tool_call_id"};
  auto member = [](std::u32string name, NodeId value) {
    return ObjectRule::Member{std::move(name), value, true};
  };
  schema::Node digits;
  digits.strings.push_back({.texts = nullptr, .least = 1, .most = 16});
  NodeId id = builder.add(std::move(digits));
  std::vector<NodeId> forms;
  for (const Tool &each : tools) {
    NodeId name = builder.word(each.name);
    forms.push_back(builder.object({member(U"name", name), member(U"arguments", each.arguments)}));
    forms.push_back(builder.object({member(U"name", name), member(U"parameters", each.arguments)}));
    forms.push_back(builder.object({{U"tool_call_id", id, false},
                                    member(U"tool_name", name),
                                    member(U"parameters", each.arguments)}));
    if (std::ranges::find(kFields, each.name) == kFields.end())
      forms.push_back(builder.object({member(schema::charactersOf(each.name), each.arguments)}));
  }
  return builder.either(forms);
}

CallWriter::State CallWriter::jsonCall(State from) {
  NodeId one = jsonNode();
  if (format.begin.empty())
    return builder.value(builder.spaces(from), one);
  std::array<NodeId, 2> forms{one, builder.list(one, 1, once ? 1 : kMostCalls)};
  return builder.value(builder.spaces(from), builder.either(forms));
}

CallWriter::State CallWriter::namedCall(State from, const Tool &each) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  if (!format.name_begin.empty())
    from = builder.text(builder.letters(from, kLetters, 0, 16), format.name_begin);
  State name = builder.text(from, each.name);
  if (!format.id_begin.empty()) {
    State behindId = builder.add();
    builder.join(name, behindId);
    builder.join(builder.letters(builder.text(name, format.id_begin), kLetters, 1, 16), behindId);
    name = behindId;
  }
  State open = builder.text(builder.spaces(name), format.name_end);
  return builder.value(builder.spaces(open), each.arguments);
}

Result<const ObjectRule *> CallWriter::ruleOf(const Tool &each) const {
  const schema::Machine &machine = builder.made();
  const schema::Node &node = machine.nodes[each.arguments];
  if (node.objects.size() != 1)
    return refuse("its arguments have alternatives, which calls of this model cannot be held to");
  const ObjectRule &rule = machine.objects[node.objects[0]];
  if (rule.isCounted())
    return refuse("its arguments are counted, which calls of this model cannot be held to");
  return &rule;
}

CallWriter::State CallWriter::scalars(State from, NodeId id) {
  schema::Node node = builder.made().nodes[id];
  node.strings.clear();
  node.arrays.clear();
  node.objects.clear();
  bool isEmpty = !node.null && !node.yes && !node.no && node.numbers.empty();
  return isEmpty ? schema::FrameBuilder::kStart : builder.value(from, builder.add(node));
}

} // namespace osscc::rt
