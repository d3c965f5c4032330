#include "compiler/import/template/Constants.h"

#include "runtime/bundle/TemplateCalls.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace osscc {

using Kind = bundle::TemplateKind;
using Operator = bundle::TemplateOperator;
using Value = std::optional<TemplateConstant>;

TemplateConstants readConstants(StringRef text) {
  TemplateConstants constants;
  Expected<json::Value> value = json::parse(text);
  const json::Object *object = value ? value->getAsObject() : nullptr;
  if (!value)
    consumeError(value.takeError());
  if (!object)
    return constants;
  for (const auto &[name, field] : *object) {
    TemplateConstant &constant = constants[name.str()];
    if (auto flag = field.getAsBoolean())
      constant = *flag;
    else if (auto number = field.getAsInteger())
      constant = *number;
    else if (auto string = field.getAsString())
      constant = string->str();
  }
  return constants;
}

bool isTrueConstant(const TemplateConstant &value) {
  if (const bool *flag = std::get_if<bool>(&value))
    return *flag;
  if (const int64_t *number = std::get_if<int64_t>(&value))
    return *number != 0;
  const std::string *text = std::get_if<std::string>(&value);
  return text && !text->empty();
}

/// As Python compares: True is 1.
static bool isEqual(const TemplateConstant &left, const TemplateConstant &right) {
  auto number = [](const TemplateConstant &value) -> std::optional<int64_t> {
    if (const bool *flag = std::get_if<bool>(&value))
      return *flag;
    const int64_t *integer = std::get_if<int64_t>(&value);
    return integer ? std::optional(*integer) : std::nullopt;
  };
  std::optional<int64_t> a = number(left), b = number(right);
  return a || b ? a == b : left == right;
}

Value ConstantEvaluator::valueOf(Node at) const {
  if (at == kAbsent)
    return std::nullopt;
  switch (node(at).kind()) {
  case Kind::String:
    return textOf(at).str();
  case Kind::Integer:
    return node(at).text() == kAbsent ? Value(node(at).integer()) : std::nullopt;
  case Kind::Boolean:
    return node(at).integer() != 0;
  case Kind::None:
    return TemplateConstant();
  case Kind::Name: {
    auto known = constants.find(textOf(at).str());
    return known == constants.end() ? std::nullopt : Value(known->second);
  }
  case Kind::Not:
  case Kind::And:
  case Kind::Or:
  case Kind::Condition:
    return valueOfLogic(at);
  case Kind::Compare:
    return valueOfCompare(at);
  case Kind::Test:
    return valueOfTest(at);
  case Kind::Filter:
    return valueOfDefault(at);
  case Kind::Binary:
  case Kind::Concat:
    return valueOfJoin(at);
  default:
    return std::nullopt;
  }
}

Value ConstantEvaluator::valueOfLogic(Node at) const {
  ArrayRef<Node> children = childrenOf(at);
  Value first = valueOf(children[0]);
  if (!first)
    return std::nullopt;
  switch (node(at).kind()) {
  case Kind::Not:
    return !isTrueConstant(*first);
  case Kind::And:
    return isTrueConstant(*first) ? valueOf(children[1]) : first;
  case Kind::Or:
    return isTrueConstant(*first) ? first : valueOf(children[1]);
  default:
    return valueOf(children[isTrueConstant(*first) ? 1 : 2]);
  }
}

std::optional<bool> ConstantEvaluator::isMember(const TemplateConstant &value, Node list) const {
  const std::string *part = std::get_if<std::string>(&value);
  if (Value text = valueOf(list); part && text)
    if (const std::string *whole = std::get_if<std::string>(&*text))
      return StringRef(*whole).contains(*part);
  if (node(list).kind() != Kind::List)
    return std::nullopt;
  bool found = false;
  for (Node item : childrenOf(list)) {
    Value each = valueOf(item);
    if (!each)
      return std::nullopt;
    found |= isEqual(value, *each);
  }
  return found;
}

/// One comparison for equality or membership.
Value ConstantEvaluator::valueOfCompare(Node at) const {
  ArrayRef<Node> children = childrenOf(at);
  Value left = valueOf(children[0]);
  if (!left || children.size() != 2)
    return std::nullopt;
  auto op = static_cast<Operator>(node(children[1]).op());
  Node operand = childrenOf(children[1])[0];
  if (op == Operator::In || op == Operator::NotIn) {
    std::optional<bool> found = isMember(*left, operand);
    return found ? Value(*found == (op == Operator::In)) : std::nullopt;
  }
  Value right = valueOf(operand);
  if (!right || (op != Operator::Equal && op != Operator::NotEqual))
    return std::nullopt;
  return isEqual(*left, *right) == (op == Operator::Equal);
}

Value ConstantEvaluator::valueOfTest(Node at) const {
  std::string_view name = kTemplateTests[node(at).op()].name;
  Value value = valueOf(childrenOf(at)[0]);
  if (!value || childrenOf(at).size() != 1)
    return std::nullopt;
  const bool *flag = std::get_if<bool>(&*value);
  bool isNone = std::holds_alternative<std::monostate>(*value);
  if (name == "defined" || name == "undefined")
    return name == "defined";
  if (name == "none")
    return isNone;
  if (name == "boolean")
    return flag != nullptr;
  if (name == "true" || name == "false")
    return flag && *flag == (name == "true");
  if (name == "string")
    return std::holds_alternative<std::string>(*value);
  return std::nullopt;
}

/// `value | default(other)` of a value that is there; with a second argument it has to be true too.
Value ConstantEvaluator::valueOfDefault(Node at) const {
  std::string_view name = kTemplateFilters[node(at).op()].name;
  ArrayRef<Node> children = childrenOf(at);
  Value value = valueOf(children[0]);
  if (!value || (name != "default" && name != "d"))
    return std::nullopt;
  return isTrueConstant(*value) || children.size() < 3 ? value : std::nullopt;
}

/// `a + b` and `a ~ b` of texts.
Value ConstantEvaluator::valueOfJoin(Node at) const {
  if (node(at).kind() == Kind::Binary && node(at).op() != uint8_t(Operator::Add))
    return std::nullopt;
  std::string joined;
  for (Node part : childrenOf(at)) {
    Value value = valueOf(part);
    const std::string *text = value ? std::get_if<std::string>(&*value) : nullptr;
    if (!text)
      return std::nullopt;
    joined += *text;
  }
  return joined;
}

/// Whether nothing but the value comes of an expression: no list grows, no cycler turns.
bool ConstantEvaluator::hasNoEffect(Node at) const {
  return at == kAbsent || (node(at).kind() != Kind::Call &&
                           all_of(childrenOf(at), [&](Node child) { return hasNoEffect(child); }));
}

std::optional<bool> ConstantEvaluator::truthOf(Node at) const {
  if (Value value = valueOf(at))
    return isTrueConstant(*value);
  Kind kind = node(at).kind();
  if (kind == Kind::Not) {
    std::optional<bool> truth = truthOf(childrenOf(at)[0]);
    return truth ? std::optional(!*truth) : std::nullopt;
  }
  if (kind != Kind::And && kind != Kind::Or)
    return std::nullopt;
  std::optional<bool> left = truthOf(childrenOf(at)[0]), right = truthOf(childrenOf(at)[1]);
  bool decides = kind == Kind::Or; // the side that decides alone
  if (left && right)
    return kind == Kind::Or ? *left || *right : *left && *right;
  if ((left && *left == decides) || (right && *right == decides && hasNoEffect(childrenOf(at)[0])))
    return decides;
  return std::nullopt;
}

} // namespace osscc
