// Calls in a chat template: arguments, filters and tests by their place in the tables, macros and
// their callers, methods.
#include "runtime/template/Interpreter.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace osscc::rt {

/// An argument **value: every key by name.
void TemplateInterpreter::spread(const Node &node, Arguments &arguments) {
  Value value = evaluate(child(node, 0));
  if (failed())
    return;
  if (node.op() == 0) {
    std::vector<Value> items = iterate(value);
    arguments.values.insert(arguments.values.end(), items.begin(), items.end());
    return;
  }
  const Dict *dict = asDict(value);
  if (!dict) {
    fail(fmt::format("'**' needs a dict, found a {}", typeName(value)));
    return;
  }
  for (auto &[key, entry] : dict->entries) {
    const Text *name = asText(key);
    charge(valueWeight(key) + arguments.named.size());
    if (!name || std::ranges::find(arguments.named, name->view(),
                                   &std::pair<std::string, Value>::first) != arguments.named.end())
      fail("'**' needs a dict of names that the call does not give besides");
    else
      arguments.named.emplace_back(name->view(), entry);
  }
}

/// The arguments of a call, filter or test: the children behind the first.
Arguments TemplateInterpreter::evaluateArguments(const Node &node) {
  Arguments arguments;
  for (size_t i = 1; i < node.count() && !failed(); ++i) {
    const Node *argument = child(node, i);
    if (argument && argument->kind() == Kind::Keyword)
      arguments.named.emplace_back(text(*argument), evaluate(child(*argument, 0)));
    else if (argument && argument->kind() == Kind::Spread)
      spread(*argument, arguments);
    else
      arguments.values.push_back(evaluate(argument));
  }
  return arguments;
}

