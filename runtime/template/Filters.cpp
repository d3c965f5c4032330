// `value | filter`: the filters of jinja2 that chat templates use, and Hugging Face's tojson.
#include "runtime/template/Interpreter.h"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace osscc::rt {

using Filter = bundle::TemplateFilter;
using Method = bundle::TemplateMethod;

const Value &TemplateInterpreter::argument(Arguments arguments, size_t index) {
  static const Value missing = Undefined{};
  return index < arguments.size() ? arguments[index] : missing;
}

std::string_view TemplateInterpreter::textArgument(Arguments arguments, size_t index) {
  const Value &value = argument(arguments, index);
  if (const Text *text = asText(value))
    return text->view();
  if (!isUndefined(value) && !isNone(value))
    fail(fmt::format("an argument is {}, expected text", typeName(value)));
  return {};
}

int64_t TemplateInterpreter::integerArgument(Arguments arguments, size_t index, int64_t otherwise) {
  const Value &value = argument(arguments, index);
  if (std::optional<int64_t> integer = asInteger(value))
    return *integer;
  if (!isUndefined(value) && !isNone(value))
    fail(fmt::format("an argument is {}, expected an integer", typeName(value)));
  return otherwise;
}

std::vector<Value> TemplateInterpreter::iterate(const Value &value) {
  std::vector<Value> values;
  if (failed() || isUndefined(value))
    return values;
  if (const List *list = asList(value)) {
    if (charge(32 * list->items.size()) &&
        !std::exchange(list->isConsumed, list->kind == ListKind::kGenerator))
      values = list->items;
  } else if (const Dict *dict = asDict(value)) {
    if (charge(32 * dict->entries.size()))
      for (auto &entry : dict->entries)
        values.push_back(entry.first);
  } else if (const Text *text = asText(value)) {
    if (charge(128 * text->size()))
      for (size_t at = 0, bytes = 0; at < text->size(); at += bytes) {
        bytes = codePointBytes(text->view(), at);
        values.push_back(sliceText(*text, at, at + bytes));
      }
  } else {
    fail(fmt::format("a {} cannot be iterated", typeName(value)));
  }
  return values;
}

Value TemplateInterpreter::filter(Filter op, const Value &value, Arguments arguments) {
  if (failed() || !charge(valueWeight(value)) || !chargeAll(arguments))
    return Undefined{};
  switch (op) {
  case Filter::Default: {
    bool missing = isUndefined(value) || (isTrue(argument(arguments, 1)) && !isTrue(value));
    if (!missing)
      return value;
    return arguments.empty() ? makeText("", true) : arguments[0];
  }
  case Filter::Safe: {
    auto markup = std::make_shared<Text>(*toText(value));
    markup->setMarkup(true);
    return markup;
  }
  case Filter::String:
    return toText(value);
  case Filter::Trim: {
    TextPtr text = toText(value);
    std::string_view chars = textArgument(arguments, 0);
    if (!charge(text->size() * chars.size() / 8))
      return Undefined{};
    auto [begin, end] = stripRange(text->view(), chars, true, true);
    return begin == 0 && end == text->size() ? text : sliceText(*text, begin, end);
  }
  case Filter::Upper:
    return changeCase(*toText(value), Method::Upper);
  case Filter::Lower:
    return changeCase(*toText(value), Method::Lower);
  case Filter::Capitalize:
    return changeCase(*toText(value), Method::Capitalize);
  case Filter::Title:
    return changeCase(*toText(value), Method::Title, /*wordsBySpace=*/true);
  case Filter::Replace: {
    TextPtr text = toText(value), to = toText(argument(arguments, 1));
    int64_t limit = integerArgument(arguments, 2, -1);
    // What is put in, and where its origin and its neighbours' change.
    TextPtr from = toText(argument(arguments, 0));
    if (!charge(countText(text->view(), from->view()) * (16 + valueWeight(to))))
      return Undefined{};
    return replaceText(*text, from->view(), *to, limit);
  }
  case Filter::Indent:
    return indent(*toText(value), arguments);
  case Filter::ToJson:
    return json(value, arguments);
  case Filter::Abs:
  case Filter::Int:
  case Filter::Float:
    return convertFilter(op, value, arguments);
  default:
    return listFilter(op, value, arguments);
  }
}

