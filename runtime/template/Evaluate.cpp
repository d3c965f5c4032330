// Expressions of a chat template: literals, names, fields, slices, conditions, calls of macros.
#include "runtime/template/Interpreter.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {

using Operator = bundle::TemplateOperator;

Value TemplateInterpreter::evaluate(const Node *node) {
  if (!node || failed())
    return Undefined{};
  Frame frame(*this, *node);
  switch (node->kind()) {
  case Kind::String: {
    if (node->text() >= literals.size())
      return fail("the template program is damaged");
    TextPtr &literal = literals[node->text()];
    if (!literal)
      literal = std::make_shared<const Text>(text(*node), /*isTemplate=*/true);
    return literal;
  }
  case Kind::Integer:
    return node->integer();
  case Kind::Float:
    return node->number();
  case Kind::Boolean:
    return node->integer() != 0;
  case Kind::None:
    return None{};
  case Kind::Name:
    return evaluateName(*node);
  case Kind::List:
    return nested(
        makeList(evaluateChildren(*node), node->op() ? ListKind::kTuple : ListKind::kList));
  case Kind::Dict:
    return evaluateDict(*node);
  case Kind::Attribute: {
    Value object = evaluate(child(*node, 0));
    return attribute(object, text(*node));
  }
  case Kind::Item: {
    Value object = evaluate(child(*node, 0)), key = evaluate(child(*node, 1));
    Value value = item(object, key);
    const Node *name = child(*node, 1);
    if (isUndefined(value) && name && name->kind() == Kind::String)
      return Undefined{text(*name)};
    return value;
  }
  case Kind::Slice:
    return slice(*node);
  case Kind::Not:
    return !isTrue(evaluate(child(*node, 0)));
  case Kind::And:
  case Kind::Or: {
    Value left = evaluate(child(*node, 0));
    return isTrue(left) == (node->kind() == Kind::Or) ? left : evaluate(child(*node, 1));
  }
  case Kind::Binary: {
    Value left = evaluate(child(*node, 0)), right = evaluate(child(*node, 1));
    return failed() ? Undefined{} : binary(Operator(node->op()), left, right);
  }
  case Kind::Unary:
    return unary(Operator(node->op()), evaluate(child(*node, 0)));
  case Kind::Concat:
    return evaluateConcat(*node);
  case Kind::Condition:
    return evaluate(child(*node, isTrue(evaluate(child(*node, 0))) ? 1 : 2));
  case Kind::Filter:
  case Kind::Test:
  case Kind::Method: {
    std::vector<Value> values = evaluateChildren(*node);
    if (failed() || values.empty())
      return Undefined{};
    Arguments arguments = std::span(values).subspan(1);
    if (node->kind() == Kind::Filter)
      return filter(bundle::TemplateFilter(node->op()), values[0], arguments);
    if (node->kind() == Kind::Test)
      return test(node->op(), values[0], arguments);
    return method(bundle::TemplateMethod(node->op()), values[0], arguments);
  }
  case Kind::MapFilter:
  case Kind::MapAttribute:
    return evaluateMap(*node);
  case Kind::Select:
    return evaluateSelect(*node);
  case Kind::Function:
    return callFunction(*node);
  case Kind::CallMacro:
    return callMacro(*node);
  default:
    return fail("the template program is damaged");
  }
}

std::vector<Value> TemplateInterpreter::evaluateChildren(const Node &node, size_t from) {
  std::vector<Value> values;
  for (size_t i = from; i < node.count() && !failed(); ++i)
    values.push_back(evaluate(child(node, i)));
  return values;
}

/// Scopes from the inside out, then the context, then functions.
Value TemplateInterpreter::evaluateName(const Node &node) {
  std::string_view name = text(node);
  for (Scope *at = scope; at; at = at->parent) {
    charge(1 + at->variables.size());
    for (auto &[known, value] : at->variables)
      if (known == name)
        return value;
  }
  for (std::string_view function :
       {"range", "namespace", "dict", "raise_exception", "strftime_now"})
    if (name == function)
      return Callable{function};
  return Undefined{name};
}

