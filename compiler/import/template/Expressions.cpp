// The expressions of a chat template. Precedence from loose to tight, one function each, as in
// jinja2's parser.py: condition, or, and, not, comparison, + -, ~, * / // %, **, unary, then
// postfix, filters and tests.
#include "compiler/import/template/Parser.h"
#include "llvm/ADT/StringSwitch.h"
#include <cstdlib>

using namespace llvm;

namespace osscc {

using TokenKind = TemplateTokenKind;
using Operator = bundle::TemplateOperator;

/// One expression, or several with commas, which make a tuple.
TemplateParser::Node TemplateParser::parseTuple(bool withCondition, bool parenthesised) {
  uint32_t line = token().line;
  auto ended = [&] {
    return token().kind == TokenKind::VariableEnd || token().kind == TokenKind::BlockEnd ||
           token().kind == TokenKind::End || is(")");
  };
  SmallVector<Node, 4> items;
  bool isTuple = false;
  while (!failure && !ended()) {
    items.push_back(withCondition ? parseExpression() : parseOr());
    if (!skip(","))
      break;
    isTuple = true;
  }
  if (items.empty() && !parenthesised)
    return fail(token().line, "expected an expression, found " + describe());
  if (items.size() == 1 && !isTuple)
    return items[0];
  return add(Kind::List, line, items, /*op=*/1);
}

TemplateParser::Node TemplateParser::parseExpression() {
  Level guard(*this);
  uint32_t line = token().line;
  size_t known = unknowns.size();
  Node value = parseOr();
  while (skipName("if")) {
    Node condition = parseOr();
    Node otherwise = skipName("else") ? parseExpression() : kAbsent;
    unknowns.resize(std::min(known, unknowns.size()));
    value = add(Kind::Condition, line, {condition, value, otherwise});
  }
  return value;
}

TemplateParser::Node TemplateParser::parseOr() {
  uint32_t line = token().line;
  Node left = parseAnd();
  while (skipName("or")) {
    Node right = parseAnd();
    left = add(Kind::Or, line, {left, right});
  }
  return left;
}

TemplateParser::Node TemplateParser::parseAnd() {
  uint32_t line = token().line;
  Node left = parseNot();
  while (skipName("and")) {
    Node right = parseNot();
    left = add(Kind::And, line, {left, right});
  }
  return left;
}

TemplateParser::Node TemplateParser::parseNot() {
  Level guard(*this);
  uint32_t line = token().line;
  if (!skipName("not"))
    return parseCompare();
  return add(Kind::Not, line, parseNot());
}

std::optional<Operator> TemplateParser::takeComparison() {
  if (isName("not") && isName("in", 1)) {
    position += 2;
    return Operator::NotIn;
  }
  if (skipName("in"))
    return Operator::In;
  if (token().kind != TokenKind::Operator)
    return std::nullopt;
  auto op = StringSwitch<std::optional<Operator>>(token().text)
                .Case("==", Operator::Equal)
                .Case("!=", Operator::NotEqual)
                .Case("<", Operator::Less)
                .Case("<=", Operator::LessEqual)
                .Case(">", Operator::Greater)
                .Case(">=", Operator::GreaterEqual)
                .Default(std::nullopt);
  position += op.has_value();
  return op;
}

/// `a < b`, or a chain `a < b <= c`.
TemplateParser::Node TemplateParser::parseCompare() {
  uint32_t line = token().line;
  Node left = parseSum();
  Nodes children = {left};
  while (!failure) {
    uint32_t operandLine = token().line;
    std::optional<Operator> op = takeComparison();
    if (!op)
      break;
    Node right = parseSum();
    children.push_back(add(Kind::Operand, operandLine, right, uint8_t(*op)));
  }
  return children.size() == 1 ? left : add(Kind::Compare, line, children);
}

TemplateParser::Node TemplateParser::parseSum() {
  uint32_t line = token().line;
  Node left = parseConcat();
  while (is("+") || is("-")) {
    Operator op = is("+") ? Operator::Add : Operator::Subtract;
    ++position;
    Node right = parseConcat();
    left = add(Kind::Binary, line, {left, right}, uint8_t(op));
  }
  return left;
}

TemplateParser::Node TemplateParser::parseConcat() {
  uint32_t line = token().line;
  Nodes values = {parseProduct()};
  while (skip("~"))
    values.push_back(parseProduct());
  return values.size() == 1 ? values[0] : add(Kind::Concat, line, values);
}

TemplateParser::Node TemplateParser::parseProduct() {
  uint32_t line = token().line;
  Node left = parsePower();
  while (is("*") || is("/") || is("//") || is("%")) {
    Operator op = StringSwitch<Operator>(token().text)
                      .Case("*", Operator::Multiply)
                      .Case("/", Operator::Divide)
                      .Case("//", Operator::FloorDivide)
                      .Default(Operator::Modulo);
    ++position;
    Node right = parsePower();
    left = add(Kind::Binary, line, {left, right}, uint8_t(op));
  }
  return left;
}

TemplateParser::Node TemplateParser::parsePower() {
  uint32_t line = token().line;
  Node left = parseUnary();
  while (skip("**")) {
    Node right = parseUnary();
    left = add(Kind::Binary, line, {left, right}, uint8_t(Operator::Power));
  }
  return left;
}

TemplateParser::Node TemplateParser::parseUnary(bool withFilter) {
  Level guard(*this);
  uint32_t line = token().line;
  Node value;
  if (is("-") || is("+")) {
    Operator op = is("-") ? Operator::Subtract : Operator::Add;
    ++position;
    Node operand = parseUnary(/*withFilter=*/false);
    value = add(Kind::Unary, line, operand, uint8_t(op));
  } else {
    value = parsePrimary();
  }
  value = parsePostfix(value);
  return withFilter ? parseFilters(value) : value;
}

TemplateParser::Node TemplateParser::parsePrimary() {
  uint32_t line = token().line;
  switch (token().kind) {
  case TokenKind::Name:
    return parseName();
  case TokenKind::Integer:
  case TokenKind::Float:
    return parseNumber();
  case TokenKind::String: {
    std::string text;
    while (token().kind == TokenKind::String)
      text += tokens[position++].text;
    return add(Kind::String, line, {}, 0, intern(text));
  }
  default:
    break;
  }
  if (skip("(")) {
    Node value = parseTuple(/*withCondition=*/true, /*parenthesised=*/true);
    expect(")");
    return value;
  }
  if (skip("["))
    return parseList();
  if (skip("{"))
    return parseDict();
  return fail(line, "expected an expression, found " + describe());
}

TemplateParser::Node TemplateParser::parseName() {
  uint32_t line = token().line;
  StringRef name = tokens[position++].text;
  if (name == "true" || name == "True" || name == "false" || name == "False")
    return add(Kind::Boolean, line, {}, 0, kAbsent, name == "true" || name == "True");
  if (name == "none" || name == "None")
    return add(Kind::None, line);
  return add(Kind::Name, line, {}, 0, intern(name));
}

TemplateParser::Node TemplateParser::parseNumber() {
  const TemplateToken &number = tokens[position++];
  if (number.kind == TokenKind::Float)
    // Python's literal of too many digits is infinite, too.
    return add(Kind::Float, number.line, {}, 0, kAbsent, 0,
               std::strtod(number.text.c_str(), nullptr));
  int64_t value = 0;
  if (StringRef(number.text).getAsInteger(10, value))
    return add(Kind::Integer, number.line, {}, 0, intern(number.text));
  return add(Kind::Integer, number.line, {}, 0, kAbsent, value);
}

/// The items of `[a, b]`, behind the bracket.
TemplateParser::Node TemplateParser::parseList() {
  uint32_t line = token().line;
  SmallVector<Node, 8> items;
  while (!failure && !is("]")) {
    items.push_back(parseExpression());
    if (!skip(","))
      break;
  }
  expect("]");
  return add(Kind::List, line, items);
}

/// The entries of `{a: b}`, behind the brace.
TemplateParser::Node TemplateParser::parseDict() {
  uint32_t line = token().line;
  SmallVector<Node, 8> entries;
  while (!failure && !is("}")) {
    entries.push_back(parseExpression());
    expect(":");
    entries.push_back(parseExpression());
    if (!skip(","))
      break;
  }
  expect("}");
  return add(Kind::Dict, line, entries);
}

TemplateParser::Node TemplateParser::parsePostfix(Node node) {
  while (!failure) {
    if (is(".") || is("["))
      node = parseSubscript(node);
    else if (is("("))
      node = parseCall(node);
    else
      break;
  }
  return node;
}

TemplateParser::Node TemplateParser::parseFilters(Node node) {
  while (!failure) {
    if (skip("|"))
      node = parseFilter(node);
    else if (skipName("is"))
      node = parseTest(node);
    else if (is("("))
      node = parseCall(node);
    else
      break;
  }
  return node;
}

/// `object.name`, `object.0`, `object[key]`, `object[a:b:c]`, `object[a, b]`.
TemplateParser::Node TemplateParser::parseSubscript(Node object) {
  uint32_t line = token().line;
  if (skip(".")) {
    if (token().kind == TokenKind::Integer) {
      Node key = parseNumber();
      return add(Kind::Item, line, {object, key});
    }
    std::string name = expectName("an attribute");
    return add(Kind::Attribute, line, object, 0, intern(name));
  }
  expect("[");
  bool isSlice = false;
  Nodes keys = {parseSubscripted(object, isSlice)};
  while (!failure && !isSlice && skip(",")) {
    keys.push_back(parseSubscripted(object, isSlice));
    if (isSlice)
      return fail(line, "unsupported slice among several keys", kTemplateHelp);
  }
  expect("]");
  if (isSlice)
    return keys[0];
  return add(Kind::Item, line,
             {object, keys.size() == 1 ? keys[0] : add(Kind::List, line, keys, /*op=*/1)});
}

/// One key between brackets, or the Slice of `object` that it makes.
TemplateParser::Node TemplateParser::parseSubscripted(Node object, bool &isSlice) {
  uint32_t line = token().line;
  Node parts[3] = {kAbsent, kAbsent, kAbsent};
  for (unsigned i = 0; i < 3 && !failure; ++i) {
    if (!is(":") && !is("]") && !is(","))
      parts[i] = parseExpression();
    if (i == 2 || !skip(":"))
      break;
    isSlice = true;
  }
  if (isSlice)
    return add(Kind::Slice, line, {object, parts[0], parts[1], parts[2]});
  if (parts[0] == kAbsent)
    return fail(line, "expected an index between '[' and ']'");
  return parts[0];
}

} // namespace osscc
