// What a chat template may call: the filters, tests, functions and methods that the runtime knows,
// with their parameters, and how calls bind their arguments. A name that is not in a table here is
// refused.
#include "compiler/import/template/Parser.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace osscc {

using Filter = bundle::TemplateFilter;
using Test = bundle::TemplateTest;
using Function = bundle::TemplateFunction;
using Method = bundle::TemplateMethod;

constexpr StringLiteral kKnownHelp =
    "osscc runs the Jinja that chat templates use; edit the template, or compile without it";

static const TemplateCallable *findCallable(ArrayRef<TemplateCallable> table, StringRef name) {
  const TemplateCallable *entry = find_if(table, [&](auto &entry) { return entry.name == name; });
  return entry == table.end() ? nullptr : entry;
}

const TemplateCallable *findTemplateFilter(StringRef name) {
  static const TemplateCallable table[] = {
      {"abs", uint8_t(Filter::Abs), 0, ""},
      {"capitalize", uint8_t(Filter::Capitalize), 0, ""},
      {"count", uint8_t(Filter::Length), 0, ""},
      {"d", uint8_t(Filter::Default), 0, "default_value boolean"},
      {"default", uint8_t(Filter::Default), 0, "default_value boolean"},
      {"dictsort", uint8_t(Filter::DictSort), 0, ""},
      {"first", uint8_t(Filter::First), 0, ""},
      {"float", uint8_t(Filter::Float), 0, "default"},
      {"indent", uint8_t(Filter::Indent), 0, "width first blank"},
      {"int", uint8_t(Filter::Int), 0, "default"},
      {"items", uint8_t(Filter::Items), 0, ""},
      {"join", uint8_t(Filter::Join), 0, "d attribute"},
      {"last", uint8_t(Filter::Last), 0, ""},
      {"length", uint8_t(Filter::Length), 0, ""},
      {"list", uint8_t(Filter::List), 0, ""},
      {"lower", uint8_t(Filter::Lower), 0, ""},
      {"max", uint8_t(Filter::Max), 0, ""},
      {"min", uint8_t(Filter::Min), 0, ""},
      {"replace", uint8_t(Filter::Replace), 2, "old new count"},
      {"reverse", uint8_t(Filter::Reverse), 0, ""},
      {"safe", uint8_t(Filter::Safe), 0, ""},
      {"sort", uint8_t(Filter::Sort), 0, "reverse case_sensitive attribute"},
      {"string", uint8_t(Filter::String), 0, ""},
      {"sum", uint8_t(Filter::Sum), 0, ""},
      {"title", uint8_t(Filter::Title), 0, ""},
      {"tojson", uint8_t(Filter::ToJson), 0, "ensure_ascii indent separators sort_keys"},
      {"trim", uint8_t(Filter::Trim), 0, "chars"},
      {"unique", uint8_t(Filter::Unique), 0, ""},
      {"upper", uint8_t(Filter::Upper), 0, ""},
  };
  return findCallable(table, name);
}

