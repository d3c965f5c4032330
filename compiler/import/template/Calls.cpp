// Filters, tests and calls of a chat template, checked against runtime/bundle/TemplateCalls.h: what
// the renderer does not know is refused here, by name and line.
#include "compiler/import/template/Parser.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace osscc {

using TokenKind = TemplateTokenKind;

/// `(a, name=b, *c, **d)` as nodes: values, Keyword and Spread.
TemplateParser::Nodes TemplateParser::parseArguments() {
  Nodes arguments;
  bool hasNames = false, hasList = false, hasDict = false;
  StringSet<> names;
  expect("(");
  while (!failure && !is(")")) {
    uint32_t line = token().line;
    if (is("*") || is("**")) {
      bool isDict = is("**");
      if (hasDict || (hasList && !isDict))
        return fail(line, "unexpected '" + token().text + "' in a call"), arguments;
      (isDict ? hasDict : hasList) = true;
      ++position;
      Node value = parseExpression();
      arguments.push_back(add(Kind::Spread, line, value, isDict));
    } else if (token().kind == TokenKind::Name && is("=", 1)) {
      std::string name = expectName("a name");
      ++position;
      if (hasDict || !names.insert(name).second)
        return fail(line, "unexpected argument '" + name + "' in a call"), arguments;
      hasNames = true;
      Node value = parseExpression();
      arguments.push_back(add(Kind::Keyword, line, value, 0, intern(name)));
    } else if (hasNames || hasList || hasDict) {
      fail(line, "a positional argument follows a named one");
    } else {
      arguments.push_back(parseExpression());
    }
    if (!skip(","))
      break;
  }
  expect(")");
  return arguments;
}

/// Refuses a call with arguments that the callable does not take. Spread ones are bound when it is
/// rendered.
void TemplateParser::checkArguments(uint32_t line, StringRef what, const TemplateCallable &callable,
                                    ArrayRef<Node> arguments) {
  if (failure || callable.parameters == "..." ||
      any_of(arguments, [&](Node each) { return node(each).kind() == Kind::Spread; }))
    return;
  SmallVector<StringRef, 6> parameters;
  StringRef(callable.parameters).split(parameters, ' ', -1, /*KeepEmpty=*/false);
  SmallVector<bool, 6> given(parameters.size(), false);
  StringRef name = callable.name;
  for (auto [i, argument] : enumerate(arguments)) {
    bool isNamed = node(argument).kind() == Kind::Keyword;
    size_t slot = isNamed ? find(parameters, textOf(argument)) - parameters.begin() : i;
    if (slot < parameters.size() && !given[slot])
      given[slot] = true;
    else if (isNamed)
      fail(line, "unsupported argument '" + textOf(argument) + "' of " + what + " '" + name + "'",
           kTemplateHelp);
    else
      fail(line, what + " '" + name + "' takes at most " + Twine(parameters.size()) +
                     " arguments, found more");
  }
  for (unsigned i = 0; i < callable.required; ++i)
    if (!given[i])
      fail(line, what + " '" + name + "' needs the argument '" + parameters[i] + "'");
}

/// `callee(...)`: what the callee is shows when it is rendered; names that osscc knows that it has
/// not are refused.
TemplateParser::Node TemplateParser::parseCall(Node callee) {
  uint32_t line = token().line;
  Nodes arguments = parseArguments();
  if (failure)
    return 0;
  Kind kind = node(callee).kind();
  if (kind == Kind::Attribute &&
      is_contained(kUnsupportedTemplateMethods, std::string_view(textOf(callee))))
    return fail(line, "unsupported method '" + textOf(callee) + "'", kTemplateHelp);
  if (kind == Kind::Name &&
      is_contained(kUnsupportedTemplateFunctions, std::string_view(textOf(callee))))
    return fail(line, "unsupported function '" + textOf(callee) + "'", kTemplateHelp);
  Nodes children = {callee};
  children.append(arguments);
  return add(Kind::Call, line, children);
}

std::string TemplateParser::parseDottedName(StringRef what) {
  std::string name = expectName(what);
  while (!failure && skip("."))
    name += "." + expectName(what);
  return name;
}

TemplateParser::Node TemplateParser::failLater(uint32_t line, const Twine &message) {
  unknowns.push_back({line, message.str()});
  return add(Kind::Fail, line, {}, 0, intern(unknowns.back().message));
}

TemplateParser::Node TemplateParser::parseFilter(Node value) {
  uint32_t line = token().line;
  std::string name = parseDottedName("a filter");
  Nodes children = {value};
  if (is("("))
    children.append(parseArguments());
  if (failure)
    return 0;
  if (is_contained(kUnsupportedTemplateFilters, name))
    return fail(line, "unsupported filter '" + name + "'", kTemplateHelp);
  const TemplateCallable *filter = findTemplateCallable(kTemplateFilters, name);
  if (!filter)
    return failLater(line, "unknown filter '" + name + "'");
  ArrayRef<Node> arguments = ArrayRef(children).drop_front();
  checkArguments(line, "filter", *filter, arguments);
  checkNamed(line, name, arguments);
  return add(Kind::Filter, line, children, filter - kTemplateFilters);
}

void TemplateParser::checkNamed(uint32_t line, StringRef filter, ArrayRef<Node> arguments) {
  bool isMap = filter == "map";
  if (!isMap && !is_contained({"select", "reject", "selectattr", "rejectattr"}, filter))
    return;
  size_t at = filter.ends_with("attr");
  if (failure || arguments.size() <= at || node(arguments[at]).kind() != Kind::String)
    return;
  StringRef name = textOf(arguments[at]);
  if (isMap && !findTemplateCallable(kTemplateFilters, name))
    failLater(line, "unknown filter '" + name + "'");
  if (!isMap && !findTemplateCallable(kTemplateTests, name))
    failLater(line, "unknown test '" + name + "'");
}

/// `value is [not] name`, with arguments in parentheses or one bare literal.
TemplateParser::Node TemplateParser::parseTest(Node value) {
  uint32_t line = token().line;
  bool negated = skipName("not");
  std::string name = parseDottedName("a test");
  Nodes children = {value};
  bool literal = is_contained(
      {TokenKind::Name, TokenKind::String, TokenKind::Integer, TokenKind::Float}, token().kind);
  if (is("(")) {
    children.append(parseArguments());
  } else if (isName("is")) {
    return fail(line, "tests cannot be chained with 'is'");
  } else if ((literal || is("[") || is("{")) && !isName("else") && !isName("or") &&
             !isName("and")) {
    Node argument = parsePrimary();
    children.push_back(parsePostfix(argument));
  }
  if (failure)
    return 0;
  const TemplateCallable *test = findTemplateCallable(kTemplateTests, name);
  Node result = 0;
  if (test) {
    checkArguments(line, "test", *test, ArrayRef(children).drop_front());
    result = add(Kind::Test, line, children, test - kTemplateTests);
  } else {
    result = failLater(line, "unknown test '" + name + "'");
  }
  return negated ? add(Kind::Not, line, result) : result;
}

} // namespace osscc
