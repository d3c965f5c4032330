// Expressions of a chat template: literals, names, conditions, comparisons, filters and tests.
#include "runtime/template/Integers.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Markup.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {

using Operator = bundle::TemplateOperator;

Value TemplateInterpreter::evaluate(const Node *node) {
  if (!node || failed())
    return Undefined{};
  Frame frame(*this, *node);
  switch (node->kind()) {
  case Kind::Name:
    return evaluateName(*node);
  case Kind::Captured:
    return captured;
  case Kind::List:
    return nested(
        makeList(evaluateChildren(*node), node->op() ? ListKind::kTuple : ListKind::kList));
  case Kind::Dict:
    return evaluateDict(*node);
  case Kind::Attribute:
    return attribute(evaluate(child(*node, 0)), text(*node));
  case Kind::Item:
    return evaluateItem(*node);
  case Kind::Slice:
    return slice(*node);
  case Kind::Not:
    return !isTrue(evaluate(child(*node, 0)));
  case Kind::And:
  case Kind::Or: {
    Value left = evaluate(child(*node, 0));
    return isTrue(left) == (node->kind() == Kind::Or) ? left : evaluate(child(*node, 1));
  }
  case Kind::Compare:
    return evaluateCompare(*node);
  case Kind::Binary: {
    Value left = evaluate(child(*node, 0)), right = evaluate(child(*node, 1));
    return failed() ? Undefined{} : binary(Operator(node->op()), left, right);
  }
  case Kind::Unary:
    return unary(Operator(node->op()), evaluate(child(*node, 0)));
  case Kind::Concat:
    return evaluateConcat(*node);
  case Kind::Condition:
    return evaluate(child(*node, isTrue(evaluate(child(*node, 0))) ? 1 : 2));
  case Kind::Filter:
  case Kind::Test:
    return evaluateChecked(*node);
  case Kind::Call:
    return evaluateCall(*node);
  case Kind::Fail:
    return fail(std::string(text(*node)));
  default:
    return evaluateLiteral(*node);
  }
}

Value TemplateInterpreter::evaluateLiteral(const Node &node) {
  switch (node.kind()) {
  case Kind::String: {
    if (node.text() >= literals.size())
      break;
    TextPtr &literal = literals[node.text()];
    if (!literal)
      literal = std::make_shared<const Text>(text(node), /*isTemplate=*/true);
    return literal;
  }
  case Kind::Integer:
    if (std::string_view digits = text(node); !digits.empty()) {
      // Reading takes the square of the digits.
      charge(digits.size() * digits.size() / 16);
      return parseInteger(digits, 10).value_or(Undefined{});
    }
    return node.integer();
  case Kind::Float:
    return node.number();
  case Kind::Boolean:
    return node.integer() != 0;
  case Kind::None:
    return None{};
  default:
    break;
  }
  return fail("the template program is damaged");
}

std::vector<Value> TemplateInterpreter::evaluateChildren(const Node &node) {
  std::vector<Value> values;
  for (size_t i = 0; i < node.count() && !failed(); ++i)
    values.push_back(evaluate(child(node, i)));
  return values;
}

/// Scopes from the inside out, then the context, then functions.
Value TemplateInterpreter::evaluateName(const Node &node) {
  std::string_view name = text(node);
  for (TemplateScope *at = scope.get(); at; at = at->parent.get()) {
    charge(1 + at->variables.size());
    for (auto &[known, value] : at->variables)
      if (known == name)
        return value;
  }
  if (const TemplateCallable *function = findTemplateCallable(kTemplateFunctions, name)) {
    Callable callable{Callable::Kind::kFunction, std::string(name)};
    callable.function = uint8_t(function - kTemplateFunctions);
    return std::make_shared<const Callable>(std::move(callable));
  }
  if (name == "self")
    return std::make_shared<const Callable>(Callable{Callable::Kind::kSelf, std::string(name)});
  return Undefined{name};
}

Value TemplateInterpreter::evaluateDict(const Node &node) {
  std::vector<std::pair<Value, Value>> entries;
  for (size_t i = 0; i + 1 < node.count() && !failed(); i += 2) {
    Value key = evaluate(child(node, i)), value = evaluate(child(node, i + 1));
    if (const List *list = asList(key); asDict(key) || (list && list->kind != ListKind::kTuple))
      return fail(fmt::format("a {} cannot be a dict's key", typeName(key)));
    charge(entries.size() * valueWeight(key));
    auto known = std::ranges::find_if(entries, [&](auto &e) { return isEqual(e.first, key); });
    if (known != entries.end())
      known->second = std::move(value);
    else
      entries.emplace_back(std::move(key), std::move(value));
  }
  return nested(makeDict(std::move(entries)));
}

bool TemplateInterpreter::holds(Operator op, const Value &left, const Value &right) {
  return !failed() && isTrue(binary(op, left, right)) && !failed();
}

/// `a < b <= c`: every value once, and no further than to the first that does not hold.
Value TemplateInterpreter::evaluateCompare(const Node &node) {
  Value left = evaluate(child(node, 0));
  for (size_t i = 1; i < node.count() && !failed(); ++i) {
    const Node *operand = child(node, i);
    if (!operand || operand->kind() != Kind::Operand)
      return fail("the template program is damaged");
    Value right = evaluate(child(*operand, 0));
    if (!holds(Operator(operand->op()), left, right))
      return false;
    left = std::move(right);
  }
  return !failed();
}

/// `a ~ b`: where text is escaped and a part is markup, all parts become markup.
Value TemplateInterpreter::evaluateConcat(const Node &node) {
  std::vector<TextPtr> parts;
  bool joinsMarkup = false;
  for (size_t i = 0; i < node.count() && !failed(); ++i) {
    Value value = evaluate(child(node, i));
    if (!charge((escapes ? 6 : 1) * valueWeight(value)))
      return Undefined{};
    parts.push_back(toText(value));
    joinsMarkup |= escapes && parts.back()->isMarkup();
  }
  auto result = std::make_shared<Text>();
  for (const TextPtr &part : parts)
    result->append(joinsMarkup ? escapeMarkup(*part) : *part);
  result->setMarkup(joinsMarkup);
  return result;
}

Value TemplateInterpreter::evaluateItem(const Node &node) {
  Value object = evaluate(child(node, 0)), key = evaluate(child(node, 1));
  if (failed())
    return Undefined{};
  Value value = item(object, key);
  const Node *name = child(node, 1);
  if (isUndefined(value) && name && name->kind() == Kind::String)
    return Undefined{text(*name)};
  return value;
}

/// A filter or a test.
Value TemplateInterpreter::evaluateChecked(const Node &node) {
  Value value = evaluate(child(node, 0));
  Arguments arguments = evaluateArguments(node);
  if (failed())
    return Undefined{};
  if (node.kind() == Kind::Filter)
    return callFilter(node.op(), value, arguments);
  return callTest(node.op(), value, arguments);
}

} // namespace osscc::rt