Value TemplateInterpreter::evaluateDict(const Node &node) {
  std::vector<std::pair<Value, Value>> entries;
  for (size_t i = 0; i + 1 < node.count() && !failed(); i += 2) {
    Value key = evaluate(child(node, i)), value = evaluate(child(node, i + 1));
    if (valueDepth(key))
      return fail(fmt::format("a {} cannot be a dict's key", typeName(key)));
    charge(entries.size() * valueWeight(key));
    auto known = std::ranges::find_if(entries, [&](auto &e) { return isEqual(e.first, key); });
    if (known != entries.end())
      known->second = std::move(value);
    else
      entries.emplace_back(std::move(key), std::move(value));
  }
  return nested(makeDict(std::move(entries)));
}

Value TemplateInterpreter::evaluateConcat(const Node &node) {
  auto result = std::make_shared<Text>();
  for (size_t i = 0; i < node.count() && !failed(); ++i) {
    Value value = evaluate(child(node, i));
    if (charge(valueWeight(value)))
      result->append(*toText(value));
  }
  return result;
}

Value TemplateInterpreter::attribute(const Value &object, std::string_view name) {
  if (isUndefined(object))
    return failUndefined(object);
  if (Loop *const *loop = as<Loop *>(object))
    return loopAttribute(**loop, name);
  if (Namespace *const *space = as<Namespace *>(object)) {
    charge((*space)->entries.size());
    for (auto &[known, value] : (*space)->entries)
      if (known == name)
        return value;
    return Undefined{name};
  }
  if (hasMethod(object, name))
    return Callable{name};
  if (const Dict *dict = asDict(object)) {
    charge(dict->entries.size());
    if (const Value *value = dict->find(name))
      return *value;
  }
  return Undefined{name};
}

Value TemplateInterpreter::loopAttribute(const Loop &loop, std::string_view name) {
  int64_t index = loop.index, size = loop.items.size();
  if (name == "index")
    return index + 1;
  if (name == "index0")
    return index;
  if (name == "revindex")
    return size - index;
  if (name == "revindex0")
    return size - index - 1;
  if (name == "first")
    return index == 0;
  if (name == "last")
    return index == size - 1;
  if (name == "length")
    return size;
  if (name == "previtem" && index > 0 && index <= size)
    return loop.items[index - 1];
  if (name == "nextitem" && index + 1 < size)
    return loop.items[index + 1];
  if (name == "depth" || name == "depth0")
    return int64_t(name == "depth");
  return Undefined{name};
}

/// The position that a Python index means, or nothing if it lies outside.
static std::optional<size_t> position(int64_t index, size_t size) {
  if (index < 0)
    index += int64_t(size);
  return index >= 0 && index < int64_t(size) ? std::optional<size_t>(index) : std::nullopt;
}

/// object[key]; as in Jinja, a name that is no entry may still be a method.
Value TemplateInterpreter::item(const Value &object, const Value &key) {
  if (isUndefined(object))
    return failUndefined(object);
  const Text *name = asText(key);
  if (const Dict *dict = asDict(object)) {
    charge(dict->entries.size());
    if (const Value *value = name ? dict->find(name->view()) : dict->find(key))
      return *value;
    return name && hasMethod(object, name->view()) ? Value(Callable{"method"}) : Undefined{};
  }
  if (std::optional<int64_t> index = asInteger(key)) {
    if (const List *list = asList(object); list && list->kind < ListKind::kItems) {
      std::optional<size_t> at = position(*index, list->items.size());
      return at ? list->items[*at] : Undefined{};
    }
    if (const Text *text = asText(object)) {
      charge(text->size());
      std::optional<size_t> at = position(*index, codePoints(text->view()));
      if (!at)
        return Undefined{};
      size_t begin = codePointOffset(text->view(), *at);
      return sliceText(*text, begin, begin + codePointBytes(text->view(), begin));
    }
  }
  if (name && (as<Loop *>(object) || as<Namespace *>(object)))
    return attribute(object, name->view());
  return name && hasMethod(object, name->view()) ? Value(Callable{"method"}) : Undefined{};
}

