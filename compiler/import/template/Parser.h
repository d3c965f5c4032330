// Jinja tokens to the tables of Template.fbs: recursive descent in the shape of jinja2's parser.py,
// so that precedence is its own. Parser.cpp holds the bookkeeping, Statements.cpp and Scopes.cpp
// the statements, Expressions.cpp the expressions, Calls.cpp filters, tests and calls.
//
// The first error is kept and moves the parser to the end of the tokens, where every loop stops; so
// the functions return plain node indices.
#pragma once

#include "compiler/import/template/Lexer.h"
#include "runtime/bundle/TemplateCalls.h"
#include "runtime/bundle/Template_generated.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <optional>

namespace osscc {

/// The child or text that is left out.
inline constexpr uint32_t kAbsent = UINT32_MAX;

/// What an error says of Jinja that osscc does not run.
inline constexpr llvm::StringLiteral kTemplateHelp =
    "osscc runs what transformers runs of one text; edit the template, or compile without it";

class TemplateParser {
public:
  TemplateParser(llvm::StringRef file, std::vector<TemplateToken> tokens)
      : file(file), tokens(std::move(tokens)) {}

  llvm::Expected<std::unique_ptr<bundle::TemplateT>> run();

private:
  using Node = uint32_t;
  using Nodes = llvm::SmallVector<Node, 4>;
  using Kind = bundle::TemplateKind;
  using Ends = llvm::ArrayRef<llvm::StringRef>;
  /// Counts one level of recursion while it lives.
  struct Level {
    explicit Level(TemplateParser &parser);
    ~Level() { --parser.level; }
    TemplateParser &parser;
  };
  /// An unknown filter or test. It is an error of the template, but inside a condition only of the
  /// expression that is reached.
  struct Unknown {
    uint32_t line;
    std::string message;
    bool isFinal = false;
  };

  // Statements
  Node parseBody(Ends ends);
  /// The end of a tag and the body behind it, up to one of `ends`.
  Node parseBlockBody(Ends ends);
  Node parseStatement();
  Node parseOutput();
  Node parsePrint();
  Node parseIf();
  Node parseFor();
  Node parseSet();
  Node parseFilterBlock();
  Node parseDo();
  Node parseLoopControl(Kind kind);
  Node parseTarget(bool allowsAttribute = false);
  Node parseTargetItem(bool allowsAttribute);

  // Statements with a scope of their own
  Node parseMacro();
  Node parseCallBlock();
  Node finishMacro(uint32_t line, llvm::StringRef name, const Nodes &parameters,
                   llvm::StringRef end);
  Nodes parseSignature();
  Node parseWith();
  Node parseBlock();
  Node parseAutoescape();
  Node parseGeneration();
  void findSpecialNames(Node node, unsigned &open, unsigned &used) const;

  // Expressions
  Node parseTuple(bool withCondition, bool parenthesised = false);
  Node parseExpression();
  Node parseOr();
  Node parseAnd();
  Node parseNot();
  Node parseCompare();
  std::optional<bundle::TemplateOperator> takeComparison();
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
  Node parseSubscripted(Node object, bool &isSlice);

  // Filters, tests and calls
  Node parseCall(Node callee);
  Node parseFilter(Node value);
  Node parseTest(Node value);
  Nodes parseArguments();
  std::string parseDottedName(llvm::StringRef what);
  Node failLater(uint32_t line, const llvm::Twine &message);
  void checkArguments(uint32_t line, llvm::StringRef what, const TemplateCallable &callable,
                      llvm::ArrayRef<Node> arguments);
  /// Notes the filter or test that a text names, of `map`, `select` and their like, if it is
  /// unknown.
  void checkNamed(uint32_t line, llvm::StringRef filter, llvm::ArrayRef<Node> arguments);

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
  bool is(llvm::StringRef op, size_t ahead = 0) const {
    return token(ahead).kind == TemplateTokenKind::Operator && token(ahead).text == op;
  }
  bool isName(llvm::StringRef name, size_t ahead = 0) const {
    return token(ahead).kind == TemplateTokenKind::Name && token(ahead).text == name;
  }
  bool skip(llvm::StringRef op) { return is(op) && ++position; }
  bool skipName(llvm::StringRef name) { return isName(name) && ++position; }
  void expect(llvm::StringRef op);
  void expectBlockEnd();
  void expectEnd(llvm::StringRef name);
  std::string expectName(llvm::StringRef what);
  /// A name that a value may be assigned to.
  std::string expectVariable();
  std::string describe() const;
  Node fail(uint32_t line, const llvm::Twine &message, const llvm::Twine &help = {});

  llvm::StringRef file;
  std::vector<TemplateToken> tokens;
  size_t position = 0;
  unsigned level = 0; ///< Of recursion.
  unsigned loops = 0; ///< Enclosing for statements.
  std::unique_ptr<bundle::TemplateT> program = std::make_unique<bundle::TemplateT>();
  std::vector<unsigned> depths; ///< Of each node.
  llvm::StringMap<uint32_t> interned;
  llvm::StringSet<> blocks;
  std::vector<Unknown> unknowns;
  std::optional<llvm::Error> failure;
};

} // namespace osscc