const TemplateCallable *findTemplateTest(StringRef name) {
  static const TemplateCallable table[] = {
      {"!=", uint8_t(Test::NotEqual), 1, "other"},
      {"<", uint8_t(Test::Less), 1, "other"},
      {"<=", uint8_t(Test::LessEqual), 1, "other"},
      {"==", uint8_t(Test::Equal), 1, "other"},
      {">", uint8_t(Test::Greater), 1, "other"},
      {">=", uint8_t(Test::GreaterEqual), 1, "other"},
      {"boolean", uint8_t(Test::Boolean), 0, ""},
      {"callable", uint8_t(Test::Callable), 0, ""},
      {"defined", uint8_t(Test::Defined), 0, ""},
      {"divisibleby", uint8_t(Test::DivisibleBy), 1, "num"},
      {"eq", uint8_t(Test::Equal), 1, "other"},
      {"equalto", uint8_t(Test::Equal), 1, "other"},
      {"even", uint8_t(Test::Even), 0, ""},
      {"false", uint8_t(Test::False), 0, ""},
      {"float", uint8_t(Test::Float), 0, ""},
      {"ge", uint8_t(Test::GreaterEqual), 1, "other"},
      {"greaterthan", uint8_t(Test::Greater), 1, "other"},
      {"gt", uint8_t(Test::Greater), 1, "other"},
      {"in", uint8_t(Test::In), 1, "seq"},
      {"integer", uint8_t(Test::Integer), 0, ""},
      {"iterable", uint8_t(Test::Iterable), 0, ""},
      {"le", uint8_t(Test::LessEqual), 1, "other"},
      {"lessthan", uint8_t(Test::Less), 1, "other"},
      {"lower", uint8_t(Test::Lower), 0, ""},
      {"lt", uint8_t(Test::Less), 1, "other"},
      {"mapping", uint8_t(Test::Mapping), 0, ""},
      {"ne", uint8_t(Test::NotEqual), 1, "other"},
      {"none", uint8_t(Test::None), 0, ""},
      {"number", uint8_t(Test::Number), 0, ""},
      {"odd", uint8_t(Test::Odd), 0, ""},
      {"sameas", uint8_t(Test::SameAs), 1, "other"},
      {"sequence", uint8_t(Test::Sequence), 0, ""},
      {"string", uint8_t(Test::String), 0, ""},
      {"true", uint8_t(Test::True), 0, ""},
      {"undefined", uint8_t(Test::Undefined), 0, ""},
      {"upper", uint8_t(Test::Upper), 0, ""},
  };
  return findCallable(table, name);
}

const TemplateCallable *findTemplateFunction(StringRef name) {
  static const TemplateCallable table[] = {
      {"dict", uint8_t(Function::Dict), 0, ""},
      {"namespace", uint8_t(Function::Namespace), 0, ""},
      {"raise_exception", uint8_t(Function::RaiseException), 1, "message"},
      {"range", uint8_t(Function::Range), 1, "start stop step"},
      {"strftime_now", uint8_t(Function::StrftimeNow), 1, "format"},
  };
  return findCallable(table, name);
}

const TemplateCallable *findTemplateMethod(StringRef name) {
  static const TemplateCallable table[] = {
      {"capitalize", uint8_t(Method::Capitalize), 0, ""},
      {"copy", uint8_t(Method::Copy), 0, ""},
      {"count", uint8_t(Method::Count), 1, "value"},
      {"endswith", uint8_t(Method::EndsWith), 1, "suffix"},
      {"find", uint8_t(Method::Find), 1, "sub"},
      {"get", uint8_t(Method::Get), 1, "key default"},
      {"index", uint8_t(Method::Index), 1, "value"},
      {"isdigit", uint8_t(Method::IsDigit), 0, ""},
      {"items", uint8_t(Method::Items), 0, ""},
      {"join", uint8_t(Method::Join), 1, "iterable"},
      {"keys", uint8_t(Method::Keys), 0, ""},
      {"lower", uint8_t(Method::Lower), 0, ""},
      {"lstrip", uint8_t(Method::LeftStrip), 0, "chars"},
      {"replace", uint8_t(Method::Replace), 2, "old new count"},
      {"rsplit", uint8_t(Method::RightSplit), 0, "sep maxsplit"},
      {"rstrip", uint8_t(Method::RightStrip), 0, "chars"},
      {"split", uint8_t(Method::Split), 0, "sep maxsplit"},
      {"splitlines", uint8_t(Method::SplitLines), 0, ""},
      {"startswith", uint8_t(Method::StartsWith), 1, "prefix"},
      {"strip", uint8_t(Method::Strip), 0, "chars"},
      {"title", uint8_t(Method::Title), 0, ""},
      {"upper", uint8_t(Method::Upper), 0, ""},
      {"values", uint8_t(Method::Values), 0, ""},
  };
  return findCallable(table, name);
}

