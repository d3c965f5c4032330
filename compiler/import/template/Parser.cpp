// The statements of a chat template, and the bookkeeping of TemplateParser: nodes, tokens, errors.
#include "compiler/import/template/Parser.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

using TokenKind = TemplateTokenKind;

/// Deeper templates are refused: the runtime's recursion is bounded by it. Real ones stay below 30.
constexpr unsigned kMaxNesting = 100;
constexpr StringLiteral kUnsupportedHelp =
    "osscc runs the Jinja that chat templates use; edit the template, or compile without it";

TemplateParser::Level::Level(TemplateParser &parser) : parser(parser) {
  if (++parser.level > 4 * kMaxNesting) // a bracket passes three levels
    parser.fail(parser.token().line, "nested deeper than " + Twine(kMaxNesting) + " levels");
}

Expected<std::unique_ptr<bundle::TemplateT>> TemplateParser::run() {
  parseBody({});
  for (auto &[name, line] : macroCalls)
    if (!macros.contains(name))
      fail(line, "unknown function '" + name + "'", kUnsupportedHelp);
  if (failure)
    return std::move(*failure);
  return std::move(program);
}

/// Statements and text up to a block that starts with one of `ends`, which is left to the caller
/// with its opening passed; up to the end of the template if `ends` is empty.
TemplateParser::Node TemplateParser::parseBody(ArrayRef<StringRef> ends) {
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

TemplateParser::Node TemplateParser::parseStatement() {
  uint32_t line = token().line;
  std::string name = expectName("a statement");
  if (name == "if")
    return parseIf();
  if (name == "for")
    return parseFor();
  if (name == "set")
    return parseSet();
  if (name == "macro")
    return parseMacro();
  if (name == "with")
    return parseWith();
  if (name == "break")
    return parseLoopControl(Kind::Break);
  if (name == "continue")
    return parseLoopControl(Kind::Continue);
  if (name == "generation") { // marks the assistant's words for training; renders what is inside
    expectBlockEnd();
    Node body = parseBody({"endgeneration"});
    expectName("endgeneration");
    expectBlockEnd();
    return body;
  }
  return fail(line, "unknown statement '" + name + "'", kUnsupportedHelp);
}

TemplateParser::Node TemplateParser::parseOutput() {
  uint32_t line = token().line;
  Node value = parseTuple(/*withCondition=*/true);
  if (token().kind != TokenKind::VariableEnd)
    return fail(token().line, "expected '}}', found " + describe());
  ++position;
  return add(Kind::Output, line, value);
}

TemplateParser::Node TemplateParser::parseIf() {
  uint32_t line = token().line;
  Nodes children;
  while (!failure) {
    children.push_back(parseTuple(/*withCondition=*/false));
    expectBlockEnd();
    children.push_back(parseBody({"elif", "else", "endif"}));
    if (skipName("elif"))
      continue;
    if (skipName("else")) {
      expectBlockEnd();
      children.push_back(parseBody({"endif"}));
    }
    expectName("endif");
    expectBlockEnd();
    break;
  }
  return add(Kind::If, line, children);
}

/// One or more names that a value is assigned to.
TemplateParser::Node TemplateParser::parseTarget(Nodes &targets) {
  bool parenthesised = skip("(");
  do {
    if (!targets.empty() && token().kind != TokenKind::Name)
      break; // a trailing comma
    uint32_t line = token().line;
    std::string name = expectName("a variable");
    if (is_contained({"true", "false", "none", "True", "False", "None"}, name))
      return fail(line, "cannot assign to '" + name + "'");
    targets.push_back(add(Kind::Name, line, {}, 0, intern(name)));
  } while (skip(","));
  if (parenthesised)
    expect(")");
  return kAbsent;
}

TemplateParser::Node TemplateParser::parseFor() {
  uint32_t line = token().line;
  Nodes targets;
  parseTarget(targets);
  if (!skipName("in"))
    return fail(token().line, "expected 'in', found " + describe());
  Node items = parseTuple(/*withCondition=*/false), filter = kAbsent, otherwise = kAbsent;
  if (skipName("if"))
    filter = parseExpression();
  if (isName("recursive"))
    return fail(token().line, "unsupported statement 'for ... recursive'", kUnsupportedHelp);
  expectBlockEnd();
  ++loops, ++scopes;
  Node body = parseBody({"else", "endfor"});
  --loops;
  if (skipName("else")) {
    expectBlockEnd();
    otherwise = parseBody({"endfor"});
  }
  --scopes;
  expectName("endfor");
  expectBlockEnd();
  Nodes children = {items, filter, body, otherwise};
  children.append(targets);
  return add(Kind::For, line, children);
}

TemplateParser::Node TemplateParser::parseSet() {
  uint32_t line = token().line;
  if (token(1).kind == TokenKind::Operator && token(1).text == ".") {
    std::string object = expectName("a namespace");
    ++position;
    std::string attribute = expectName("an attribute");
    expect("=");
    Node name = add(Kind::Name, line, {}, 0, intern(object));
    Node value = parseTuple(/*withCondition=*/true);
    expectBlockEnd();
    return add(Kind::SetAttribute, line, {name, value}, 0, intern(attribute));
  }
  Nodes targets;
  parseTarget(targets);
  if (skip("=")) {
    Nodes children = {parseTuple(/*withCondition=*/true)};
    expectBlockEnd();
    children.append(targets);
    return add(Kind::Set, line, children);
  }
  if (targets.size() != 1)
    return fail(line, "expected '=', found " + describe());
  expectBlockEnd();
  ++scopes;
  Node body = parseBody({"endset"});
  --scopes;
  expectName("endset");
  expectBlockEnd();
  return add(Kind::SetBlock, line, {body, failure ? body : targets[0]});
}

TemplateParser::Node TemplateParser::parseMacro() {
  uint32_t line = token().line;
  std::string name = expectName("a macro's name");
  if (scopes)
    return fail(line, "unsupported macro '" + name + "' inside another statement",
                "move it to the top of the template");
  macros.insert(name);
  Nodes parameters;
  expect("(");
  while (!failure && !is(")")) {
    uint32_t parameterLine = token().line;
    std::string parameter = expectName("a parameter");
    parameters.push_back(add(Kind::Name, parameterLine, {}, 0, intern(parameter)));
    parameters.push_back(skip("=") ? parseExpression() : kAbsent);
    if (!skip(","))
      break;
  }
  expect(")");
  expectBlockEnd();
  unsigned outerLoops = std::exchange(loops, 0);
  ++scopes;
  Nodes children = {parseBody({"endmacro"})};
  --scopes;
  loops = outerLoops;
  expectName("endmacro");
  expectBlockEnd();
  children.append(parameters);
  return add(Kind::Macro, line, children, 0, intern(name));
}

TemplateParser::Node TemplateParser::parseWith() {
  uint32_t line = token().line;
  Nodes assignments;
  while (!failure && token().kind != TokenKind::BlockEnd) {
    uint32_t nameLine = token().line;
    std::string name = expectName("a variable");
    expect("=");
    assignments.push_back(add(Kind::Name, nameLine, {}, 0, intern(name)));
    assignments.push_back(parseExpression());
    if (!skip(","))
      break;
  }
  expectBlockEnd();
  ++scopes;
  Nodes children = {parseBody({"endwith"})};
  --scopes;
  expectName("endwith");
  expectBlockEnd();
  children.append(assignments);
  return add(Kind::With, line, children);
}

TemplateParser::Node TemplateParser::parseLoopControl(Kind kind) {
  uint32_t line = token().line;
  if (!loops)
    return fail(line, "'" + Twine(kind == Kind::Break ? "break" : "continue") + "' outside a loop");
  expectBlockEnd();
  return add(kind, line);
}

TemplateParser::Node TemplateParser::add(Kind kind, uint32_t line, ArrayRef<Node> children,
                                         uint8_t op, uint32_t text, int64_t integer,
                                         double number) {
  if (failure)
    return 0;
  unsigned depth = 0;
  for (Node child : children)
    if (child != kAbsent)
      depth = std::max(depth, depths[child]);
  if (++depth > kMaxNesting)
    return fail(line, "nested deeper than " + Twine(kMaxNesting) + " levels");
  program->nodes.emplace_back(number, integer, kind, op, line, text,
                              uint32_t(program->children.size()), uint32_t(children.size()));
  program->children.insert(program->children.end(), children.begin(), children.end());
  depths.push_back(depth);
  return program->nodes.size() - 1;
}

uint32_t TemplateParser::intern(StringRef text) {
  auto [entry, isNew] = interned.try_emplace(text, program->strings.size());
  if (isNew)
    program->strings.push_back(text.str());
  return entry->second;
}

void TemplateParser::expect(StringRef op) {
  if (!skip(op))
    fail(token().line, "expected '" + op + "', found " + describe());
}

void TemplateParser::expectBlockEnd() {
  if (token().kind == TokenKind::BlockEnd)
    ++position;
  else
    fail(token().line, "expected '%}', found " + describe());
}

std::string TemplateParser::expectName(StringRef what) {
  if (token().kind != TokenKind::Name) {
    fail(token().line, "expected " + what + ", found " + describe());
    return {};
  }
  return tokens[position++].text;
}

std::string TemplateParser::describe() const {
  switch (token().kind) {
  case TokenKind::Data:
    return "text";
  case TokenKind::VariableBegin:
    return "'{{'";
  case TokenKind::VariableEnd:
    return "'}}'";
  case TokenKind::BlockBegin:
    return "'{%'";
  case TokenKind::BlockEnd:
    return "'%}'";
  case TokenKind::String:
    return "a string";
  case TokenKind::End:
    return "the end of the template";
  default:
    return "'" + token().text + "'";
  }
}

TemplateParser::Node TemplateParser::fail(uint32_t line, const Twine &message, const Twine &help) {
  if (!failure)
    failure = inputError(file + ":" + Twine(line), "chat template: " + message, help);
  position = tokens.size() - 1;
  return 0;
}

} // namespace osscc
