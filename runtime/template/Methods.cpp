// `value.method()`: the methods of Python's str, dict and list that chat templates use.
#include "runtime/template/Interpreter.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {

using Method = bundle::TemplateMethod;

Value TemplateInterpreter::method(Method op, const Value &object, Arguments arguments) {
  if (isUndefined(object))
    return failUndefined(object);
  if (!charge(valueWeight(object)) || !chargeAll(arguments))
    return Undefined{};
  if (const TextPtr *text = as<TextPtr>(object))
    return textMethod(op, *text, arguments);
  if (const Dict *dict = asDict(object))
    return dictMethod(op, *dict, arguments);
  if (const List *list = asList(object))
    return listMethod(op, *list, arguments);
  return fail(
      fmt::format("a {} has no method '{}'", typeName(object), bundle::EnumNameTemplateMethod(op)));
}

Value TemplateInterpreter::items(const Dict &dict, ListKind kind) {
  std::vector<Value> pairs;
  if (charge(64 * dict.entries.size()))
    for (auto &[key, value] : dict.entries)
      pairs.push_back(makeList({key, value}, ListKind::kTuple));
  return nested(makeList(std::move(pairs), kind));
}

Value TemplateInterpreter::dictMethod(Method op, const Dict &dict, Arguments arguments) {
  switch (op) {
  case Method::Get: {
    if (const Value *value = dict.find(argument(arguments, 0)))
      return *value;
    return arguments.size() > 1 ? arguments[1] : None{};
  }
  case Method::Items:
    return items(dict, ListKind::kItems);
  case Method::Keys:
  case Method::Values: {
    std::vector<Value> values;
    for (auto &entry : dict.entries)
      values.push_back(op == Method::Keys ? entry.first : entry.second);
    return makeList(std::move(values), op == Method::Keys ? ListKind::kKeys : ListKind::kValues);
  }
  case Method::Copy:
    return makeDict(dict.entries);
  default:
    return fail(fmt::format("a dict has no method '{}'", bundle::EnumNameTemplateMethod(op)));
  }
}

Value TemplateInterpreter::listMethod(Method op, const List &list, Arguments arguments) {
  const Value &wanted = argument(arguments, 0);
  auto isWanted = [&](const Value &item) { return equal(item, wanted); };
  switch (op) {
  case Method::Copy:
    return makeList(list.items, list.kind);
  case Method::Count:
    return int64_t(std::ranges::count_if(list.items, isWanted));
  case Method::Index: {
    auto at = std::ranges::find_if(list.items, isWanted);
    return at == list.items.end() ? fail("the value is not in the list")
                                  : Value(int64_t(at - list.items.begin()));
  }
  default:
    return fail(fmt::format("a list has no method '{}'", bundle::EnumNameTemplateMethod(op)));
  }
}

/// Whether a text starts or ends with an argument, or with one of a tuple's.
static bool hasAffix(std::string_view text, const Value &affix, bool atEnd) {
  if (const Text *part = asText(affix))
    return atEnd ? text.ends_with(part->view()) : text.starts_with(part->view());
  const List *list = asList(affix);
  return list && std::ranges::any_of(list->items, [&](const Value &v) {
           return asText(v) && hasAffix(text, v, atEnd);
         });
}

