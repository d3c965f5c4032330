// The statements of a chat template, but for those with a scope of their own.
#include "compiler/import/template/Parser.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

using TokenKind = TemplateTokenKind;

/// Statements and text up to a block that starts with one of `ends`, which is left to the caller
/// with its opening passed; up to the end of the template if `ends` is empty.
TemplateParser::Node TemplateParser::parseBody(Ends ends) {
  Level guard(*this);
  uint32_t line = token().line;
  SmallVector<Node, 16> statements;
  for (; !failure;) {
    TokenKind kind = token().kind;
    if (kind == TokenKind::End) {
      if (!ends.empty())
        fail(line, "the block opened here is never closed",
             "expected '{% " + ends.back() + " %}', the template ended");
      break;
    }
    if (kind == TokenKind::Data) {
      statements.push_back(add(Kind::Text, token().line, {}, 0, intern(token().text)));
      ++position;
    } else if (kind == TokenKind::VariableBegin) {
      ++position;
      statements.push_back(parseOutput());
    } else {
      ++position;
      if (is_contained(ends, StringRef(token().text)) && token().kind == TokenKind::Name)
        break;
      statements.push_back(parseStatement());
    }
  }
  return add(Kind::Sequence, line, statements);
}

TemplateParser::Node TemplateParser::parseBlockBody(Ends ends) {
  skip(":");
  expectBlockEnd();
  return parseBody(ends);
}

TemplateParser::Node TemplateParser::parseStatement() {
  uint32_t line = token().line;
  std::string name = expectName("a statement");
  using Parse = Node (TemplateParser::*)();
  static const std::pair<StringRef, Parse> statements[] = {
      {"autoescape", &TemplateParser::parseAutoescape},
      {"block", &TemplateParser::parseBlock},
      {"call", &TemplateParser::parseCallBlock},
      {"do", &TemplateParser::parseDo},
      {"filter", &TemplateParser::parseFilterBlock},
      {"for", &TemplateParser::parseFor},
      {"generation", &TemplateParser::parseGeneration},
      {"if", &TemplateParser::parseIf},
      {"macro", &TemplateParser::parseMacro},
      {"print", &TemplateParser::parsePrint},
      {"set", &TemplateParser::parseSet},
      {"with", &TemplateParser::parseWith},
  };
  for (auto &[known, parse] : statements)
    if (name == known)
      return (this->*parse)();
  if (name == "break" || name == "continue")
    return parseLoopControl(name == "break" ? Kind::Break : Kind::Continue);
  if (is_contained({"extends", "from", "import", "include"}, name))
    return fail(line, "unsupported statement '" + name + "': a chat template is one text",
                kTemplateHelp);
  return fail(line, "unknown statement '" + name + "'", kTemplateHelp);
}

TemplateParser::Node TemplateParser::parseOutput() {
  uint32_t line = token().line;
  Node value = parseTuple(/*withCondition=*/true);
  if (token().kind != TokenKind::VariableEnd)
    return fail(token().line, "expected '}}', found " + describe());
  ++position;
  return add(Kind::Output, line, value);
}

/// `{% print a, b %}`.
TemplateParser::Node TemplateParser::parsePrint() {
  uint32_t line = token().line;
  Nodes outputs;
  while (!failure && token().kind != TokenKind::BlockEnd) {
    if (!outputs.empty())
      expect(",");
    Node value = parseExpression();
    outputs.push_back(add(Kind::Output, line, value));
  }
  expectBlockEnd();
  return add(Kind::Sequence, line, outputs);
}

TemplateParser::Node TemplateParser::parseDo() {
  uint32_t line = token().line;
  Node value = parseTuple(/*withCondition=*/true);
  expectBlockEnd();
  return add(Kind::Do, line, value);
}

