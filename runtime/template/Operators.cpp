// Operators of a chat template: arithmetic, joining, repeating, order, membership, as in Python.
#include "runtime/template/Format.h"
#include "runtime/template/Integers.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Markup.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace osscc::rt {

using Operator = bundle::TemplateOperator;

Value TemplateInterpreter::binary(Operator op, const Value &left, const Value &right) {
  switch (op) {
  case Operator::Equal:
  case Operator::NotEqual:
    return equal(left, right) == (op == Operator::Equal) && !failed();
  case Operator::In:
  case Operator::NotIn:
    return contains(right, left) == (op == Operator::In);
  default:
    break;
  }
  if (op >= Operator::Less && op <= Operator::GreaterEqual) {
    for (const Value *side : {&left, &right})
      if (const double *number = as<double>(*side);
          number && std::isnan(*number) && asNumber(left) && asNumber(right))
        return false; // NaN has no order
    int order = compare(left, right);
    return !failed() && (op == Operator::Less        ? order < 0
                         : op == Operator::LessEqual ? order <= 0
                         : op == Operator::Greater   ? order > 0
                                                     : order >= 0);
  }
  if (op == Operator::Modulo)
    if (const Text *text = asText(left))
      return formatPercent(*this, *text, right);
  if (isUndefined(left) || isUndefined(right))
    return failUndefined(isUndefined(left) ? left : right);
  if (op == Operator::Add)
    return add(left, right);
  if (op == Operator::Multiply)
    return multiply(left, right);
  return arithmetic(op, left, right);
}

Value TemplateInterpreter::add(const Value &left, const Value &right) {
  if (const Text *a = asText(left), *b = asText(right); a && b) {
    bool isMarkup = a->isMarkup() || b->isMarkup();
    if (!charge((isMarkup ? 6 : 1) * (valueWeight(left) + valueWeight(right))))
      return Undefined{};
    auto sum = std::make_shared<Text>(isMarkup ? escapeMarkup(*a) : *a);
    sum->append(isMarkup ? escapeMarkup(*b) : *b);
    sum->setMarkup(isMarkup);
    return sum;
  }
  if (const List *a = asList(left), *b = asList(right);
      a && b && a->kind == b->kind && a->kind <= ListKind::kTuple) {
    if (!charge(kMaxValueDepth + 32 * (a->items.size() + b->items.size())))
      return Undefined{};
    std::vector<Value> items = a->items;
    items.insert(items.end(), b->items.begin(), b->items.end());
    return makeList(std::move(items), a->kind);
  }
  return arithmetic(Operator::Add, left, right);
}

Value TemplateInterpreter::multiply(const Value &left, const Value &right) {
  bool swapped = asInteger(left) && (asText(right) || asList(right));
  const Value &object = swapped ? right : left;
  std::optional<int64_t> count = asInteger(swapped ? left : right);
  const Text *text = asText(object);
  const List *list = asList(object);
  if (!count || (!text && (!list || list->kind > ListKind::kTuple)))
    return arithmetic(Operator::Multiply, left, right);
  uint64_t times = uint64_t(std::max<int64_t>(*count, 0)), units = 0;
  if (__builtin_mul_overflow(times, text ? valueWeight(object) : 32 * list->items.size(), &units) ||
      !charge(units) || !charge(times))
    return failed() ? Undefined{} : fail("a repetition is too long");
  if (text) {
    auto result = std::make_shared<Text>();
    result->setMarkup(text->isMarkup());
    for (uint64_t i = 0; i < times; ++i)
      result->append(*text);
    return result;
  }
  std::vector<Value> items;
  for (uint64_t i = 0; i < times; ++i)
    items.insert(items.end(), list->items.begin(), list->items.end());
  return makeList(std::move(items), list->kind);
}

static double floatOperation(Operator op, double a, double b) {
  switch (op) {
  case Operator::Add:
    return a + b;
  case Operator::Subtract:
    return a - b;
  case Operator::Multiply:
    return a * b;
  case Operator::Divide:
    return a / b;
  case Operator::Power:
    return std::pow(a, b);
  default:
    break;
  }
  // As Python's float_divmod: the rest has the divisor's sign, the quotient follows from it.
  double rest = std::fmod(a, b), quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) {
    rest += b;
    quotient -= 1;
  } else if (rest == 0) {
    rest = std::copysign(0.0, b);
  }
  if (op == Operator::Modulo)
    return rest;
  if (quotient == 0)
    return std::copysign(0.0, a / b);
  double floor = std::floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