TemplateParser::Arguments TemplateParser::parseArguments() {
  Arguments arguments;
  expect("(");
  while (!failure && !is(")")) {
    if (is("*") || is("**")) {
      fail(token().line, "unsupported argument '" + token().text + "...' of a call");
    } else if (token().kind == TemplateTokenKind::Name &&
               token(1).kind == TemplateTokenKind::Operator && token(1).text == "=") {
      std::string name = expectName("a name");
      ++position;
      arguments.keywords.push_back({name, parseExpression()});
    } else if (!arguments.keywords.empty()) {
      fail(token().line, "a positional argument follows a named one");
    } else {
      arguments.positional.push_back(parseExpression());
    }
    if (!skip(","))
      break;
  }
  expect(")");
  return arguments;
}

/// The arguments in the order of the callable's parameters, kAbsent where one is left out.
TemplateParser::Nodes TemplateParser::bind(uint32_t line, StringRef what,
                                           const TemplateCallable &callable,
                                           const Arguments &arguments) {
  SmallVector<StringRef, 4> parameters;
  if (!callable.parameters.empty())
    callable.parameters.split(parameters, ' ');
  Nodes bound = arguments.positional;
  if (bound.size() > parameters.size())
    fail(line, what + " '" + callable.name + "' takes at most " + Twine(parameters.size()) +
                   " arguments, found " + Twine(bound.size()));
  for (auto &[name, value] : arguments.keywords) {
    size_t slot = find_if(parameters, [&](StringRef p) { return p == name; }) - parameters.begin();
    if (slot == parameters.size() || (slot < bound.size() && bound[slot] != kAbsent)) {
      fail(line, "unsupported argument '" + name + "' of " + what + " '" + callable.name + "'",
           kKnownHelp);
      return bound;
    }
    if (slot >= bound.size())
      bound.resize(slot + 1, kAbsent);
    bound[slot] = value;
  }
  for (unsigned i = 0; i < callable.required; ++i)
    if (i >= bound.size() || bound[i] == kAbsent)
      fail(line, what + " '" + callable.name + "' needs the argument '" + parameters[i] + "'");
  return bound;
}

/// `name(...)`, `object.method(...)`; the callee's own node stays in the table, unused.
TemplateParser::Node TemplateParser::parseCall(Node callee) {
  uint32_t line = token().line;
  Arguments arguments = parseArguments();
  if (failure)
    return 0;
  Kind kind = node(callee).kind();
  std::string name = node(callee).text() == kAbsent ? std::string() : textOf(callee).str();
  if (kind == Kind::Attribute) {
    const TemplateCallable *method = findTemplateMethod(name);
    if (!method)
      return fail(line, "unknown method '" + name + "'", kKnownHelp);
    Nodes children = {childrenOf(callee)[0]};
    children.append(bind(line, "method", *method, arguments));
    return add(Kind::Method, line, children, method->op);
  }
  if (kind != Kind::Name)
    return fail(line, "unsupported call of an expression", kKnownHelp);
  const TemplateCallable *function = macros.contains(name) ? nullptr : findTemplateFunction(name);
  if (function &&
      (function->op == uint8_t(Function::Namespace) || function->op == uint8_t(Function::Dict))) {
    Nodes children = arguments.positional;
    for (auto &[key, value] : arguments.keywords)
      children.push_back(add(Kind::Keyword, line, value, 0, intern(key)));
    return add(Kind::Function, line, children, function->op);
  }
  if (function)
    return add(Kind::Function, line, bind(line, "function", *function, arguments), function->op);
  macroCalls.push_back({name, line});
  Nodes children = {callee};
  children.append(arguments.positional);
  for (auto &[key, value] : arguments.keywords)
    children.push_back(add(Kind::Keyword, line, value, 0, intern(key)));
  return add(Kind::CallMacro, line, children);
}

TemplateParser::Node TemplateParser::parseFilter(Node value) {
  uint32_t line = token().line;
  std::string name = expectName("a filter");
  Arguments arguments;
  if (is("("))
    arguments = parseArguments();
  if (name == "map")
    return parseMap(value, line, arguments);
  if (is_contained({"select", "reject", "selectattr", "rejectattr"}, name))
    return parseSelect(value, line, name, arguments);
  const TemplateCallable *filter = findTemplateFilter(name);
  if (!filter)
    return fail(line, "unknown filter '" + name + "'", kKnownHelp);
  Nodes children = {value};
  children.append(bind(line, "filter", *filter, arguments));
  return add(Kind::Filter, line, children, filter->op);
}

