// The statements of a chat template that have a scope of their own: macros, calls with a body,
// `with`, blocks.
#include "compiler/import/template/Parser.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;

namespace osscc {

using TokenKind = TemplateTokenKind;

/// Parameters in parentheses: a Name and its default or kAbsent for each.
TemplateParser::Nodes TemplateParser::parseSignature() {
  Nodes parameters;
  StringSet<> names;
  bool hasDefaults = false;
  expect("(");
  while (!failure && !is(")")) {
    if (!parameters.empty())
      expect(",");
    uint32_t line = token().line;
    std::string name = expectVariable();
    if (!names.insert(name).second)
      fail(line, "two parameters have the name '" + name + "'");
    Node otherwise = skip("=") ? parseExpression() : kAbsent;
    if (hasDefaults && otherwise == kAbsent)
      fail(line, "the parameter '" + name + "' without a default follows one with a default");
    hasDefaults |= otherwise != kAbsent;
    parameters.append({add(Kind::Name, line, {}, 0, intern(name)), otherwise});
  }
  expect(")");
  return parameters;
}

/// Which of caller (1), varargs (2) and kwargs (4) among `open` the nodes read before they assign
/// them; blocks are left out.
void TemplateParser::findSpecialNames(Node index, unsigned &open, unsigned &used) const {
  const bundle::TemplateNode &at = node(index);
  if (at.kind() == Kind::Block)
    return;
  auto bit = [&](Node name) {
    return StringSwitch<unsigned>(textOf(name))
        .Case("caller", 1)
        .Case("varargs", 2)
        .Case("kwargs", 4)
        .Default(0);
  };
  if (at.kind() == Kind::Name) {
    used |= bit(index) & open;
    return;
  }
  bool isMacro = at.kind() == Kind::Macro;
  ArrayRef<Node> children = childrenOf(index);
  for (size_t i = isMacro ? 1 : 0; i < children.size(); ++i) {
    bool isTarget = (isMacro && i % 2 == 1) || (at.kind() == Kind::With && i % 2 == 1) ||
                    (at.kind() == Kind::For && i == 4) ||
                    ((at.kind() == Kind::Set || at.kind() == Kind::SetBlock) && i == 1);
    if (children[i] == kAbsent)
      continue;
    if (!isTarget)
      findSpecialNames(children[i], open, used);
    else if (node(children[i]).kind() == Kind::Name)
      open &= ~bit(children[i]);
  }
  if (isMacro)
    findSpecialNames(children[0], open, used);
}

/// The body of a macro or call, behind its signature.
TemplateParser::Node TemplateParser::finishMacro(uint32_t line, StringRef name,
                                                 const Nodes &parameters, StringRef end) {
  size_t known = unknowns.size();
  unsigned outerLoops = std::exchange(loops, 0);
  Nodes children = {parseBlockBody({end})};
  loops = outerLoops;
  expectEnd(end);
  children.append(parameters);
  for (Unknown &each : MutableArrayRef(unknowns).drop_front(std::min(known, unknowns.size())))
    each.isFinal = true;
  if (failure)
    return 0;
  unsigned open = 7, used = 0;
  findSpecialNames(children[0], open, used);
  for (size_t i = 0; i < parameters.size(); i += 2) {
    StringRef parameter = textOf(parameters[i]);
    if (parameter == "caller" && (used & 1) && parameters[i + 1] == kAbsent)
      return fail(line, "the parameter 'caller' needs a default");
    used &= ~StringSwitch<unsigned>(parameter)
                 .Case("caller", 1)
                 .Case("varargs", 2)
                 .Case("kwargs", 4)
                 .Default(0);
  }
  return add(Kind::Macro, line, children, used, intern(name));
}

TemplateParser::Node TemplateParser::parseMacro() {
  uint32_t line = token().line;
  std::string name = expectVariable();
  Nodes parameters = parseSignature();
  return finishMacro(line, name, parameters, "endmacro");
}

/// `{% call(parameters) callee(...) %}`.
TemplateParser::Node TemplateParser::parseCallBlock() {
  uint32_t line = token().line;
  Nodes parameters;
  if (is("("))
    parameters = parseSignature();
  Node call = parseExpression();
  if (!failure && node(call).kind() != Kind::Call)
    return fail(line, "expected a call behind 'call'");
  Node body = finishMacro(line, "caller", parameters, "endcall");
  return add(Kind::CallBlock, line, {call, body});
}

TemplateParser::Node TemplateParser::parseWith() {
  uint32_t line = token().line;
  Nodes assignments;
  while (!failure && token().kind != TokenKind::BlockEnd && !is(":")) {
    if (!assignments.empty())
      expect(",");
    assignments.push_back(parseTarget());
    expect("=");
    assignments.push_back(parseExpression());
  }
  Nodes children = {parseBlockBody({"endwith"})};
  expectEnd("endwith");
  children.append(assignments);
  return add(Kind::With, line, children);
}

/// Marks the assistant's words for training. jinja2 makes a call with a body of it, so what is set
/// inside stays inside.
TemplateParser::Node TemplateParser::parseGeneration() {
  uint32_t line = token().line;
  unsigned outerLoops = std::exchange(loops, 0);
  Node body = parseBlockBody({"endgeneration"});
  loops = outerLoops;
  expectEnd("endgeneration");
  return add(Kind::With, line, body);
}

/// A block is printed where it stands: no other text can replace it.
TemplateParser::Node TemplateParser::parseBlock() {
  uint32_t line = token().line;
  std::string name = expectName("a block's name");
  bool scoped = skipName("scoped"), required = skipName("required");
  if (!blocks.insert(name).second)
    return fail(line, "block '" + name + "' is defined twice");
  unsigned outerLoops = std::exchange(loops, 0);
  Node body = parseBlockBody({"endblock"});
  loops = outerLoops;
  if (!skipName("endblock"))
    return fail(token().line, "expected 'endblock', found " + describe());
  skipName(name);
  expectBlockEnd();
  if (required)
    body = add(Kind::Fail, line, {}, 0, intern("required block '" + name + "' is not there"));
  return add(Kind::Block, line, body, scoped, intern(name));
}

TemplateParser::Node TemplateParser::parseAutoescape() {
  uint32_t line = token().line;
  Node value = parseExpression();
  Node body = parseBlockBody({"endautoescape"});
  expectEnd("endautoescape");
  return add(Kind::Autoescape, line, {value, body});
}

} // namespace osscc
