// Calls whose arguments are written one by one: between marks, as Python's, and as Gemma's.
#include "runtime/chat/CallWriter.h"

#include "runtime/chat/Extent.h"
#include "runtime/schema/Texts.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace osscc::rt {
namespace {

using schema::NodeId;
using schema::ObjectRule;
using schema::StringRule;

constexpr int kDeepest = 4;         ///< Arrays and objects within arguments of Gemma's notation.
constexpr int64_t kMostItems = 64;  ///< That are counted one by one.
constexpr int64_t kMostTexts = 256; ///< Of an argument with a pattern or an enumeration.

std::string utf8Of(const std::u32string &characters) {
  std::string text;
  for (char32_t c : characters) {
    utf8proc_uint8_t bytes[4];
    auto size = size_t(utf8proc_encode_char(utf8proc_int32_t(c), bytes));
    text.append(reinterpret_cast<const char *>(bytes), size);
  }
  return text;
}

} // namespace

/// `write` gives the state behind a member; the separator stands before each but the first.
template <class Write>
Result<CallWriter::State> CallWriter::members(State from, const ObjectRule &rule,
                                              std::string_view comma, Write write) {
  // [member][whether one stands before it]
  std::vector<std::array<State, 2>> before(rule.members.size() + 1);
  for (auto &states : before)
    states = {builder.add(), builder.add()};
  builder.join(from, before[0][0]);
  State end = builder.add();
  for (size_t i = 0; i <= rule.members.size(); ++i)
    for (size_t hasOne = 0; hasOne < 2; ++hasOne) {
      State here = before[i][hasOne];
      if (i == rule.members.size()) {
        builder.join(here, end);
        continue;
      }
      const ObjectRule::Member &member = rule.members[i];
      if (!member.required)
        builder.join(here, before[i + 1][hasOne]);
    }
  for (size_t i = 0; i < rule.members.size(); ++i) {
    State begin = builder.add();
    builder.join(before[i][0], begin);
    State behindComma = comma.empty() ? before[i][1] : builder.text(before[i][1], comma);
    builder.join(behindComma, begin);
    if (comma.size() == 1) // a space may follow it
      builder.join(builder.text(behindComma, " "), begin);
    auto name = plainName(rule.members[i].name);
    argument = name.value_or("");
    if (!name)
      return refuse("the name of an argument has other letters than calls of this model can have");
    Step behind = write(begin, rule.members[i]);
    if (!behind)
      return behind;
    builder.join(*behind, before[i + 1][1]);
  }
  argument.clear();
  return end;
}

Result<CallWriter::State> CallWriter::bareTexts(State from, const std::vector<StringRule> &rules,
                                                const std::string &stop) {
  State end = builder.add();
  for (const StringRule &rule : rules) {
    bool isAny = !rule.texts && rule.least == 0 && rule.most == INT64_MAX;
    if (isAny) {
      std::array<std::string, 1> stops{stop};
      auto text = builder.freeText(stops);
      if (!text)
        return std::unexpected(std::move(text).error());
      builder.join(from, text->begin);
      builder.join(text->behind[0], end);
      continue;
    }
    if (!rule.texts || rule.texts->texts.empty() || rule.texts->texts[0] > kMostTexts)
      return refuse("a text that has a pattern, a format or a length is written without quotes by "
                    "this model, where it cannot be held to them");
    bool isWrong = false;
    schema::forEachText(*rule.texts, [&](const std::u32string &characters) {
      std::string text = utf8Of(characters);
      isWrong |= text.find(stop) != text.npos || text.starts_with('\n') || text.ends_with('\n');
      builder.join(builder.text(builder.text(from, text), stop), end);
      if (format.lines)
        builder.join(builder.text(builder.text(from, "\n" + text + "\n"), stop), end);
    });
    if (isWrong)
      return refuse("a text has line ends at its sides or the mark of its end in it");
  }
  return end;
}

Result<CallWriter::State> CallWriter::parameter(State from, const ObjectRule::Member &member) {
  const schema::Node node = builder.made().nodes[member.value];
  bool hasType = !format.type_end.empty();
  bool isOther =
      !node.numbers.empty() || !node.arrays.empty() || !node.objects.empty() || node.yes || node.no;
  // Untyped, a text cannot be told from other values, but from null it can.
  if (!hasType && !node.strings.empty() && isOther)
    return refuse("a value that may be a text or something else is not told apart by this model");
  State key = builder.text(builder.text(from, format.key_begin), *plainName(member.name));
  key = builder.text(key, format.key_end);
  State end = builder.add();
  auto begin = [&](std::string_view type) {
    State state = hasType ? builder.text(builder.text(key, type), format.type_end) : key;
    if (!format.value_begin.empty())
      state = builder.text(builder.spaces(state), format.value_begin);
    return state;
  };
  if (!node.strings.empty()) {
    bool mayBeNull = node.null && !hasType;
    Step behind =
        mayBeNull && std::ranges::any_of(node.strings,
                                         [](const StringRule &rule) {
                                           return rule.texts && rule.texts->matches(U"null");
                                         })
            ? refuse("null cannot be told from the text of its letters")
            : bareTexts(begin("true"), node.strings, format.value_end);
    if (!behind)
      return behind;
    builder.join(*behind, end);
  }
  if (node.null || isOther) {
    schema::Node other = node;
    other.strings.clear();
    State value = builder.value(builder.spaces(begin("false")), builder.add(other));
    builder.join(builder.text(builder.spaces(value), format.value_end), end);
  }
  return end;
}