/// `value is [not] name`, with arguments in parentheses or one bare literal.
TemplateParser::Node TemplateParser::parseTest(Node value) {
  uint32_t line = token().line;
  bool negated = skipName("not");
  std::string name = expectName("a test");
  Arguments arguments;
  bool literal = is_contained({TemplateTokenKind::Name, TemplateTokenKind::String,
                               TemplateTokenKind::Integer, TemplateTokenKind::Float},
                              token().kind);
  if (is("(")) {
    arguments = parseArguments();
  } else if (isName("is")) {
    return fail(line, "tests cannot be chained with 'is'");
  } else if ((literal || is("[") || is("{")) && !isName("else") && !isName("or") &&
             !isName("and")) {
    Node argument = parsePrimary();
    arguments.positional.push_back(parsePostfix(argument));
  }
  const TemplateCallable *test = findTemplateTest(name);
  if (!test)
    return fail(line, "unknown test '" + name + "'", kKnownHelp);
  Nodes children = {value};
  children.append(bind(line, "test", *test, arguments));
  Node result = add(Kind::Test, line, children, test->op);
  return negated ? add(Kind::Not, line, result) : result;
}

std::string TemplateParser::takeLiteral(uint32_t line, StringRef what, Arguments &arguments) {
  if (failure || arguments.positional.empty() ||
      node(arguments.positional[0]).kind() != Kind::String) {
    fail(line, "filter '" + what + "' needs a name in quotes as its first argument");
    return {};
  }
  std::string text = textOf(arguments.positional[0]).str();
  arguments.positional.erase(arguments.positional.begin());
  return text;
}

/// `values | map(attribute='name')` and `values | map('filter', ...)`.
TemplateParser::Node TemplateParser::parseMap(Node value, uint32_t line, Arguments arguments) {
  Nodes children = {value};
  if (arguments.positional.empty()) {
    static const TemplateCallable form = {"map", 0, 1, "attribute default"};
    children.append(bind(line, "filter", form, arguments));
    if (failure || node(children[1]).kind() != Kind::String)
      return fail(line, "filter 'map' needs attribute='name'");
    uint32_t attribute = node(children[1]).text();
    children.erase(children.begin() + 1);
    return add(Kind::MapAttribute, line, children, 0, attribute);
  }
  std::string name = takeLiteral(line, "map", arguments);
  const TemplateCallable *filter = findTemplateFilter(name);
  if (!filter)
    return fail(line, "unknown filter '" + name + "'", kKnownHelp);
  children.append(bind(line, "filter", *filter, arguments));
  return add(Kind::MapFilter, line, children, filter->op);
}

/// `select`, `reject` by a test of the item; `selectattr`, `rejectattr` by one of its attribute; no
/// test: by its truth.
TemplateParser::Node TemplateParser::parseSelect(Node value, uint32_t line, StringRef name,
                                                 Arguments arguments) {
  uint32_t attribute = kAbsent;
  if (name.ends_with("attr")) {
    std::string text = takeLiteral(line, name, arguments);
    attribute = intern(text);
  }
  Nodes children = {value};
  bool rejects = name.starts_with("reject");
  if (arguments.positional.empty() && arguments.keywords.empty())
    // By truth: op 255 names no test.
    return add(Kind::Select, line, children, UINT8_MAX, attribute, rejects);
  std::string testName = takeLiteral(line, name, arguments);
  const TemplateCallable *test = findTemplateTest(testName);
  if (!test)
    return fail(line, "unknown test '" + testName + "'", kKnownHelp);
  children.append(bind(line, "test", *test, arguments));
  return add(Kind::Select, line, children, test->op, attribute, rejects);
}

} // namespace osscc