Value TemplateInterpreter::arithmetic(Operator op, const Value &left, const Value &right) {
  std::optional<double> a = asNumber(left), b = asNumber(right);
  if (!a || !b)
    return fail(fmt::format("unsupported operands of '{}': {} and {}",
                            bundle::EnumNameTemplateOperator(op), typeName(left), typeName(right)));
  // Anything else divides, whatever a damaged program says.
  bool divides = op != Operator::Add && op != Operator::Subtract && op != Operator::Multiply &&
                 op != Operator::Power;
  if ((divides && *b == 0) || (op == Operator::Power && *a == 0 && *b < 0))
    return fail("division by zero");
  if (isInteger(left) && isInteger(right) && op != Operator::Divide &&
      !(op == Operator::Power && *b < 0)) {
    charge(64);
    std::optional<Value> result = integerOperation(op, left, right);
    // The longest product takes some ten thousand steps.
    if (as<BigPtr>(left) || as<BigPtr>(right) || !result || as<BigPtr>(*result))
      charge(4096);
    return result ? *result : fail("an integer is too long");
  }
  if (std::isinf(*a) != (as<double>(left) && std::isinf(*as<double>(left))) ||
      std::isinf(*b) != (as<double>(right) && std::isinf(*as<double>(right))))
    return fail("an integer is too large for a float");
  double result = floatOperation(op, *a, *b);
  if (op == Operator::Power && std::isnan(result) && !std::isnan(*a) && !std::isnan(*b))
    return fail("a root of a negative number is complex");
  if (op == Operator::Power && std::isinf(result) && !std::isinf(*a) && !std::isinf(*b))
    return fail("the result of a power is too large");
  return result;
}

Value TemplateInterpreter::unary(Operator op, const Value &value) {
  if (failed())
    return Undefined{};
  if (isUndefined(value))
    return failUndefined(value);
  if (isInteger(value))
    return integerOperation(op == Operator::Add ? op : Operator::Subtract, int64_t(0), value)
        .value_or(Undefined{});
  if (const double *number = as<double>(value))
    return op == Operator::Add ? *number : -*number;
  return fail(fmt::format("a {} has no sign", typeName(value)));
}

/// Comparisons that equality of two values makes besides reading them: each key of a dict is looked
/// for among all of the other's.
static uint64_t keyComparisons(const Value &value) {
  uint64_t sum = 0;
  if (const List *list = asList(value)) {
    if (list->kind > ListKind::kRange)
      sum += list->items.size() * list->items.size();
    for (const Value &item : list->items)
      sum += keyComparisons(item);
  }
  if (const Dict *dict = asDict(value)) {
    sum += dict->entries.size() * dict->entries.size();
    for (const auto &entry : dict->entries)
      sum += keyComparisons(entry.second);
  }
  return sum;
}

bool TemplateInterpreter::equal(const Value &left, const Value &right) {
  uint64_t a = valueWeight(left), b = valueWeight(right);
  return charge(std::min(a, b)) && charge(keyComparisons(a < b ? left : right)) &&
         isEqual(left, right);
}

bool TemplateInterpreter::contains(const Value &container, const Value &item) {
  if (isUndefined(container) || failed())
    return false;
  if (const Text *text = asText(container)) {
    const Text *part = asText(item);
    if (!part)
      fail(fmt::format("'in <text>' needs text on its left, found {}", typeName(item)));
    return part && charge(text->size() + part->size()) &&
           text->view().npos != findText(text->view(), part->view());
  }
  if (asList(container)) {
    std::vector<Value> items = iterate(container);
    return std::ranges::any_of(items, [&](const Value &v) { return equal(v, item); });
  }
  if (const Dict *dict = asDict(container))
    return charge(dict->entries.size() * (1 + valueWeight(item) / 16)) &&
           dict->find(item) != nullptr;
  fail(fmt::format("a {} cannot be searched with 'in'", typeName(container)));
  return false;
}

/// Lists and tuples: by their first items that differ.
int TemplateInterpreter::compareLists(const List &left, const List &right) {
  size_t shared = std::min(left.items.size(), right.items.size());
  for (size_t i = 0; i < shared && !failed(); ++i)
    if (!equal(left.items[i], right.items[i]))
      return failed() ? 0 : compare(left.items[i], right.items[i]);
  return left.items.size() < right.items.size() ? -1 : left.items.size() > right.items.size();
}

int TemplateInterpreter::compare(const Value &left, const Value &right) {
  if (failed())
    return 0;
  if (asNumber(left) && asNumber(right)) {
    const double *a = as<double>(left), *b = as<double>(right);
    return (a && std::isnan(*a)) || (b && std::isnan(*b)) ? 0 : compareNumbers(left, right);
  }
  if (const Text *a = asText(left), *b = asText(right); a && b) {
    charge(std::min(a->size(), b->size()));
    // UTF-8 sorts by bytes as Python's strings do by code points.
    int order = a->view().compare(b->view());
    return order < 0 ? -1 : order > 0;
  }
  if (const List *a = asList(left), *b = asList(right);
      a && b && a->kind == b->kind && a->kind <= ListKind::kTuple)
    return compareLists(*a, *b);
  if (const Undefined *missing = isUndefined(left) ? as<Undefined>(left) : as<Undefined>(right))
    failUndefined(*missing);
  else
    fail(fmt::format("{} and {} have no order", typeName(left), typeName(right)));
  return 0;
}

} // namespace osscc::rt
