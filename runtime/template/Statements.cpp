// The statements of a chat template.
#include "runtime/template/Interpreter.h"
#include "runtime/template/Markup.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {

TemplateInterpreter::Entered::Entered(TemplateInterpreter &interpreter, ScopePtr inner)
    : interpreter(interpreter), outer(std::exchange(interpreter.scope, std::move(inner))) {}

TemplateInterpreter::Entered::~Entered() {
  interpreter.scope = std::move(outer);
}

ScopePtr TemplateInterpreter::newScope(ScopePtr parent) {
  return std::make_shared<TemplateScope>(std::move(parent));
}

void TemplateInterpreter::keep(const ScopePtr &kept) {
  if (keptScopes.empty() || keptScopes.back() != kept)
    keptScopes.push_back(kept);
}

TemplateInterpreter::Flow TemplateInterpreter::execute(const Node *node) {
  if (!node || failed())
    return Flow::kNext;
  Frame frame(*this, *node);
  switch (node->kind()) {
  case Kind::Sequence:
    return executeSequence(*node);
  case Kind::Text:
    if (charge(text(*node).size()))
      out->append(text(*node), /*isTemplate=*/true);
    break;
  case Kind::Output:
    executeOutput(*node);
    break;
  case Kind::If:
    return executeIf(*node);
  case Kind::For:
    return executeFor(*node);
  case Kind::With:
    return executeWith(*node);
  case Kind::Set:
    assign(child(*node, 1), evaluate(child(*node, 0)));
    break;
  case Kind::SetBlock:
    return executeSetBlock(*node);
  case Kind::FilterBlock:
    return executeFilterBlock(*node);
  case Kind::CallBlock:
    executeCallBlock(*node);
    break;
  case Kind::Macro:
    executeMacro(*node);
    break;
  case Kind::Block:
    executeBlock(*node);
    break;
  case Kind::Autoescape:
    return executeAutoescape(*node);
  case Kind::Do:
  case Kind::Fail:
    evaluate(node->kind() == Kind::Do ? child(*node, 0) : node);
    break;
  case Kind::Break:
    return Flow::kBreak;
  case Kind::Continue:
    return Flow::kContinue;
  default:
    fail("the template program is damaged");
  }
  return Flow::kNext;
}

TemplateInterpreter::Flow TemplateInterpreter::executeSequence(const Node &node) {
  for (size_t i = 0; i < node.count() && !failed(); ++i)
    if (Flow flow = execute(child(node, i)); flow != Flow::kNext)
      return flow;
  return Flow::kNext;
}

void TemplateInterpreter::write(const Value &value) {
  if (failed() || !charge((escapes ? 6 : 1) * valueWeight(value)))
    return;
  TextPtr text = toText(value);
  if (escapes && !text->isMarkup())
    out->append(escapeMarkup(*text));
  else
    out->append(*text);
}

void TemplateInterpreter::executeOutput(const Node &node) {
  write(evaluate(child(node, 0)));
}

TemplateInterpreter::Flow TemplateInterpreter::executeIf(const Node &node) {
  size_t i = 0;
  for (; i + 1 < node.count(); i += 2) {
    bool holds = isTrue(evaluate(child(node, i)));
    if (failed())
      return Flow::kNext;
    if (holds)
      return execute(child(node, i + 1));
  }
  return i < node.count() ? execute(child(node, i)) : Flow::kNext;
}

TemplateInterpreter::Flow TemplateInterpreter::executeFor(const Node &node) {
  return runLoop(node, evaluate(child(node, 0)), 1);
}

/// Runs a loop over the values in the current scope; also what `loop(values)` does.
TemplateInterpreter::Flow TemplateInterpreter::runLoop(const Node &node, const Value &over,
                                                       unsigned loopDepth) {
  std::vector<Value> items = iterate(over);
  ScopePtr outer = scope;
  if (const Node *condition = child(node, 1)) {
    Entered inner(*this, newScope(outer));
    std::erase_if(items, [&](const Value &item) {
      assign(child(node, 4), item);
      return failed() || !isTrue(evaluate(condition));
    });
  }
  if (failed())
    return Flow::kNext;
  if (items.empty()) {
    Entered inner(*this, newScope(outer));
    return execute(child(node, 3));
  }
  Loop &loop = loops.emplace_back(std::move(items));
  loop.depth = loopDepth;
  if (node.op() == 1) {
    loop.statement = &node;
    loop.scope = outer;
    keep(outer);
  }
  ScopePtr body;
  for (; loop.index < loop.items.size() && !failed(); ++loop.index) {
    charge(32);
    // A macro of the last round may have kept its scope.
    if (!body || body.use_count() > 1)
      body = newScope(outer);
    else
      body->variables.clear();
    Entered inner(*this, body);
    assign("loop", &loop);
    assign(child(node, 4), loop.items[loop.index]);
    if (execute(child(node, 2)) == Flow::kBreak)
      break;
  }
  loop.items = {};
  loop.last.reset();
  loop.scope = nullptr;
  return Flow::kNext;
}