Arguments TemplateInterpreter::bind(const TemplateCallable &callable, const Arguments &arguments) {
  if (callable.parameters == "...")
    return arguments;
  std::vector<std::string_view> parameters;
  for (std::string_view rest = callable.parameters; !rest.empty();) {
    size_t end = std::min(rest.find(' '), rest.size());
    parameters.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  Arguments bound = {arguments.values};
  if (bound.size() > parameters.size())
    fail(fmt::format("'{}' takes at most {} arguments, found {}", callable.name, parameters.size(),
                     bound.size()));
  bound.values.resize(parameters.size(), Undefined{{}, true});
  for (auto &[name, value] : arguments.named) {
    size_t slot = size_t(std::ranges::find(parameters, name) - parameters.begin());
    if (slot == parameters.size() || bound.has(slot))
      fail(fmt::format("'{}' takes no argument '{}'", callable.name, name));
    else
      bound.values[slot] = value;
  }
  for (size_t i = 0; i < callable.required && !failed(); ++i)
    if (!bound.has(i))
      fail(fmt::format("'{}' needs the argument '{}'", callable.name, parameters[i]));
  return bound;
}

std::string_view TemplateInterpreter::textArgument(const Arguments &arguments, size_t index) {
  const Value &value = arguments[index];
  if (const Text *text = asText(value))
    return text->view();
  if (!isAbsent(value) && !isNone(value))
    fail(fmt::format("an argument is {}, expected text", typeName(value)));
  return {};
}

int64_t TemplateInterpreter::integerArgument(const Arguments &arguments, size_t index,
                                             int64_t otherwise) {
  const Value &value = arguments[index];
  if (std::optional<int64_t> integer = asInteger(value))
    return *integer;
  if (!isAbsent(value) && !isNone(value))
    fail(fmt::format("an argument is {}, expected an integer of 64 bits", typeName(value)));
  return otherwise;
}

/// The rooms' entries by their places in the table that the compiler knows.
template <class Entry, size_t N, class... Rooms>
static std::array<const Entry *, N> inOrder(const TemplateCallable (&names)[N], Rooms... rooms) {
  std::array<const Entry *, N> entries = {};
  auto take = [&](std::span<const Entry> room) {
    for (const Entry &entry : room)
      if (const TemplateCallable *callable = findTemplateCallable(names, entry.name))
        entries[size_t(callable - names)] = &entry;
  };
  (take(rooms), ...);
  return entries;
}

Value TemplateInterpreter::callFilter(size_t index, const Value &value,
                                      const Arguments &arguments) {
  static const auto table = inOrder<TemplateFilter>(
      kTemplateFilters, sequenceFilters(), sortingFilters(), selectingFilters(), textFilters(),
      wrappingFilters(), markupFilters(), numberFilters(), jsonFilters());
  if (index >= table.size() || !table[index])
    return fail("the template program is damaged");
  const TemplateFilter &filter = *table[index];
  Arguments bound = bind(kTemplateFilters[index], arguments);
  charge(filter.isShallow ? 1 : valueWeight(value));
  for (const Value &argument : bound.values)
    charge(filter.isShallow ? 1 : valueWeight(argument));
  return failed() ? Undefined{} : filter.call(*this, value, bound);
}

bool TemplateInterpreter::callTest(size_t index, const Value &value, const Arguments &arguments) {
  static const auto table = inOrder<TemplateTest>(kTemplateTests, templateTests());
  if (index >= table.size() || !table[index])
    return !isUndefined(fail("the template program is damaged"));
  Arguments bound = bind(kTemplateTests[index], arguments);
  return !failed() && table[index]->call(*this, value, bound) && !failed();
}

/// `caller`, if it is there, goes to the callee by this name.
Value TemplateInterpreter::evaluateCall(const Node &node, const Value *caller) {
  const Node *callee = child(node, 0);
  if (!callee)
    return fail("the template program is damaged");
  if (callee->kind() == Kind::Attribute && !caller)
    if (const Node *object = child(*callee, 0))
      if (std::optional<Value> result = mutate(*object, text(*callee), node))
        return *result;
  Value target = evaluate(callee);
  Arguments arguments = evaluateArguments(node);
  if (caller)
    arguments.named.emplace_back("caller", *caller);
  return failed() ? Undefined{} : call(target, arguments);
}

Value TemplateInterpreter::call(const Value &callee, const Arguments &arguments) {
  if (isUndefined(callee))
    return failUndefined(callee);
  if (Loop *const *loop = as<Loop *>(callee))
    return callLoop(**loop, arguments);
  if (Cycler *const *cycler = as<Cycler *>(callee); cycler && (*cycler)->isJoiner)
    return std::exchange((*cycler)->index, 1) ? (*cycler)->items[0] : makeText("", true);
  const Callable *callable = asCallable(callee);
  if (!callable)
    return fail(fmt::format("a {} cannot be called", typeName(callee)));
  switch (callable->kind) {
  case Callable::Kind::kFunction: {
    static const auto table = inOrder<TemplateFunction>(kTemplateFunctions, templateFunctions());
    Arguments bound = bind(kTemplateFunctions[callable->function], arguments);
    for (const Value &argument : bound.values)
      charge(valueWeight(argument));
    return failed() ? Undefined{} : table[callable->function]->call(*this, bound);
  }
  case Callable::Kind::kMethod:
    return callMethod(*callable, arguments);
  case Callable::Kind::kMacro:
    return callMacro(*callable, arguments);
  case Callable::Kind::kBlock:
    if (const Node *block = nodeAt(callable->node))
      return captureBlock(*block, globals);
    break;
  case Callable::Kind::kSelf:
    break;
  }
  return fail("'self' cannot be called");
}

Value TemplateInterpreter::callMethod(const Callable &callable, const Arguments &arguments) {
  const TemplateMethod *method = callable.method;
  if (!method || !method->call)
    return fail(
        fmt::format("unsupported method '{}' of a {}", callable.name, typeName(callable.object)));
  Arguments bound = bind({method->name, method->required, method->parameters}, arguments);
  // Methods of dicts and lists charge what they read of their object.
  if (asText(callable.object))
    charge(valueWeight(callable.object));
  for (const Value &argument : bound.values)
    charge(valueWeight(argument));
  return failed() ? Undefined{} : method->call(*this, callable.object, bound);
}

/// Fills a macro's scope as jinja2's runtime.Macro: positions, then names, then defaults; last
/// caller, kwargs and varargs where the body names them.
bool TemplateInterpreter::bindMacro(const Node &node, const Callable &macro,
                                    const Arguments &arguments, TemplateScope &inner) {
  size_t parameters = (node.count() - 1) / 2;
  std::vector<bool> taken(arguments.named.size());
  size_t takenCount = 0;
  auto takeNamed = [&](std::string_view name) -> std::optional<Value> {
    charge(arguments.named.size());
    for (size_t i = 0; i < arguments.named.size(); ++i)
      if (!taken[i] && arguments.named[i].first == name) {
        taken[i] = true;
        ++takenCount;
        return arguments.named[i].second;
      }
    return std::nullopt;
  };
  for (size_t i = 0; i < parameters && !failed(); ++i) {
    const Node *name = child(node, 1 + 2 * i), *otherwise = child(node, 2 + 2 * i);
    if (!name)
      continue;
    std::optional<Value> value;
    if (i < arguments.size())
      value = arguments.values[i];
    else
      value = takeNamed(text(*name));
    if (!value)
      value = otherwise ? evaluate(otherwise) : Undefined{text(*name)};
    inner.variables.emplace_back(text(*name), std::move(*value));
  }
  if (node.op() & 1)
    inner.variables.emplace_back("caller", takeNamed("caller").value_or(Undefined{"caller"}));
  if (node.op() & 4) {
    std::vector<std::pair<Value, Value>> entries;
    for (size_t i = 0; i < taken.size(); ++i)
      if (!taken[i])
        entries.emplace_back(makeText(arguments.named[i].first, true), arguments.named[i].second);
    inner.variables.emplace_back("kwargs", nested(makeDict(std::move(entries))));
  } else if (takenCount < taken.size()) {
    size_t unknown = size_t(std::ranges::find(taken, false) - taken.begin());
    fail(fmt::format("macro '{}' takes no argument '{}'", macro.name,
                     arguments.named[unknown].first));
  }
  if (node.op() & 2)
    inner.variables.emplace_back(
        "varargs", nested(makeList(arguments.from(parameters).values, ListKind::kTuple)));
  else if (arguments.size() > parameters)
    fail(fmt::format("macro '{}' takes at most {} arguments", macro.name, parameters));
  return !failed();
}

Value TemplateInterpreter::callMacro(const Callable &macro, const Arguments &arguments) {
  const Node *node = nodeAt(macro.node);
  if (!node || node->kind() != Kind::Macro || !node->count())
    return fail("the template program is damaged");
  ScopePtr inner = newScope(macro.scope);
  Entered entered(*this, inner);
  bool outerEscapes = std::exchange(escapes, macro.escapes);
  Flow flow = Flow::kNext;
  std::shared_ptr<Text> text;
  if (bindMacro(*node, macro, arguments, *inner))
    text = capture(child(*node, 0), flow);
  escapes = outerEscapes;
  if (!text)
    return Undefined{};
  if (escapes)
    text->setMarkup(true);
  return text;
}

/// `loop(values)`: the recursive loop's body again, one level deeper.
Value TemplateInterpreter::callLoop(Loop &loop, const Arguments &arguments) {
  if (!loop.statement || !loop.scope)
    return fail("the loop is not recursive");
  if (arguments.size() != 1 || !arguments.named.empty())
    return fail("a recursive loop takes one argument");
  const Node &statement = *static_cast<const Node *>(loop.statement);
  auto text = std::make_shared<Text>();
  Text *outer = std::exchange(out, text.get());
  {
    Entered entered(*this, loop.scope);
    Frame frame(*this, statement);
    runLoop(statement, arguments[0], loop.depth + 1);
  }
  out = outer;
  if (escapes)
    text->setMarkup(true);
  return text;
}

} // namespace osscc::rt