/// Filters of numbers: text that is no number becomes the default, as in jinja2.
Value TemplateInterpreter::convertFilter(Filter op, const Value &value, Arguments arguments) {
  std::optional<int64_t> integer = asInteger(value);
  std::optional<double> number = asNumber(value);
  if (op == Filter::Abs) {
    if (integer)
      return *integer < 0 ? unary(bundle::TemplateOperator::Subtract, *integer) : Value(*integer);
    return number ? Value(std::abs(*number))
                  : fail(fmt::format("a {} has no size", typeName(value)));
  }
  if (const Text *text = asText(value)) {
    auto [begin, end] = stripRange(text->view(), {}, true, true);
    std::string_view digits = text->view().substr(begin, end - begin);
    if (digits.starts_with('+'))
      digits.remove_prefix(1);
    int64_t parsed = 0;
    double parsedNumber = 0;
    const char *last = digits.data() + digits.size();
    if (auto [at, wrong] = std::from_chars(digits.data(), last, parsed);
        wrong == std::errc() && at == last)
      integer = parsed;
    if (auto [at, wrong] = std::from_chars(digits.data(), last, parsedNumber);
        wrong == std::errc() && at == last)
      number = parsedNumber;
  }
  if (op == Filter::Float)
    return number ? Value(*number) : arguments.empty() ? Value(0.0) : arguments[0];
  if (integer)
    return *integer;
  if (number && std::abs(*number) < 9.2e18)
    return int64_t(*number);
  return arguments.empty() ? Value(int64_t(0)) : arguments[0];
}

Value TemplateInterpreter::listFilter(Filter op, const Value &value, Arguments arguments) {
  if (op == Filter::Length) {
    if (const Text *text = asText(value))
      return int64_t(codePoints(text->view()));
    if (asList(value) ? asList(value)->kind == ListKind::kGenerator
                      : !asDict(value) && !isUndefined(value))
      return fail(fmt::format("a {} has no length", typeName(value)));
    return int64_t(asDict(value) ? asDict(value)->entries.size() : iterate(value).size());
  }
  if (op == Filter::Items || op == Filter::DictSort) {
    if (isUndefined(value))
      return op == Filter::Items ? makeList({}, ListKind::kGenerator) : failUndefined(value);
    if (!asDict(value))
      return fail(fmt::format("a {} has no items", typeName(value)));
    Value pairs = items(*asDict(value), ListKind::kGenerator);
    return op == Filter::Items ? pairs : sortFilter(pairs, {});
  }
  std::vector<Value> values = iterate(value);
  switch (op) {
  case Filter::First:
    return values.empty() ? Undefined{} : values.front();
  case Filter::Last:
    if (asList(value) && asList(value)->kind == ListKind::kGenerator)
      return fail("'last' needs a list: put '| list' before it");
    return values.empty() ? Undefined{} : values.back();
  case Filter::List:
    return makeList(std::move(values));
  case Filter::Reverse: {
    std::ranges::reverse(values);
    return asText(value) ? join(Text(), values) : makeList(std::move(values), ListKind::kGenerator);
  }
  case Filter::Join: {
    if (const Text *name = asText(argument(arguments, 1)))
      for (Value &entry : values)
        entry = item(entry, makeText(name->view(), true));
    return join(*toText(argument(arguments, 0)), values);
  }
  case Filter::Sort:
    return sortFilter(makeList(std::move(values)), arguments);
  case Filter::Unique: {
    std::vector<Value> kept;
    for (Value &entry : values) {
      charge(16 * kept.size() + valueWeight(entry));
      if (failed() || std::ranges::none_of(kept, [&](const Value &known) {
            return asText(known) && asText(entry) ? compare(known, entry, true) == 0
                                                  : equal(known, entry);
          }))
        kept.push_back(std::move(entry));
    }
    return makeList(std::move(kept), ListKind::kGenerator);
  }
  case Filter::Sum: {
    Value sum = int64_t(0);
    for (const Value &entry : values)
      sum = failed() ? Undefined{} : binary(bundle::TemplateOperator::Add, sum, entry);
    return sum;
  }
  case Filter::Max:
  case Filter::Min: {
    Value best = values.empty() ? Value(Undefined{}) : values[0];
    for (const Value &entry : values)
      if (int order = compare(entry, best, true); op == Filter::Max ? order > 0 : order < 0)
        best = entry;
    return best;
  }
  default:
    return fail("the template program is damaged");
  }
}