Value TemplateInterpreter::textMethod(Method op, const TextPtr &text, Arguments arguments) {
  std::string_view view = text->view();
  switch (op) {
  case Method::Strip:
  case Method::LeftStrip:
  case Method::RightStrip: {
    std::string_view chars = textArgument(arguments, 0);
    if (!charge(view.size() * chars.size() / 8))
      return Undefined{};
    auto [begin, end] = stripRange(view, chars, op != Method::RightStrip, op != Method::LeftStrip);
    return begin == 0 && end == view.size() ? text : sliceText(*text, begin, end);
  }
  case Method::Split:
  case Method::RightSplit:
  case Method::SplitLines:
    return splitMethod(op, *text, arguments);
  case Method::StartsWith:
  case Method::EndsWith:
    if (!asText(argument(arguments, 0)) && !asList(argument(arguments, 0)))
      return fail("startswith and endswith need text or a tuple of texts");
    return hasAffix(view, argument(arguments, 0), op == Method::EndsWith);
  case Method::Replace:
    if (text->isMarkup())
      return fail("replace of a text that passed the filter 'safe' is not supported");
    if (!asText(argument(arguments, 0)) || !asText(argument(arguments, 1)))
      return fail("replace needs two texts");
    return filter(bundle::TemplateFilter::Replace, text, arguments);
  case Method::Join: {
    if (text->isMarkup())
      return fail("join by a text that passed the filter 'safe' is not supported");
    std::vector<Value> values = iterate(argument(arguments, 0));
    if (!std::ranges::all_of(values, [](const Value &value) { return asText(value); }))
      return fail("join needs texts only");
    return join(*text, values);
  }
  case Method::Count:
    return int64_t(countText(view, textArgument(arguments, 0)));
  case Method::Find:
  case Method::Index: {
    size_t at = findText(view, textArgument(arguments, 0));
    if (at == view.npos)
      return op == Method::Index ? fail("the text does not contain the part") : Value(int64_t(-1));
    return int64_t(codePoints(view.substr(0, at)));
  }
  case Method::IsDigit:
    return !view.empty() && std::ranges::all_of(view, [](char c) { return c >= '0' && c <= '9'; });
  case Method::Upper:
  case Method::Lower:
  case Method::Capitalize:
  case Method::Title:
    return changeCase(*text, op);
  default:
    return fail(fmt::format("a str has no method '{}'", bundle::EnumNameTemplateMethod(op)));
  }
}

Value TemplateInterpreter::splitMethod(Method op, const Text &text, Arguments arguments) {
  std::vector<std::pair<size_t, size_t>> ranges;
  if (op == Method::SplitLines) {
    ranges = lineRanges(text.view());
  } else {
    std::string_view separator = textArgument(arguments, 0);
    int64_t limit = integerArgument(arguments, 1, -1);
    if (separator.empty() && asText(argument(arguments, 0)))
      return fail("split needs a separator that is not empty");
    if (separator.empty() && op == Method::RightSplit && limit >= 0)
      return fail("rsplit at whitespace takes no limit here");
    // From the right the search is not linear.
    if (op == Method::RightSplit && !charge(text.size() * separator.size() / 8))
      return Undefined{};
    ranges = splitRanges(text.view(), separator, limit, op == Method::RightSplit);
  }
  if (!charge(128 * ranges.size()))
    return Undefined{};
  std::vector<Value> parts;
  for (auto [begin, end] : ranges)
    parts.push_back(sliceText(text, begin, end));
  return makeList(std::move(parts));
}

/// upper, lower, capitalize and title. Roles, names and types are ASCII; other letters are refused
/// rather than left in the wrong case. jinja2's filter `title` starts words after whitespace and
/// -({[<, Python's method after any non-letter.
Value TemplateInterpreter::changeCase(const Text &text, Method op, bool wordsBySpace) {
  constexpr std::string_view opening = " \t\n\r\v\f-({[<";
  if (!charge(text.size()))
    return Undefined{};
  std::string changed(text.view());
  bool atStart = true;
  for (char &c : changed) {
    if (c & 0x80)
      return fail("changing the case of letters outside ASCII is not supported");
    bool isUpper = c >= 'A' && c <= 'Z', isLower = c >= 'a' && c <= 'z';
    bool wantsUpper = op == Method::Upper || (op != Method::Lower && atStart);
    char original = c;
    if (wantsUpper && isLower)
      c -= 32;
    else if (!wantsUpper && isUpper)
      c += 32;
    atStart = op == Method::Title &&
              (wordsBySpace ? opening.find(original) != opening.npos : !isUpper && !isLower);
  }
  auto result = std::make_shared<Text>();
  result->setMarkup(text.isMarkup());
  for (const TokenSpan &span : text.spans())
    result->append(std::string_view(changed).substr(span.begin, span.end - span.begin),
                   span.isTemplate);
  return result;
}

} // namespace osscc::rt