TemplateParser::Node TemplateParser::parseIf() {
  uint32_t line = token().line;
  size_t known = unknowns.size();
  Nodes children;
  while (!failure) {
    children.push_back(parseTuple(/*withCondition=*/false));
    children.push_back(parseBlockBody({"elif", "else", "endif"}));
    if (skipName("elif"))
      continue;
    if (skipName("else"))
      children.push_back(parseBlockBody({"endif"}));
    expectEnd("endif");
    break;
  }
  unknowns.erase(std::remove_if(unknowns.begin() + known, unknowns.end(),
                                [](const Unknown &each) { return !each.isFinal; }),
                 unknowns.end());
  return add(Kind::If, line, children);
}

/// What a value is assigned to: a name, names in parentheses or between commas, nested too;
/// `namespace.attribute` where a set statement allows it.
TemplateParser::Node TemplateParser::parseTarget(bool allowsAttribute) {
  uint32_t line = token().line;
  Nodes items;
  bool isTuple = false;
  while (!failure && (token().kind == TokenKind::Name || is("(")) && !isName("in")) {
    items.push_back(parseTargetItem(allowsAttribute));
    if (!skip(","))
      break;
    isTuple = true;
  }
  if (items.empty())
    return fail(token().line, "expected a variable, found " + describe());
  return isTuple ? add(Kind::List, line, items, /*op=*/1) : items[0];
}

TemplateParser::Node TemplateParser::parseTargetItem(bool allowsAttribute) {
  Level guard(*this);
  uint32_t line = token().line;
  if (skip("(")) {
    Node target = parseTarget(allowsAttribute);
    expect(")");
    return target;
  }
  std::string name = expectVariable();
  Node target = add(Kind::Name, line, {}, 0, intern(name));
  if (!allowsAttribute || !skip("."))
    return target;
  std::string attribute = expectName("an attribute");
  return add(Kind::TargetAttribute, line, target, 0, intern(attribute));
}

TemplateParser::Node TemplateParser::parseFor() {
  uint32_t line = token().line;
  size_t known = unknowns.size();
  Node target = parseTarget();
  if (!skipName("in"))
    return fail(token().line, "expected 'in', found " + describe());
  Node items = parseTuple(/*withCondition=*/false), filter = kAbsent, otherwise = kAbsent;
  if (skipName("if"))
    filter = parseExpression();
  bool recursive = skipName("recursive");
  ++loops;
  Node body = parseBlockBody({"else", "endfor"});
  --loops;
  if (skipName("else"))
    otherwise = parseBlockBody({"endfor"});
  expectEnd("endfor");
  for (Unknown &each : MutableArrayRef(unknowns).drop_front(std::min(known, unknowns.size())))
    each.isFinal = true;
  return add(Kind::For, line, {items, filter, body, otherwise, target}, recursive);
}

TemplateParser::Node TemplateParser::parseSet() {
  uint32_t line = token().line;
  Node target = parseTarget(/*allowsAttribute=*/true);
  if (skip("=")) {
    Node value = parseTuple(/*withCondition=*/true);
    expectBlockEnd();
    return add(Kind::Set, line, {value, target});
  }
  if (!failure && node(target).kind() == Kind::List)
    return fail(line, "expected '=', found " + describe());
  Node filters = kAbsent;
  if (is("|")) {
    filters = add(Kind::Captured, line);
    while (!failure && skip("|"))
      filters = parseFilter(filters);
  }
  Node body = parseBlockBody({"endset"});
  expectEnd("endset");
  return add(Kind::SetBlock, line, {body, target, filters});
}

/// `{% filter name(...)|name %}`.
TemplateParser::Node TemplateParser::parseFilterBlock() {
  uint32_t line = token().line;
  Node filters = add(Kind::Captured, line);
  do
    filters = parseFilter(filters);
  while (!failure && skip("|"));
  Node body = parseBlockBody({"endfilter"});
  expectEnd("endfilter");
  return add(Kind::FilterBlock, line, {body, filters});
}

TemplateParser::Node TemplateParser::parseLoopControl(Kind kind) {
  uint32_t line = token().line;
  if (!loops)
    return fail(line, "'" + Twine(kind == Kind::Break ? "break" : "continue") + "' outside a loop");
  expectBlockEnd();
  return add(kind, line);
}

} // namespace osscc
