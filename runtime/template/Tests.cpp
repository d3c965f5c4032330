// `value is test`, selecting by tests, mapping, and the functions that a chat template may call.
#include "runtime/template/Interpreter.h"
#include <algorithm>
#include <ctime>
#include <fmt/format.h>

namespace osscc::rt {

using Operator = bundle::TemplateOperator;
using Test = bundle::TemplateTest;
using Function = bundle::TemplateFunction;

/// As jinja2's MAX_RANGE.
constexpr uint64_t kMaxRange = 100000;

/// Whether all letters have one case, and there is one: str.islower(), str.isupper(). ASCII letters
/// only.
static bool hasCase(std::string_view text, bool upper) {
  bool found = false;
  for (char c : text) {
    bool isUpper = c >= 'A' && c <= 'Z', isLower = c >= 'a' && c <= 'z';
    if (upper ? isLower : isUpper)
      return false;
    found |= isUpper || isLower;
  }
  return found;
}

static bool isSame(const Value &left, const Value &right) {
  if (left.index() != right.index())
    return false;
  if (const TextPtr *text = as<TextPtr>(left))
    return *text == *as<TextPtr>(right);
  if (const ListPtr *list = as<ListPtr>(left))
    return *list == *as<ListPtr>(right);
  if (const DictPtr *dict = as<DictPtr>(left))
    return *dict == *as<DictPtr>(right);
  return isEqual(left, right);
}

bool TemplateInterpreter::test(uint8_t op, const Value &value, Arguments arguments) {
  const Value &other = argument(arguments, 0);
  auto holds = [&](Operator op) { return isTrue(binary(op, value, other)); };
  auto modulo = [&](int64_t divisor) -> int64_t {
    std::optional<int64_t> integer = asInteger(value);
    if (!integer || divisor == 0)
      fail("a test of divisibility needs integers");
    return integer && divisor != 0 && divisor != -1 ? *integer % divisor : 0;
  };
  bool isCollection = asText(value) || asList(value) || asDict(value) || isUndefined(value);
  switch (Test(op)) {
  case Test::Boolean:
    return as<bool>(value);
  case Test::Callable:
    return as<Callable>(value) || as<Macro>(value) || isUndefined(value);
  case Test::Defined:
    return !isUndefined(value);
  case Test::DivisibleBy:
    return modulo(integerArgument(arguments, 0, 0)) == 0;
  case Test::Equal:
    return holds(Operator::Equal);
  case Test::Even:
    return modulo(2) == 0;
  case Test::False:
    return as<bool>(value) && !*as<bool>(value);
  case Test::Float:
    return as<double>(value);
  case Test::Greater:
    return holds(Operator::Greater);
  case Test::GreaterEqual:
    return holds(Operator::GreaterEqual);
  case Test::In:
    return contains(other, value);
  case Test::Integer:
    return as<int64_t>(value);
  case Test::Iterable:
  case Test::Sequence:
    return isCollection &&
           (Test(op) == Test::Iterable || !asList(value) || asList(value)->kind < ListKind::kItems);
  case Test::Less:
    return holds(Operator::Less);
  case Test::LessEqual:
    return holds(Operator::LessEqual);
  case Test::Lower:
  case Test::Upper:
    charge(valueWeight(value));
    return !failed() && hasCase(toText(value)->view(), Test(op) == Test::Upper);
  case Test::Mapping:
    return asDict(value);
  case Test::None:
    return isNone(value);
  case Test::NotEqual:
    return holds(Operator::NotEqual);
  case Test::Number:
    return asNumber(value).has_value();
  case Test::Odd:
    return modulo(2) != 0;
  case Test::SameAs:
    return isSame(value, other);
  case Test::String:
    return asText(value);
  case Test::True:
    return as<bool>(value) && *as<bool>(value);
  case Test::Undefined:
    return isUndefined(value);
  }
  // The op of a select without a test.
  return isTrue(value);
}

/// `values | map(...)`: one filter, or one attribute, of each.
Value TemplateInterpreter::evaluateMap(const Node &node) {
  std::vector<Value> arguments = evaluateChildren(node);
  if (failed() || arguments.empty())
    return Undefined{};
  // As in jinja2, nothing comes of None.
  std::vector<Value> values = isTrue(arguments[0]) ? iterate(arguments[0]) : std::vector<Value>();
  Arguments rest = std::span(arguments).subspan(1);
  for (Value &value : values) {
    if (failed())
      return Undefined{};
    if (node.kind() == Kind::MapFilter) {
      value = filter(bundle::TemplateFilter(node.op()), value, rest);
    } else {
      std::string_view path = text(node);
      for (size_t dot; (dot = path.find('.')) != path.npos; path.remove_prefix(dot + 1))
        value = item(value, makeText(path.substr(0, dot), true));
      value = item(value, makeText(path, true));
      if (isUndefined(value) && !rest.empty())
        value = rest[0];
    }
  }
  return nested(makeList(std::move(values), ListKind::kGenerator));
}

/// `values | select(...)` and its three relatives.
Value TemplateInterpreter::evaluateSelect(const Node &node) {
  std::vector<Value> arguments = evaluateChildren(node);
  if (failed() || arguments.empty())
    return Undefined{};
  std::vector<Value> values = isTrue(arguments[0]) ? iterate(arguments[0]) : std::vector<Value>();
  std::string_view attributeName = text(node);
  std::erase_if(values, [&](const Value &value) {
    if (!charge(16))
      return true;
    Value tested = attributeName.empty() ? value : item(value, makeText(attributeName, true));
    return test(node.op(), tested, std::span(arguments).subspan(1)) == (node.integer() != 0);
  });
  return nested(makeList(std::move(values), ListKind::kGenerator));
}

Value TemplateInterpreter::callFunction(const Node &node) {
  Function function = Function(node.op());
  if (function == Function::Namespace || function == Function::Dict) {
    std::vector<std::pair<Value, Value>> entries;
    Namespace space;
    for (size_t i = 0; i < node.count() && !failed(); ++i) {
      const Node *entry = child(node, i);
      if (!entry || entry->kind() != Kind::Keyword)
        return fail("namespace and dict take named arguments");
      Value value = evaluate(child(*entry, 0));
      entries.emplace_back(makeText(text(*entry), true), value);
      space.entries.emplace_back(text(*entry), std::move(value));
    }
    if (function == Function::Dict)
      return nested(makeDict(std::move(entries)));
    return &namespaces.emplace_back(std::move(space));
  }
  std::vector<Value> arguments = evaluateChildren(node);
  if (failed())
    return Undefined{};
  if (function == Function::Range)
    return range(arguments);
  if (function == Function::StrftimeNow)
    return strftimeNow(textArgument(arguments, 0));
  if (!charge(valueWeight(argument(arguments, 0))))
    return Undefined{};
  if (!error)
    error = Error{Code::kInvalidArgument,
                  "chat template: " + std::string(toText(argument(arguments, 0))->view()),
                  "change the conversation to what the model's chat template accepts"};
  return Undefined{};
}

Value TemplateInterpreter::range(Arguments arguments) {
  int64_t first = integerArgument(arguments, 0, 0), stop = integerArgument(arguments, 1, 0);
  int64_t step = integerArgument(arguments, 2, 1);
  if (arguments.size() == 1)
    stop = std::exchange(first, 0);
  if (step == 0)
    return fail("range() needs a step other than zero");
  std::vector<Value> values;
  for (int64_t at = first; step > 0 ? at < stop : at > stop;) {
    if (values.size() >= kMaxRange)
      return fail(fmt::format("range() makes more than {} values", kMaxRange));
    if (!charge(32))
      return Undefined{};
    values.push_back(at);
    if (__builtin_add_overflow(at, step, &at))
      break;
  }
  return makeList(std::move(values));
}

Value TemplateInterpreter::strftimeNow(std::string_view format) {
  std::time_t seconds = clock ? std::time_t(*clock) : std::time(nullptr);
  std::tm time{};
  if (!(clock ? gmtime_r(&seconds, &time) : localtime_r(&seconds, &time)))
    return fail("the date is out of range");
  // A leading byte tells an empty result from a buffer that is too small.
  std::string pattern = " " + std::string(format);
  char buffer[512];
  size_t bytes = std::strftime(buffer, sizeof buffer, pattern.c_str(), &time);
  if (bytes == 0)
    return fail("the date's format is too long");
  return makeText(std::string_view(buffer + 1, bytes - 1), /*isTemplate=*/true);
}

} // namespace osscc::rt
