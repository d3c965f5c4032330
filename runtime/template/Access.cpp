// Fields, items and slices of values.
#include "runtime/template/Interpreter.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {

static Value loopAttribute(const Loop &loop, std::string_view name) {
  int64_t index = int64_t(loop.index), size = int64_t(loop.items.size());
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
    return loop.items[size_t(index) - 1];
  if (name == "nextitem" && index + 1 < size)
    return loop.items[size_t(index) + 1];
  if (name == "depth" || name == "depth0")
    return int64_t(loop.depth) - (name == "depth0");
  return Undefined{name};
}

/// What objects that are no data have besides methods.
Value TemplateInterpreter::objectAttribute(const Value &object, std::string_view name) {
  if (Loop *const *loop = as<Loop *>(object))
    return loopAttribute(**loop, name);
  if (Namespace *const *space = as<Namespace *>(object)) {
    charge((*space)->entries.size());
    for (auto &[known, value] : (*space)->entries)
      if (known == name)
        return value;
  } else if (Cycler *const *cycler = as<Cycler *>(object)) {
    if (name == "current" && !(*cycler)->isJoiner)
      return (*cycler)->items[(*cycler)->index];
  } else if (const Callable *callable = asCallable(object)) {
    const Node *node = nodeAt(callable->node);
    if (callable->kind == Callable::Kind::kSelf) {
      for (uint32_t i = 0; i < program.nodes()->size() && charge(1); ++i)
        if (nodeAt(i)->kind() == Kind::Block && text(*nodeAt(i)) == name)
          return std::make_shared<const Callable>(
              Callable{Callable::Kind::kBlock, std::string(name), i});
    } else if (callable->kind == Callable::Kind::kMacro && node) {
      if (name == "name")
        return makeText(callable->name, true);
      if (name == "caller" || name == "catch_varargs" || name == "catch_kwargs")
        return (node->op() & (name == "caller" ? 1 : name == "catch_varargs" ? 2 : 4)) != 0;
      if (name == "arguments") {
        std::vector<Value> names;
        for (size_t i = 1; i < node->count(); i += 2)
          if (const Node *parameter = child(*node, i))
            names.push_back(makeText(text(*parameter), true));
        return makeList(std::move(names), ListKind::kTuple);
      }
    }
  }
  return Undefined{name};
}

Value TemplateInterpreter::attribute(const Value &object, std::string_view name) {
  if (failed())
    return Undefined{};
  if (isUndefined(object))
    return failUndefined(object);
  if (hasMethod(object, name)) {
    Callable callable{Callable::Kind::kMethod, std::string(name)};
    callable.object = object;
    callable.method = findMethod(object, name);
    return std::make_shared<const Callable>(std::move(callable));
  }
  if (const Dict *dict = asDict(object)) {
    charge(dict->entries.size());
    if (const Value *value = dict->find(name))
      return *value;
    return Undefined{name};
  }
  if (const List *list = asList(object); list && list->isGroup && list->items.size() == 2) {
    if (name == "grouper" || name == "list")
      return list->items[name == "list"];
  }
  return objectAttribute(object, name);
}

std::vector<Value> TemplateInterpreter::iterate(const Value &value) {
  std::vector<Value> values;
  if (failed() || isUndefined(value))
    return values;
  if (const List *list = asList(value)) {
    if (charge(32 * list->items.size()) &&
        !std::exchange(list->isConsumed, list->kind == ListKind::kGenerator))
      values = list->items;
  } else if (const Dict *dict = asDict(value)) {
    if (charge(32 * dict->entries.size()))
      for (auto &entry : dict->entries)
        values.push_back(entry.first);
  } else if (const Text *text = asText(value)) {
    if (charge(128 * text->size()))
      for (size_t at = 0, bytes = 0; at < text->size(); at += bytes) {
        bytes = codePointBytes(text->view(), at);
        values.push_back(sliceText(*text, at, at + bytes));
      }
  } else {
    fail(fmt::format("a {} cannot be iterated", typeName(value)));
  }
  return values;
}

/// The position that a Python index means, or nothing if it lies outside.
static std::optional<size_t> position(int64_t index, size_t size) {
  if (index < 0)
    index += int64_t(size);
  return index >= 0 && index < int64_t(size) ? std::optional<size_t>(index) : std::nullopt;
}

Value TemplateInterpreter::item(const Value &object, const Value &key) {
  if (failed())
    return Undefined{};
  if (isUndefined(object))
    return failUndefined(object);
  const Text *name = asText(key);
  if (const Dict *dict = asDict(object)) {
    charge(dict->entries.size());
    if (const Value *value = name ? dict->find(name->view()) : dict->find(key))
      return *value;
  } else if (std::optional<int64_t> index = asInteger(key)) {
    if (const List *list = asList(object); list && list->isIndexed()) {
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
  if (!name || asDict(object))
    return name && hasMethod(object, name->view()) ? attribute(object, name->view()) : Undefined{};
  Value value = attribute(object, name->view());
  // The key's text may end before the value does.
  return isUndefined(value) ? Undefined{} : value;
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
    positions.push_back(size_t(at));
    if (__builtin_add_overflow(at, step, &at))
      break;
  }
  return positions;
}

Value TemplateInterpreter::slice(const Node &node) {
  Value object = evaluate(child(node, 0));
  std::optional<int64_t> bounds[3];
  for (size_t i = 0; i < 3; ++i)
    if (const Node *part = child(node, i + 1)) {
      Value value = evaluate(part);
      bounds[i] = asInteger(value);
      if (!bounds[i] && !isNone(value))
        return fail(fmt::format("a slice's bound is {}, expected an integer", typeName(value)));
    }
  int64_t step = bounds[2].value_or(1);
  if (failed())
    return Undefined{};
  if (isUndefined(object))
    return failUndefined(object);
  const List *list = asList(object);
  const Text *text = asText(object);
  if (!text && (!list || !list->isIndexed()))
    return fail(fmt::format("a {} cannot be sliced", typeName(object)));
  if (step == 0)
    return fail("a slice's step is zero");
  if (list) {
    charge(16 * list->items.size());
    std::vector<Value> items;
    for (size_t at : slicePositions(bounds[0], bounds[1], step, int64_t(list->items.size())))
      items.push_back(list->items[at]);
    return makeList(std::move(items),
                    list->kind == ListKind::kRange ? ListKind::kList : list->kind);
  }
  if (!charge(8 * text->size()))
    return Undefined{};
  std::vector<size_t> offsets;
  for (size_t at = 0; at < text->size(); at += codePointBytes(text->view(), at))
    offsets.push_back(at);
  auto result = std::make_shared<Text>();
  for (size_t at : slicePositions(bounds[0], bounds[1], step, int64_t(offsets.size())))
    result->append(*text, offsets[at], offsets[at] + codePointBytes(text->view(), offsets[at]));
  result->setMarkup(text->isMarkup());
  return result;
}

} // namespace osscc::rt
