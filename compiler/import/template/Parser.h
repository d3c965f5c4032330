// Jinja tokens to the tables of Template.fbs: recursive descent in the shape of jinja2's parser.py,
// so that precedence is its own. TemplateParser.cpp holds the statements, TemplateExpressions.cpp
// the expressions, TemplateNames.cpp the names.
//
// The first error is kept and moves the parser to the end of the tokens, where every loop stops; so
// the functions return plain node indices.
#pragma once

#include "compiler/import/template/Lexer.h"
#include "runtime/bundle/Template_generated.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <optional>

namespace osscc {

/// The child or text that is left out.
inline constexpr uint32_t kAbsent = UINT32_MAX;

/// What may be called: a filter, test, function or method, with the parameters that it takes in
/// order.
struct TemplateCallable {
  llvm::StringRef name;
  uint8_t op;
  unsigned required;          ///< How many arguments must be given.
  llvm::StringRef parameters; ///< Names, separated by spaces; a last name `...` takes any number.
};

/// Null if the name is unknown.
const TemplateCallable *findTemplateFilter(llvm::StringRef name);
const TemplateCallable *findTemplateTest(llvm::StringRef name);
const TemplateCallable *findTemplateFunction(llvm::StringRef name);
const TemplateCallable *findTemplateMethod(llvm::StringRef name);

class TemplateParser {
public:
  TemplateParser(llvm::StringRef file, std::vector<TemplateToken> tokens)
      : file(file), tokens(std::move(tokens)) {}

  llvm::Expected<std::unique_ptr<bundle::TemplateT>> run();

private:
  using Node = uint32_t;
  using Nodes = llvm::SmallVector<Node, 4>;
  using Kind = bundle::TemplateKind;
  struct Arguments {
    Nodes positional;
    llvm::SmallVector<std::pair<std::string, Node>, 2> keywords;
  };
  /// Counts one level of recursion while it lives.
  struct Level {
    explicit Level(TemplateParser &parser);
    ~Level() { --parser.level; }
    TemplateParser &parser;
  };

  // Statements: TemplateParser.cpp
  Node parseBody(llvm::ArrayRef<llvm::StringRef> ends);
  Node parseStatement();
  Node parseOutput();
  Node parseIf();
  Node parseFor();
  Node parseSet();
  Node parseMacro();
  Node parseWith();
  Node parseLoopControl(Kind kind);
  Node parseTarget(Nodes &targets);

  // Expressions: TemplateExpressions.cpp
  Node parseTuple(bool withCondition, bool parenthesised = false);
  Node parseExpression();
  Node parseOr();
  Node parseAnd();
  Node parseNot();
  Node parseCompare();
  Node parseSum();
  Node parseConcat();
  Node parseProduct();
  Node parsePower();
  Node parseUnary(bool withFilter = true);
  Node parsePrimary();
  Node parseName();
  Node parseNumber();
  Node parseList();
  Node parseDict();
  Node parsePostfix(Node node);
  Node parseFilters(Node node);
  Node parseSubscript(Node object);
  Node parseCall(Node callee);
  Node parseFilter(Node value);
  Node parseTest(Node value);
  Node parseMap(Node value, uint32_t line, Arguments arguments);
  Node parseSelect(Node value, uint32_t line, llvm::StringRef name, Arguments arguments);
  Arguments parseArguments();
  Nodes bind(uint32_t line, llvm::StringRef what, const TemplateCallable &callable,
             const Arguments &arguments);
  /// Takes the string literal that the first argument is; empty and an error if it is none.
  std::string takeLiteral(uint32_t line, llvm::StringRef what, Arguments &arguments);

  // Nodes and tokens
  Node add(Kind kind, uint32_t line, llvm::ArrayRef<Node> children = {}, uint8_t op = 0,
           uint32_t text = kAbsent, int64_t integer = 0, double number = 0);
  uint32_t intern(llvm::StringRef text);
  const bundle::TemplateNode &node(Node index) const { return program->nodes[index]; }
  llvm::StringRef textOf(Node index) const { return program->strings[node(index).text()]; }
  llvm::ArrayRef<Node> childrenOf(Node index) const {
    return llvm::ArrayRef(program->children).slice(node(index).first(), node(index).count());
  }
  const TemplateToken &token(size_t ahead = 0) const {
    return tokens[std::min(position + ahead, tokens.size() - 1)];
  }
  bool is(llvm::StringRef op) const {
    return token().kind == TemplateTokenKind::Operator && token().text == op;
  }
  bool isName(llvm::StringRef name, size_t ahead = 0) const {
    return token(ahead).kind == TemplateTokenKind::Name && token(ahead).text == name;
  }
  bool skip(llvm::StringRef op) { return is(op) && ++position; }
  bool skipName(llvm::StringRef name) { return isName(name) && ++position; }
  void expect(llvm::StringRef op);
  void expectBlockEnd();
  std::string expectName(llvm::StringRef what);
  std::string describe() const;
  Node fail(uint32_t line, const llvm::Twine &message, const llvm::Twine &help = {});

  llvm::StringRef file;
  std::vector<TemplateToken> tokens;
  size_t position = 0;
  unsigned level = 0;  ///< Of recursion.
  unsigned loops = 0;  ///< Enclosing for statements.
  unsigned scopes = 0; ///< Enclosing statements with variables of their own.
  std::unique_ptr<bundle::TemplateT> program = std::make_unique<bundle::TemplateT>();
  std::vector<unsigned> depths; ///< Of each node.
  llvm::StringMap<uint32_t> interned;
  llvm::StringSet<> macros;
  llvm::SmallVector<std::pair<std::string, uint32_t>> macroCalls; ///< Name and line.
  std::optional<llvm::Error> failure;
};

} // namespace osscc
