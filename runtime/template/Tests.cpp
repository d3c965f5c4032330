// `value is test`.
#include "runtime/template/Case.h"
#include "runtime/template/Integers.h"
#include "runtime/template/Interpreter.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;
using Operator = bundle::TemplateOperator;
using Args = const Arguments &;

template <Operator op> bool compares(In &in, const Value &value, Args arguments) {
  return isTrue(in.binary(op, value, arguments[0]));
}

bool isSame(In &, const Value &left, Args arguments) {
  const Value &right = arguments[0];
  // Every use of a name makes an undefined value of its own.
  if (left.index() != right.index() || isUndefined(left))
    return false;
  if (const TextPtr *text = as<TextPtr>(left))
    return *text == *as<TextPtr>(right);
  if (const ListPtr *list = as<ListPtr>(left))
    return *list == *as<ListPtr>(right);
  if (const DictPtr *dict = as<DictPtr>(left))
    return *dict == *as<DictPtr>(right);
  return isEqual(left, right);
}

/// `value % divisor == rest`.
bool leaves(In &in, const Value &value, const Value &divisor, int64_t rest) {
  Value result = in.binary(Operator::Modulo, value, divisor);
  return !in.failed() && isEqual(result, rest);
}

bool isIterable(const Value &value) {
  return asText(value) || asList(value) || asDict(value) || isUndefined(value) || as<Loop *>(value);
}

/// All letters have one case, and there is one.
template <bool upper> bool hasCase(In &in, const Value &value, Args) {
  TextPtr text = toText(value);
  if (!in.charge(text->size()))
    return false;
  bool found = false;
  for (size_t at = 0; at < text->size(); at += codePointBytes(text->view(), at)) {
    uint32_t code = codePointAt(text->view(), at);
    bool wanted = upper ? isUpperLetter(code) : isLowerLetter(code);
    if (!wanted && isCasedLetter(code))
      return false;
    found |= wanted;
  }
  return found;
}

bool isFilter(In &, const Value &value, Args) {
  const Text *name = asText(value);
  return name && findTemplateCallable(kTemplateFilters, name->view());
}
bool isTest(In &, const Value &value, Args) {
  const Text *name = asText(value);
  return name && findTemplateCallable(kTemplateTests, name->view());
}

constexpr TemplateTest kTests[] = {
    {"!=", compares<Operator::NotEqual>},
    {"<", compares<Operator::Less>},
    {"<=", compares<Operator::LessEqual>},
    {"==", compares<Operator::Equal>},
    {">", compares<Operator::Greater>},
    {">=", compares<Operator::GreaterEqual>},
    {"boolean", [](In &, const Value &value, Args) { return as<bool>(value) != nullptr; }},
    {"callable",
     [](In &, const Value &value, Args) {
       const Callable *callable = asCallable(value);
       Cycler *const *cycler = as<Cycler *>(value);
       return (callable && callable->kind != Callable::Kind::kSelf) || isUndefined(value) ||
              as<Loop *>(value) || (cycler && (*cycler)->isJoiner);
     }},
    {"defined", [](In &, const Value &value, Args) { return !isUndefined(value); }},
    {"divisibleby",
     [](In &in, const Value &value, Args arguments) { return leaves(in, value, arguments[0], 0); }},
    {"eq", compares<Operator::Equal>},
    {"equalto", compares<Operator::Equal>},
    {"escaped",
     [](In &, const Value &value, Args) { return asText(value) && asText(value)->isMarkup(); }},
    {"even", [](In &in, const Value &value, Args) { return leaves(in, value, int64_t(2), 0); }},
    {"false", [](In &, const Value &value, Args) { return as<bool>(value) && !*as<bool>(value); }},
    {"filter", isFilter},
    {"float", [](In &, const Value &value, Args) { return as<double>(value) != nullptr; }},
    {"ge", compares<Operator::GreaterEqual>},
    {"greaterthan", compares<Operator::Greater>},
    {"gt", compares<Operator::Greater>},
    {"in",
     [](In &in, const Value &value, Args arguments) { return in.contains(arguments[0], value); }},
    {"integer",
     [](In &, const Value &value, Args) { return isInteger(value) && !as<bool>(value); }},
    {"iterable", [](In &, const Value &value, Args) { return isIterable(value); }},
    {"le", compares<Operator::LessEqual>},
    {"lessthan", compares<Operator::Less>},
    {"lower", hasCase<false>},
    {"lt", compares<Operator::Less>},
    {"mapping", [](In &, const Value &value, Args) { return asDict(value) != nullptr; }},
    {"ne", compares<Operator::NotEqual>},
    {"none", [](In &, const Value &value, Args) { return isNone(value); }},
    {"number", [](In &, const Value &value, Args) { return asNumber(value).has_value(); }},
    {"odd", [](In &in, const Value &value, Args) { return leaves(in, value, int64_t(2), 1); }},
    {"sameas", isSame},
    {"sequence",
     [](In &, const Value &value, Args) {
       return isIterable(value) && !as<Loop *>(value) &&
              (!asList(value) || asList(value)->isIndexed());
     }},
    {"string", [](In &, const Value &value, Args) { return asText(value) != nullptr; }},
    {"test", isTest},
    {"true", [](In &, const Value &value, Args) { return as<bool>(value) && *as<bool>(value); }},
    {"undefined", [](In &, const Value &value, Args) { return isUndefined(value); }},
    {"upper", hasCase<true>},
};

} // namespace

std::span<const TemplateTest> templateTests() {
  return kTests;
}

} // namespace osscc::rt