Result<CallWriter::State> CallWriter::parametersCall(State from, const Tool &each) {
  Result<const ObjectRule *> rule = ruleOf(each);
  if (!rule)
    return std::unexpected(std::move(rule).error());
  const ObjectRule copy = **rule; // nodes are added meanwhile
  State name = builder.text(from, each.name);
  if (!format.name_end.empty())
    name = builder.text(builder.spaces(name), format.name_end);
  Step last = members(builder.spaces(name), copy, "",
                      [&](State state, const ObjectRule::Member &member) -> Step {
                        Step behind = parameter(state, member);
                        return behind ? Step(builder.spaces(*behind)) : behind;
                      });
  return last;
}

Result<CallWriter::State> CallWriter::pythonCall(State from, const Tool &each) {
  tool = each.name;
  argument.clear();
  Result<const ObjectRule *> rule = ruleOf(each);
  if (!rule)
    return std::unexpected(std::move(rule).error());
  const ObjectRule copy = **rule;
  State open = builder.text(builder.text(from, each.name), "(");
  Step last = members(open, copy, ",", [&](State state, const ObjectRule::Member &member) -> Step {
    State key = builder.text(builder.text(state, *plainName(member.name)), "=");
    return builder.value(key, member.value);
  });
  return last ? Step(builder.text(*last, ")")) : last;
}

/// A list of calls.
Result<CallWriter::State> CallWriter::pythonCalls(State from) {
  builder.frame().plainEscapes = true;
  State begin = builder.text(builder.spaces(from), "["), behind = builder.add();
  for (const Tool &each : tools) {
    Step one = pythonCall(begin, each);
    if (!one)
      return one;
    builder.join(*one, behind);
  }
  if (!once) {
    State comma = builder.text(behind, ",");
    builder.join(comma, begin);
    builder.join(builder.text(comma, " "), begin);
  }
  return builder.text(behind, "]");
}

Result<CallWriter::State> CallWriter::gemmaCall(State from, const Tool &each) {
  Result<const ObjectRule *> rule = ruleOf(each);
  if (!rule)
    return std::unexpected(std::move(rule).error());
  const ObjectRule copy = **rule;
  return gemmaObject(builder.text(from, each.name), copy, 0);
}

Result<CallWriter::State> CallWriter::gemmaObject(State from, const ObjectRule &rule, int depth) {
  std::string outer = argument;
  Step last = members(builder.text(from, "{"), rule, ",",
                      [&](State state, const ObjectRule::Member &member) -> Step {
                        State key = builder.text(builder.text(state, *plainName(member.name)), ":");
                        return gemmaValue(key, member.value, depth);
                      });
  argument = outer;
  return last ? Step(builder.text(*last, "}")) : last;
}

Result<CallWriter::State> CallWriter::gemmaArray(State from, uint32_t array, int depth) {
  const schema::ArrayRule rule = builder.made().arrays[array];
  auto fixed = std::max(int64_t(rule.prefix.size()), rule.least);
  bool isEndless = rule.most == INT64_MAX;
  int64_t counted = isEndless ? fixed : rule.most;
  if (!rule.states.empty() || counted > kMostItems)
    return refuse("a list that counts its items in this way cannot be held to that");
  State end = builder.add(), here = builder.text(from, "[");
  for (int64_t i = 0; i < counted; ++i) {
    if (i >= rule.least)
      builder.join(here, end);
    Step item = gemmaValue(i == 0 ? here : builder.text(here, ","), rule.itemAt(i), depth);
    if (!item)
      return item;
    here = *item;
  }
  builder.join(here, end);
  if (isEndless) {
    State begin = builder.add();
    builder.join(counted == 0 ? here : builder.text(here, ","), begin);
    Step item = gemmaValue(begin, rule.rest, depth);
    if (!item)
      return item;
    builder.join(builder.text(*item, ","), begin);
    builder.join(*item, end);
  }
  return builder.text(end, "]");
}

/// Every form of a value. Deeper ones than kDeepest are left out where there are others.
Result<CallWriter::State> CallWriter::gemmaValue(State from, NodeId id, int depth) {
  const schema::Node node = builder.made().nodes[id];
  const std::string quote(kGemmaQuote);
  State end = builder.add();
  bool isWritten = false;
  if (State behind = scalars(from, id); behind != schema::FrameBuilder::kStart) {
    builder.join(behind, end);
    isWritten = true;
  }
  if (!node.strings.empty()) {
    Step behind = bareTexts(builder.text(from, quote), node.strings, quote);
    if (!behind)
      return behind;
    builder.join(*behind, end);
    isWritten = true;
  }
  if (depth >= kDeepest)
    return isWritten ? Step(end) : refuse("it is nested deeper than calls of this model are held");
  for (uint32_t array : node.arrays) {
    Step behind = gemmaArray(from, array, depth + 1);
    if (!behind)
      return behind;
    builder.join(*behind, end);
  }
  for (uint32_t object : node.objects) {
    const ObjectRule rule = builder.made().objects[object];
    if (rule.isCounted())
      return refuse("an object that counts its members cannot be held to that");
    Step behind = gemmaObject(from, rule, depth + 1);
    if (!behind)
      return behind;
    builder.join(*behind, end);
  }
  return end;
}

} // namespace osscc::rt