TemplateInterpreter::Flow TemplateInterpreter::executeWith(const Node &node) {
  std::vector<Value> values;
  for (size_t i = 2; i < node.count() && !failed(); i += 2)
    values.push_back(evaluate(child(node, i)));
  Entered inner(*this, newScope(scope));
  for (size_t i = 0; i < values.size() && !failed(); ++i)
    assign(child(node, 1 + 2 * i), std::move(values[i]));
  return execute(child(node, 0));
}

std::shared_ptr<Text> TemplateInterpreter::capture(const Node *body, Flow &flow) {
  auto text = std::make_shared<Text>();
  Text *outer = std::exchange(out, text.get());
  Entered inner(*this, newScope(scope));
  flow = execute(body);
  out = outer;
  if (escapes)
    text->setMarkup(true);
  return text;
}

TemplateInterpreter::Flow TemplateInterpreter::executeSetBlock(const Node &node) {
  Flow flow = Flow::kNext;
  Value value = capture(child(node, 0), flow);
  // As in jinja2, a loop that is left inside assigns nothing.
  if (flow != Flow::kNext)
    return flow;
  if (const Node *filters = child(node, 2)) {
    Value outer = std::exchange(captured, std::move(value));
    value = evaluate(filters);
    captured = std::move(outer);
  }
  assign(child(node, 1), std::move(value));
  return flow;
}

TemplateInterpreter::Flow TemplateInterpreter::executeFilterBlock(const Node &node) {
  Flow flow = Flow::kNext;
  Value value = capture(child(node, 0), flow);
  if (flow != Flow::kNext)
    return flow;
  Value outer = std::exchange(captured, std::move(value));
  write(evaluate(child(node, 1)));
  captured = std::move(outer);
  return flow;
}

void TemplateInterpreter::executeCallBlock(const Node &node) {
  const Node *call = child(node, 0), *body = child(node, 1);
  if (!call || !body)
    return;
  Callable macro{Callable::Kind::kMacro, "caller", indexOf(*body)};
  macro.scope = scope;
  macro.escapes = escapes;
  keep(scope);
  Value caller = std::make_shared<const Callable>(std::move(macro));
  Frame frame(*this, *call);
  Value value = evaluateCall(*call, &caller);
  if (!failed() && charge(valueWeight(value)))
    out->append(*toText(value));
}

void TemplateInterpreter::executeMacro(const Node &node) {
  Callable macro{Callable::Kind::kMacro, std::string(text(node)), indexOf(node)};
  macro.scope = scope;
  macro.escapes = escapes;
  keep(scope);
  assign(text(node), std::make_shared<const Callable>(std::move(macro)));
}

/// A block sees the variables of the top, those around it only if it is `scoped`.
TextPtr TemplateInterpreter::captureBlock(const Node &block, ScopePtr inner) {
  bool outerEscapes = std::exchange(escapes, false);
  Flow flow = Flow::kNext;
  Entered entered(*this, std::move(inner));
  TextPtr text = capture(child(block, 0), flow);
  escapes = outerEscapes;
  return text;
}

void TemplateInterpreter::executeBlock(const Node &node) {
  TextPtr text = captureBlock(node, node.op() == 1 ? scope : globals);
  if (charge(valueWeight(text)))
    out->append(*text);
}

TemplateInterpreter::Flow TemplateInterpreter::executeAutoescape(const Node &node) {
  bool outer = escapes, inner = isTrue(evaluate(child(node, 0)));
  if (failed())
    return Flow::kNext;
  escapes = inner;
  Entered entered(*this, newScope(scope));
  Flow flow = execute(child(node, 1));
  escapes = outer;
  return flow;
}

void TemplateInterpreter::setAttribute(const Node &target, Value value) {
  Value object = evaluate(child(target, 0));
  Namespace *const *space = as<Namespace *>(object);
  if (!space) {
    fail("cannot assign an attribute of what is no namespace");
    return;
  }
  charge((*space)->entries.size());
  for (auto &[name, old] : (*space)->entries)
    if (name == text(target)) {
      old = std::move(value);
      return;
    }
  (*space)->entries.emplace_back(text(target), std::move(value));
}

void TemplateInterpreter::assign(const Node *target, Value value) {
  if (failed() || !target)
    return;
  if (target->kind() == Kind::Name)
    return assign(text(*target), std::move(value));
  if (target->kind() == Kind::TargetAttribute)
    return setAttribute(*target, std::move(value));
  if (target->kind() != Kind::List) {
    fail("the template program is damaged");
    return;
  }
  Frame frame(*this, *target);
  if (isUndefined(value)) {
    failUndefined(value);
    return;
  }
  std::vector<Value> parts = iterate(value);
  if (failed())
    return;
  if (parts.size() != target->count()) {
    fail(fmt::format("expected {} values to unpack, found {}", target->count(), parts.size()));
    return;
  }
  for (size_t i = 0; i < parts.size(); ++i)
    assign(child(*target, i), std::move(parts[i]));
}

void TemplateInterpreter::assign(std::string_view name, Value value) {
  charge(scope->variables.size());
  for (auto &[known, old] : scope->variables)
    if (known == name) {
      old = std::move(value);
      return;
    }
  scope->variables.emplace_back(name, std::move(value));
}

} // namespace osscc::rt