/// The positions that start:stop:step selects among `size`, as Python's slice.indices.
static std::vector<size_t> slicePositions(std::optional<int64_t> start, std::optional<int64_t> stop,
                                          int64_t step, int64_t size) {
  int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  auto clamp = [&](std::optional<int64_t> at, int64_t otherwise) {
    return at ? std::clamp(*at < 0 ? *at + size : *at, low, high) : otherwise;
  };
  int64_t from = clamp(start, step > 0 ? low : high), to = clamp(stop, step > 0 ? high : low);
  std::vector<size_t> positions;
  for (int64_t at = from; step > 0 ? at < to : at > to;) {
    positions.push_back(at);
    if (__builtin_add_overflow(at, step, &at))
      break;
  }
  return positions;
}

Value TemplateInterpreter::slice(const Node &node) {
  Value object = evaluate(child(node, 0));
  std::optional<int64_t> bounds[3];
  for (int i = 0; i < 3; ++i)
    if (const Node *part = child(node, i + 1)) {
      Value value = evaluate(part);
      bounds[i] = asInteger(value);
      if (!bounds[i] && !isNone(value))
        return fail(fmt::format("a slice's bound is {}, expected an integer", typeName(value)));
    }
  int64_t step = bounds[2].value_or(1);
  if (isUndefined(object) && !failed())
    return failUndefined(object);
  if (step == 0)
    return fail("a slice's step is zero");
  if (const List *list = asList(object); list && list->kind < ListKind::kItems) {
    charge(16 * list->items.size());
    std::vector<Value> items;
    for (size_t at : slicePositions(bounds[0], bounds[1], step, list->items.size()))
      items.push_back(list->items[at]);
    return makeList(std::move(items), list->kind);
  }
  const Text *text = asText(object);
  if (!text)
    return failed() ? Undefined{} : fail(fmt::format("a {} cannot be sliced", typeName(object)));
  if (!charge(8 * text->size()))
    return Undefined{};
  std::vector<size_t> offsets;
  for (size_t at = 0; at < text->size(); at += codePointBytes(text->view(), at))
    offsets.push_back(at);
  auto result = std::make_shared<Text>();
  for (size_t at : slicePositions(bounds[0], bounds[1], step, offsets.size()))
    result->append(*text, offsets[at], offsets[at] + codePointBytes(text->view(), offsets[at]));
  return result;
}

/// Fills a macro's scope from a call's arguments, then from the parameters' defaults.
bool TemplateInterpreter::bindMacro(const Node &macro, const Node &call, Scope &inner) {
  size_t parameters = (macro.count() - 1) / 2;
  std::vector<std::optional<Value>> bound(parameters);
  for (size_t i = 1; i < call.count() && !failed(); ++i) {
    const Node *argument = child(call, i);
    size_t slot = i - 1;
    bool named = argument && argument->kind() == Kind::Keyword;
    if (named && charge(parameters))
      for (slot = 0; slot < parameters; ++slot)
        if (const Node *name = child(macro, 1 + 2 * slot); name && text(*name) == text(*argument))
          break;
    if (slot >= parameters || bound[slot]) {
      fail(fmt::format("macro '{}' takes no such argument", text(macro)));
      return false;
    }
    bound[slot] = evaluate(named ? child(*argument, 0) : argument);
  }
  Scope *outer = std::exchange(scope, &inner);
  for (size_t i = 0; i < parameters && !failed(); ++i)
    if (const Node *name = child(macro, 1 + 2 * i)) {
      Value value = bound[i] ? std::move(*bound[i]) : evaluate(child(macro, 2 + 2 * i));
      if (const Undefined *missing = as<Undefined>(value); missing && missing->name.empty())
        value = Undefined{text(*name)};
      inner.variables.emplace_back(text(*name), std::move(value));
    }
  scope = outer;
  return !failed();
}

Value TemplateInterpreter::callMacro(const Node &node) {
  Value callee = evaluate(child(node, 0));
  const Macro *macro = as<Macro>(callee);
  if (failed())
    return Undefined{};
  if (!macro)
    return isUndefined(callee) ? failUndefined(callee)
                               : fail(fmt::format("a {} cannot be called", typeName(callee)));
  const Node &definition = *program.nodes()->Get(macro->node);
  Scope inner{&globals};
  if (!definition.count() || !bindMacro(definition, node, inner))
    return Undefined{};
  Scope *outer = std::exchange(scope, &inner);
  TextPtr result = capture(child(definition, 0));
  scope = outer;
  return result;
}

} // namespace osscc::rt
