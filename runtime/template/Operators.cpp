// Operators of a chat template: arithmetic, joining, repeating, order, membership; Python's rules
// on 64-bit integers.
#include "runtime/template/Interpreter.h"
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
  case Operator::Less:
    return compare(left, right) < 0;
  case Operator::LessEqual:
    return compare(left, right) <= 0;
  case Operator::Greater:
    return compare(left, right) > 0;
  case Operator::GreaterEqual:
    return compare(left, right) >= 0;
  case Operator::In:
  case Operator::NotIn:
    return contains(right, left) == (op == Operator::In);
  default:
    break;
  }
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
    if (!charge(valueWeight(left) + valueWeight(right)))
      return Undefined{};
    auto sum = std::make_shared<Text>(*a);
    if (a->isMarkup() || b->isMarkup()) {
      if (!charge(6 * (a->size() + b->size())))
        return Undefined{};
      *sum = escapeMarkup(*a);
      sum->append(escapeMarkup(*b));
      sum->setMarkup(true);
    } else {
      sum->append(*b);
    }
    return sum;
  }
  if (const List *a = asList(left), *b = asList(right);
      a && b && a->kind == b->kind && a->kind < ListKind::kItems) {
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
  if (!count || (!text && (!list || list->kind >= ListKind::kItems)))
    return arithmetic(Operator::Multiply, left, right);
  uint64_t times = std::max<int64_t>(*count, 0), units = 0;
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

Value TemplateInterpreter::arithmetic(Operator op, const Value &left, const Value &right) {
  std::optional<double> a = asNumber(left), b = asNumber(right);
  if (!a || !b)
    return fail(fmt::format("unsupported operands of '{}': {} and {}",
                            bundle::EnumNameTemplateOperator(op), typeName(left), typeName(right)));
  std::optional<int64_t> i = asInteger(left), j = asInteger(right);
  bool divides = op == Operator::Divide || op == Operator::FloorDivide || op == Operator::Modulo;
  if (divides && *b == 0)
    return fail("division by zero");
  if (i && j && op != Operator::Divide && !(op == Operator::Power && *j < 0))
    return integerArithmetic(op, *i, *j);
  switch (op) {
  case Operator::Add:
    return *a + *b;
  case Operator::Subtract:
    return *a - *b;
  case Operator::Multiply:
    return *a * *b;
  case Operator::Divide:
    return *a / *b;
  case Operator::FloorDivide:
    return std::floor(*a / *b);
  case Operator::Modulo: {
    double rest = std::fmod(*a, *b);
    return rest != 0 && (rest < 0) != (*b < 0) ? rest + *b : rest;
  }
  default:
    return std::pow(*a, *b);
  }
}

Value TemplateInterpreter::integerArithmetic(Operator op, int64_t left, int64_t right) {
  int64_t result = 0;
  bool overflows = false;
  switch (op) {
  case Operator::Add:
    overflows = __builtin_add_overflow(left, right, &result);
    break;
  case Operator::Subtract:
    overflows = __builtin_sub_overflow(left, right, &result);
    break;
  case Operator::Multiply:
    overflows = __builtin_mul_overflow(left, right, &result);
    break;
  case Operator::Power:
    result = 1;
    for (int64_t i = 0; i < right && !overflows && result != 0 && (result != 1 || i == 0); ++i)
      overflows = __builtin_mul_overflow(result, left, &result);
    if (left == -1)
      result = right % 2 ? -1 : 1;
    break;
  default:
    // FloorDivide and Modulo round towards minus infinity; -1 is apart because of INT64_MIN / -1.
    if (right == -1)
      return op == Operator::Modulo ? Value(int64_t(0))
                                    : integerArithmetic(Operator::Subtract, 0, left);
    result = op == Operator::Modulo ? left % right : left / right;
    if (left % right != 0 && (left < 0) != (right < 0))
      result += op == Operator::Modulo ? right : -1;
  }
  return overflows ? fail("an integer does not fit 64 bits") : Value(result);
}

Value TemplateInterpreter::unary(Operator op, const Value &value) {
  if (isUndefined(value) && !failed())
    return failUndefined(value);
  if (std::optional<int64_t> integer = asInteger(value))
    return op == Operator::Add ? Value(*integer)
                               : integerArithmetic(Operator::Subtract, 0, *integer);
  if (std::optional<double> number = asNumber(value))
    return op == Operator::Add ? *number : -*number;
  return failed() ? Undefined{} : fail(fmt::format("a {} has no sign", typeName(value)));
}

/// Comparisons that equality of two values makes besides reading them: each key of a dict is looked
/// for among all of the other's.
static uint64_t keyComparisons(const Value &value) {
  uint64_t sum = 0;
  if (const List *list = asList(value))
    for (const Value &item : list->items)
      sum += keyComparisons(item);
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
  if (isUndefined(container) || failed() || !charge(valueWeight(container)))
    return false;
  if (const Text *text = asText(container)) {
    const Text *part = asText(item);
    if (!part)
      fail(fmt::format("'in <text>' needs text on its left, found {}", typeName(item)));
    return part && text->view().npos != findText(text->view(), part->view());
  }
  if (asList(container)) {
    std::vector<Value> items = iterate(container);
    return std::ranges::any_of(items, [&](const Value &v) { return equal(v, item); });
  }
  if (const Dict *dict = asDict(container))
    return dict->find(item) != nullptr;
  fail(fmt::format("a {} cannot be searched with 'in'", typeName(container)));
  return false;
}

static std::string lowered(std::string_view text) {
  std::string result(text);
  for (char &c : result)
    c = c >= 'A' && c <= 'Z' ? char(c + 32) : c;
  return result;
}

int TemplateInterpreter::compare(const Value &left, const Value &right, bool ignoreCase) {
  if (std::optional<int64_t> a = asInteger(left), b = asInteger(right); a && b)
    return *a < *b ? -1 : *a > *b;
  if (std::optional<double> a = asNumber(left), b = asNumber(right); a && b) {
    // Exact as in Python: a long double holds every integer and every double.
    auto exact = [](const Value &value, double number) {
      std::optional<int64_t> integer = asInteger(value);
      return integer ? static_cast<long double>(*integer) : static_cast<long double>(number);
    };
    long double x = exact(left, *a), y = exact(right, *b);
    return x < y ? -1 : x > y;
  }
  if (const Text *a = asText(left), *b = asText(right); a && b) {
    charge(ignoreCase ? a->size() + b->size() : std::min(a->size(), b->size()));
    // UTF-8 sorts by bytes as Python's strings do by code points.
    int order =
        ignoreCase ? lowered(a->view()).compare(lowered(b->view())) : a->view().compare(b->view());
    return order < 0 ? -1 : order > 0;
  }
  if (const Undefined *missing = isUndefined(left) ? as<Undefined>(left) : as<Undefined>(right))
    failUndefined(*missing);
  else
    fail(fmt::format("{} and {} have no order", typeName(left), typeName(right)));
  return 0;
}

} // namespace osscc::rt
