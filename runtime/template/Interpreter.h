// Runs a template program over the tree of runtime/bundle/Template.fbs. Private to the renderer:
//
//   ChatTemplate.cpp   context in, text and spans out
//   Statements.cpp     loops, assignments, blocks
//   Evaluate.cpp       expressions
//   Access.cpp         fields, items, slices
//   Call.cpp           arguments, macros, callers, methods
//   Mutate.cpp         list.append() and its like
//   Operators.cpp      + - * / and comparisons
//   filters/, methods/, Tests.cpp, Functions.cpp   what is called by name
//
// The first error is kept; after it every value is undefined and every loop stops, so the functions
// return plain values. Work is counted in bytes made and values touched, and bounded.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/bundle/Template_generated.h"
#include "runtime/template/Arguments.h"
#include "runtime/template/Value.h"
#include <deque>
#include <optional>
#include <span>

namespace osscc::rt {

/// Variables of a statement with its own. A macro keeps the scope alive in which it was defined.
struct TemplateScope {
  std::shared_ptr<TemplateScope> parent = nullptr;
  std::vector<std::pair<std::string_view, Value>> variables = {};
};
using ScopePtr = std::shared_ptr<TemplateScope>;

class TemplateInterpreter {
public:
  TemplateInterpreter(const bundle::Template &program, uint64_t workLimit)
      : program(program), workLimit(workLimit) {}
  ~TemplateInterpreter();

  /// Runs the program with the variables of `context`.
  Result<Text> run(const Value &context, std::optional<int64_t> clock);

  // For what is called by name: errors and work

  /// Records the first error and returns undefined.
  Value fail(std::string message);
  Value failUndefined(const Value &value);
  /// Fails with the template's own words.
  Value raise(std::string_view message);
  bool failed() const { return error.has_value(); }
  /// Counts work; false, and an error, if the limit is passed.
  bool charge(uint64_t units);
  /// A list or dict made at run time, if it does not nest too deeply.
  Value nested(Value value);

  // Values

  /// The values that a for statement runs over; an error for what cannot be iterated.
  std::vector<Value> iterate(const Value &value);
  /// object.name: a method first, as in jinja2.
  Value attribute(const Value &object, std::string_view name);
  /// object[key]: as in jinja2, a name that is no entry may still be a method.
  Value item(const Value &object, const Value &key);
  Value binary(bundle::TemplateOperator op, const Value &left, const Value &right);
  /// isEqual(), charged.
  bool equal(const Value &left, const Value &right);
  bool contains(const Value &container, const Value &item);
  /// -1, 0, 1; an error for values without an order.
  int compare(const Value &left, const Value &right);

  // Calls

  Value call(const Value &callee, const Arguments &arguments);
  Value callFilter(size_t filter, const Value &value, const Arguments &arguments);
  bool callTest(size_t test, const Value &value, const Arguments &arguments);
  /// The arguments in the order of the callable's parameters, absent where they are left out.
  Arguments bind(const TemplateCallable &callable, const Arguments &arguments);
  /// A text argument; empty if it is absent or None; an error if it is something else.
  std::string_view textArgument(const Arguments &arguments, size_t index);
  /// An argument as int64_t; `otherwise` if it is absent or None.
  int64_t integerArgument(const Arguments &arguments, size_t index, int64_t otherwise);

  /// Whether text is escaped for HTML where the program is.
  bool isEscaping() const { return escapes; }
  Namespace *makeNamespace() { return &namespaces.emplace_back(); }
  Cycler *makeCycler() { return &cyclers.emplace_back(); }
  /// Seconds since 1970 that the request takes for now.
  std::optional<int64_t> now() const { return clock; }

private:
  using Node = bundle::TemplateNode;
  using Kind = bundle::TemplateKind;
  enum class Flow { kNext, kBreak, kContinue };

