// Runs a template program over the tree of runtime/bundle/Template.fbs. Private to the renderer:
//
//   ChatTemplate.cpp        context in, statements, text and spans out
//   TemplateEvaluate.cpp    expressions: literals, names, fields, slices, calls of macros
//   TemplateOperators.cpp   + - * / and comparisons
//   TemplateFilters.cpp     value | filter
//   TemplateTests.cpp       value is test; functions
//   TemplateMethods.cpp     value.method()
//
// The first error is kept; after it every value is undefined and every loop stops, so the functions
// return plain values. Work is counted in bytes made and values touched, and bounded.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/bundle/Template_generated.h"
#include "runtime/template/Value.h"
#include <deque>
#include <optional>
#include <span>

namespace osscc::rt {

class TemplateInterpreter {
public:
  TemplateInterpreter(const bundle::Template &program, uint64_t workLimit)
      : program(program), workLimit(workLimit) {}

  /// Runs the program with the variables of `context`.
  Result<Text> run(const Value &context, std::optional<int64_t> clock);

private:
  using Node = bundle::TemplateNode;
  using Kind = bundle::TemplateKind;
  using Arguments = std::span<const Value>;
  enum class Flow { kNext, kBreak, kContinue };

  /// Variables of a statement with its own; they end with it.
  struct Scope {
    Scope *parent;
    std::vector<std::pair<std::string_view, Value>> variables = {};
  };
  /// One call of execute() or evaluate(): counts depth and work, and remembers the line for errors.
  struct Frame {
    Frame(TemplateInterpreter &interpreter, const Node &node);
    ~Frame();
    TemplateInterpreter &interpreter;
    uint32_t outerLine;
  };

  // Statements
  Flow execute(const Node *node);
  void executeOutput(const Node &node);
  Flow executeIf(const Node &node);
  Flow executeFor(const Node &node);
  Flow executeWith(const Node &node);
  void setAttribute(const Node &node);
  void assign(const Node &node, size_t firstTarget, const Value &value);
  void assign(std::string_view name, Value value);
  TextPtr capture(const Node *body);

  // Expressions
  Value evaluate(const Node *node);
  Value evaluateName(const Node &node);
  Value evaluateDict(const Node &node);
  Value evaluateConcat(const Node &node);
  Value evaluateMap(const Node &node);
  Value evaluateSelect(const Node &node);
  Value callMacro(const Node &node);
  bool bindMacro(const Node &macro, const Node &call, Scope &scope);
  Value callFunction(const Node &node);
  std::vector<Value> evaluateChildren(const Node &node, size_t from = 0);
  Value attribute(const Value &object, std::string_view name);
  Value loopAttribute(const Loop &loop, std::string_view name);
  Value item(const Value &object, const Value &key);
  Value slice(const Node &node);

  // Operators
  Value binary(bundle::TemplateOperator op, const Value &left, const Value &right);
  Value add(const Value &left, const Value &right);
  Value multiply(const Value &left, const Value &right);
  Value arithmetic(bundle::TemplateOperator op, const Value &left, const Value &right);
  Value integerArithmetic(bundle::TemplateOperator op, int64_t left, int64_t right);
  Value unary(bundle::TemplateOperator op, const Value &value);
  /// isEqual(), charged.
  bool equal(const Value &left, const Value &right);
  bool contains(const Value &container, const Value &item);
  /// -1, 0, 1; an error for values without an order.
  int compare(const Value &left, const Value &right, bool ignoreCase = false);

  // Filters, tests, methods, functions
  Value filter(bundle::TemplateFilter op, const Value &value, Arguments arguments);
  Value listFilter(bundle::TemplateFilter op, const Value &value, Arguments arguments);
  Value convertFilter(bundle::TemplateFilter op, const Value &value, Arguments arguments);
  Value sortFilter(const Value &value, Arguments arguments);
  Value join(const Text &separator, const std::vector<Value> &values);
  Value indent(const Text &text, Arguments arguments);
  Value json(const Value &value, Arguments arguments);
  bool test(uint8_t op, const Value &value, Arguments arguments);
  Value method(bundle::TemplateMethod op, const Value &object, Arguments arguments);
  Value textMethod(bundle::TemplateMethod op, const TextPtr &text, Arguments arguments);
  Value splitMethod(bundle::TemplateMethod op, const Text &text, Arguments arguments);
  Value dictMethod(bundle::TemplateMethod op, const Dict &dict, Arguments arguments);
  Value listMethod(bundle::TemplateMethod op, const List &list, Arguments arguments);
  Value changeCase(const Text &text, bundle::TemplateMethod op, bool wordsBySpace = false);
  Value items(const Dict &dict, ListKind kind);
  Value range(Arguments arguments);
  Value strftimeNow(std::string_view format);
  /// The values that a for statement runs over; an error for what cannot be iterated.
  std::vector<Value> iterate(const Value &value);

  // Access to the program, safe for any bytes
  const Node *child(const Node &node, size_t index) const;
  std::string_view text(const Node &node) const;

  /// Records the first error and returns undefined.
  Value fail(std::string message);
  Value failUndefined(const Value &value);
  /// Counts work; false, and an error, if the limit is passed.
  bool charge(uint64_t units);
  /// Charges the reading of all arguments.
  bool chargeAll(Arguments arguments);
  /// A list or dict made at run time, if it does not nest too deeply.
  Value nested(Value value);
  bool failed() const { return error.has_value(); }

  static const Value &argument(Arguments arguments, size_t index);
  /// A text argument; empty if it is left out or None; an error if it is something else.
  std::string_view textArgument(Arguments arguments, size_t index);
  int64_t integerArgument(Arguments arguments, size_t index, int64_t otherwise);

  const bundle::Template &program;
  uint64_t workLimit, work = 0;
  unsigned depth = 0;
  uint32_t line = 0;
  std::optional<int64_t> clock;
  std::optional<Error> error;
  Scope globals{nullptr};
  Scope *scope = &globals;
  Text *out = nullptr;
  std::deque<Namespace> namespaces;
  std::deque<Loop> loops;
  std::vector<TextPtr> literals; ///< By string, made at first use.
};

} // namespace osscc::rt
