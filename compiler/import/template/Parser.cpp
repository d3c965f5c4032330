// The bookkeeping of TemplateParser: nodes, tokens, errors.
#include "compiler/import/template/Parser.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

using TokenKind = TemplateTokenKind;

/// Deeper templates are refused: the runtime's recursion is bounded by it. Real ones stay below 30.
constexpr unsigned kMaxNesting = 100;

TemplateParser::Level::Level(TemplateParser &parser) : parser(parser) {
  if (++parser.level > 4 * kMaxNesting) // a bracket passes three levels
    parser.fail(parser.token().line, "nested deeper than " + Twine(kMaxNesting) + " levels");
}

Expected<std::unique_ptr<bundle::TemplateT>> TemplateParser::run() {
  parseBody({});
  if (!failure && !unknowns.empty())
    fail(unknowns.front().line, unknowns.front().message, kTemplateHelp);
  if (failure)
    return std::move(*failure);
  return std::move(program);
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

void TemplateParser::expectEnd(StringRef name) {
  if (!skipName(name))
    fail(token().line, "expected '" + name + "', found " + describe());
  expectBlockEnd();
}

std::string TemplateParser::expectName(StringRef what) {
  if (token().kind != TokenKind::Name) {
    fail(token().line, "expected " + what + ", found " + describe());
    return {};
  }
  return tokens[position++].text;
}

std::string TemplateParser::expectVariable() {
  uint32_t line = token().line;
  std::string name = expectName("a variable");
  if (is_contained({"true", "false", "none", "True", "False", "None"}, name))
    fail(line, "cannot assign to '" + name + "'");
  return name;
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