  /// One call of execute() or evaluate(): counts depth and work, and remembers the line for errors.
  struct Frame {
    Frame(TemplateInterpreter &interpreter, const Node &node);
    ~Frame();
    TemplateInterpreter &interpreter;
    uint32_t outerLine;
  };
  /// Makes a scope the current one while it lives.
  struct Entered {
    Entered(TemplateInterpreter &interpreter, ScopePtr scope);
    ~Entered();
    TemplateInterpreter &interpreter;
    ScopePtr outer;
  };
  ScopePtr newScope(ScopePtr parent);
  /// Keeps a scope that something inside it points at until the end.
  void keep(const ScopePtr &kept);

  // Statements
  Flow execute(const Node *node);
  Flow executeSequence(const Node &node);
  void executeOutput(const Node &node);
  Flow executeIf(const Node &node);
  Flow executeFor(const Node &node);
  Flow runLoop(const Node &node, const Value &over, unsigned depth);
  Flow executeWith(const Node &node);
  Flow executeSetBlock(const Node &node);
  Flow executeFilterBlock(const Node &node);
  void executeCallBlock(const Node &node);
  void executeMacro(const Node &node);
  void executeBlock(const Node &node);
  Flow executeAutoescape(const Node &node);
  void assign(const Node *target, Value value);
  void assign(std::string_view name, Value value);
  void setAttribute(const Node &target, Value value);
  void write(const Value &value);
  /// What a body writes, in a scope of its own.
  std::shared_ptr<Text> capture(const Node *body, Flow &flow);
  TextPtr captureBlock(const Node &block, ScopePtr inner);

  // Expressions
  Value evaluate(const Node *node);
  Value evaluateLiteral(const Node &node);
  Value evaluateName(const Node &node);
  Value evaluateDict(const Node &node);
  Value evaluateCompare(const Node &node);
  Value evaluateConcat(const Node &node);
  Value evaluateItem(const Node &node);
  Value evaluateChecked(const Node &node);
  Value evaluateCall(const Node &node, const Value *caller = nullptr);
  std::vector<Value> evaluateChildren(const Node &node);
  Arguments evaluateArguments(const Node &node);
  void spread(const Node &node, Arguments &arguments);
  Value slice(const Node &node);
  Value objectAttribute(const Value &object, std::string_view name);

  // Calls
  Value callMacro(const Callable &macro, const Arguments &arguments);
  bool bindMacro(const Node &node, const Callable &macro, const Arguments &arguments,
                 TemplateScope &inner);
  Value callLoop(Loop &loop, const Arguments &arguments);
  Value callMethod(const Callable &method, const Arguments &arguments);

  // Changing lists and dicts
  std::optional<Value> mutate(const Node &object, std::string_view method, const Node &call);
  Value *place(const Node &node);
  void store(const Node &node, Value value);

  // Operators
  Value add(const Value &left, const Value &right);
  Value multiply(const Value &left, const Value &right);
  Value arithmetic(bundle::TemplateOperator op, const Value &left, const Value &right);
  Value unary(bundle::TemplateOperator op, const Value &value);
  bool holds(bundle::TemplateOperator op, const Value &left, const Value &right);
  int compareLists(const List &left, const List &right);

  // Access to the program, safe for any bytes
  const Node *child(const Node &node, size_t index) const;
  const Node *nodeAt(uint32_t index) const;
  uint32_t indexOf(const Node &node) const;
  std::string_view text(const Node &node) const;

  const bundle::Template &program;
  uint64_t workLimit, work = 0;
  unsigned depth = 0;
  uint32_t line = 0;
  bool escapes = false;
  std::optional<int64_t> clock;
  std::optional<Error> error;
  ScopePtr globals = std::make_shared<TemplateScope>();
  ScopePtr scope = globals;
  Text *out = nullptr;
  Value captured;
  std::deque<Namespace> namespaces;
  std::deque<Loop> loops;
  std::deque<Cycler> cyclers;
  std::vector<ScopePtr> keptScopes; ///< Of macros: they point at each other.
  std::vector<TextPtr> literals;    ///< By string, made at first use.
};

} // namespace osscc::rt