/// sort(reverse, case_sensitive, attribute); a pair, as dictsort makes them, sorts by its first
/// part.
Value TemplateInterpreter::sortFilter(const Value &value, Arguments arguments) {
  bool backwards = isTrue(argument(arguments, 0)), ignoreCase = !isTrue(argument(arguments, 1));
  std::string_view name = textArgument(arguments, 2);
  struct Entry {
    Value key, value;
    size_t place;
  };
  std::vector<Entry> keyed;
  for (Value &entry : iterate(value)) {
    const List *pair = asList(entry);
    Value key = !name.empty() ? item(entry, makeText(name, true))
                : pair && pair->kind == ListKind::kTuple && !pair->items.empty() ? pair->items[0]
                                                                                 : entry;
    keyed.emplace_back(std::move(key), entry, keyed.size());
  }
  // Comparing may fail: check before sorting.
  for (size_t i = 1; i < keyed.size() && !failed(); ++i) {
    charge(64 + valueWeight(keyed[i].key));
    compare(keyed[0].key, keyed[i].key);
  }
  if (failed())
    return Undefined{};
  // NaN is below, above and equal to nothing, and sort() leaves the list without a strict order.
  auto isNan = [](const Value &key) { return as<double>(key) && std::isnan(*as<double>(key)); };
  std::ranges::sort(keyed, [&](const Entry &a, const Entry &b) {
    if (isNan(a.key) || isNan(b.key))
      return isNan(a.key) == isNan(b.key) ? a.place < b.place : isNan(b.key);
    int order = compare(a.key, b.key, ignoreCase);
    return order == 0 ? a.place < b.place : backwards ? order > 0 : order < 0;
  });
  std::vector<Value> sorted;
  for (Entry &entry : keyed)
    sorted.push_back(std::move(entry.value));
  return makeList(std::move(sorted));
}

Value TemplateInterpreter::join(const Text &separator, const std::vector<Value> &values) {
  auto result = std::make_shared<Text>();
  for (size_t i = 0; i < values.size(); ++i) {
    if (!charge(16 + separator.size() + valueWeight(values[i])))
      return Undefined{};
    if (i)
      result->append(separator);
    result->append(*toText(values[i]));
  }
  return result;
}

/// indent(width=4, first=False, blank=False); `width` is a number of spaces or a text.
Value TemplateInterpreter::indent(const Text &text, Arguments arguments) {
  Text prefix;
  if (const Text *given = asText(argument(arguments, 0)))
    prefix = *given;
  else
    prefix = Text(std::string(std::clamp<int64_t>(integerArgument(arguments, 0, 4), 0, 1000), ' '),
                  true);
  bool first = isTrue(argument(arguments, 1)), blank = isTrue(argument(arguments, 2));
  Text source = text;
  source.append("\n", true); // jinja2's own quirk: a last empty line counts
  auto lines = lineRanges(source.view());
  if (!charge(lines.size() * (prefix.size() + 16 * prefix.spans().size() + 1)))
    return Undefined{};
  auto result = std::make_shared<Text>();
  for (size_t i = 0; i < lines.size(); ++i) {
    auto [begin, end] = lines[i];
    if (i)
      result->append("\n", true);
    if (i ? blank || begin != end : first)
      result->append(prefix);
    result->append(source, begin, end);
  }
  return result;
}

/// tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False) of Hugging Face: no
/// HTML escapes.
Value TemplateInterpreter::json(const Value &value, Arguments arguments) {
  JsonStyle style;
  style.ascii = isTrue(argument(arguments, 0));
  style.sortKeys = isTrue(argument(arguments, 3));
  const Value &indent = argument(arguments, 1);
  if (const Text *text = asText(indent))
    style.indent = text->view();
  else if (!isUndefined(indent) && !isNone(indent))
    style.indent = std::string(std::clamp<int64_t>(integerArgument(arguments, 1, 0), 0, 16), ' ');
  if (style.indent)
    style.itemSeparator = ",";
  const Value &separators = argument(arguments, 2);
  if (!isUndefined(separators) && !isNone(separators)) {
    const List *pair = asList(separators);
    if (!pair || pair->items.size() != 2)
      return fail("tojson's separators are no pair");
    style.itemSeparator = textArgument(pair->items, 0);
    style.keySeparator = textArgument(pair->items, 1);
  }
  if (style.indent.value_or("").size() > 16 || style.itemSeparator.size() > 16 ||
      style.keySeparator.size() > 16)
    return fail("tojson's indent or separators are longer than 16 bytes");
  // Six bytes for a control character, and the indents of every part.
  if (!charge(8 * valueWeight(value)) ||
      (style.indent && !charge(16 * valueDepth(value) * valueWeight(value))))
    return Undefined{};
  std::string_view culprit;
  std::optional<std::string> text = toJson(value, style, culprit);
  if (!text)
    return fail(fmt::format("tojson cannot write a value of type {}", culprit));
  return makeText(*text, /*isTemplate=*/false);
}

} // namespace osscc::rt
