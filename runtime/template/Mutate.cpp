// list.append() and other methods that change a list or dict. transformers' sandbox forbids them,
// llama.cpp runs them, and published templates use them. Values here never change: the variable
// that the method is called on gets a new one, in place where nothing else holds the old one. So a
// value cannot contain itself.
#include "runtime/template/Interpreter.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

struct Change {
  TemplateInterpreter &in;
  const Arguments &arguments;
  Value result = None{};

  int64_t size(const std::vector<Value> &items) const { return int64_t(items.size()); }

  void append(std::vector<Value> &items) { items.push_back(arguments[0]); }
  void clear(std::vector<Value> &items) { items.clear(); }
  void extend(std::vector<Value> &items) {
    std::vector<Value> more = in.iterate(arguments[0]);
    items.insert(items.end(), more.begin(), more.end());
  }
  void insert(std::vector<Value> &items) {
    int64_t at = in.integerArgument(arguments, 0, 0);
    at = std::clamp<int64_t>(at < 0 ? at + size(items) : at, 0, size(items));
    items.insert(items.begin() + at, arguments[1]);
  }
  void pop(std::vector<Value> &items) {
    int64_t at = in.integerArgument(arguments, 0, -1);
    at = at < 0 ? at + size(items) : at;
    if (at < 0 || at >= size(items)) {
      in.fail("pop from an empty list, or of an index out of range");
      return;
    }
    result = items[size_t(at)];
    items.erase(items.begin() + at);
  }
  void remove(std::vector<Value> &items) {
    auto at = std::ranges::find_if(items, [&](auto &item) { return in.equal(item, arguments[0]); });
    if (at == items.end())
      in.fail("the value to remove is not in the list");
    else
      items.erase(at);
  }
  void reverse(std::vector<Value> &items) { std::ranges::reverse(items); }
};

struct ListMethod {
  TemplateCallable callable;
  void (Change::*run)(std::vector<Value> &items);
};

constexpr ListMethod kListMethods[] = {
    {{"append", 1, "object"}, &Change::append},   {{"clear", 0, ""}, &Change::clear},
    {{"extend", 1, "iterable"}, &Change::extend}, {{"insert", 2, "index object"}, &Change::insert},
    {{"pop", 0, "index"}, &Change::pop},          {{"remove", 1, "value"}, &Change::remove},
    {{"reverse", 0, ""}, &Change::reverse},
};
constexpr TemplateCallable kDictMethods[] = {{"clear", 0, ""},
                                             {"pop", 1, "key default"},
                                             {"setdefault", 1, "key default"},
                                             {"update", 0, "..."}};

using Entries = std::vector<std::pair<Value, Value>>;

void setEntry(TemplateInterpreter &in, Entries &entries, const Value &key, const Value &value) {
  in.charge(entries.size() + valueWeight(key));
  auto known =
      std::ranges::find_if(entries, [&](auto &entry) { return isEqual(entry.first, key); });
  if (known != entries.end())
    known->second = value;
  else
    entries.emplace_back(key, value);
}

Value changeDict(TemplateInterpreter &in, std::string_view name, Entries &entries,
                 const Arguments &arguments) {
  if (name == "clear")
    entries.clear();
  if (name == "update") {
    if (const Dict *more = asDict(arguments[0]))
      for (auto &[key, value] : more->entries)
        setEntry(in, entries, key, value);
    else if (arguments.size())
      in.fail("update() needs a dict");
    for (auto &[key, value] : arguments.named)
      setEntry(in, entries, makeText(key, true), value);
  }
  if (name != "pop" && name != "setdefault")
    return None{};
  auto known = std::ranges::find_if(
      entries, [&](auto &entry) { return isEqual(entry.first, arguments[0]); });
  Value otherwise = arguments.has(1) ? arguments[1] : None{};
  if (known == entries.end()) {
    if (name == "setdefault")
      entries.emplace_back(arguments[0], otherwise);
    else if (!arguments.has(1))
      in.fail("pop of a key that the dict has not");
    return otherwise;
  }
  Value value = known->second;
  if (name == "pop")
    entries.erase(known);
  return value;
}

} // namespace

/// Where a variable or a namespace's attribute lives; null for anything else.
Value *TemplateInterpreter::place(const Node &node) {
  if (node.kind() == Kind::Name) {
    for (TemplateScope *at = scope.get(); at; at = at->parent.get()) {
      charge(1 + at->variables.size());
      for (auto &[known, value] : at->variables)
        if (known == text(node))
          return &value;
    }
    return nullptr;
  }
  if (node.kind() != Kind::Attribute)
    return nullptr;
  Value object = evaluate(child(node, 0));
  Namespace *const *space = as<Namespace *>(object);
  if (space && charge((*space)->entries.size()))
    for (auto &[known, value] : (*space)->entries)
      if (known == text(node))
        return &value;
  return nullptr;
}

/// Puts a value where the expression `node` finds it: a variable, or an entry of a dict or list
/// that is stored in its turn. What is stored nowhere is dropped.
void TemplateInterpreter::store(const Node &node, Value value) {
  if (Value *at = place(node)) {
    *at = std::move(value);
    return;
  }
  const Node *holder = child(node, 0);
  if (failed() || !holder || (node.kind() != Kind::Attribute && node.kind() != Kind::Item))
    return;
  Value object = evaluate(holder);
  Value key = node.kind() == Kind::Item ? evaluate(child(node, 1)) : makeText(text(node), true);
  if (const Dict *dict = asDict(object)) {
    charge(32 * dict->entries.size());
    Entries entries = dict->entries;
    setEntry(*this, entries, key, value);
    store(*holder, nested(makeDict(std::move(entries))));
  } else if (const List *list = asList(object); list && asInteger(key)) {
    charge(32 * list->items.size());
    std::vector<Value> items = list->items;
    int64_t at = *asInteger(key), size = int64_t(items.size());
    at = at < 0 ? at + size : at;
    if (at >= 0 && at < size)
      items[size_t(at)] = std::move(value);
    store(*holder, nested(makeList(std::move(items), list->kind)));
  }
}

/// `object.method(...)` if the method changes lists or dicts and the object is one; else nothing.
std::optional<Value> TemplateInterpreter::mutate(const Node &node, std::string_view name,
                                                 const Node &call) {
  auto change = std::ranges::find(kListMethods, name,
                                  [](const ListMethod &method) { return method.callable.name; });
  auto dictChange = std::ranges::find(kDictMethods, name, &TemplateCallable::name);
  if (change == std::end(kListMethods) && dictChange == std::end(kDictMethods))
    return std::nullopt;
  Value object = evaluate(&node);
  const List *list = asList(object);
  if (failed() || (list && (list->kind != ListKind::kList || change == std::end(kListMethods))) ||
      (!list && (!asDict(object) || dictChange == std::end(kDictMethods))))
    return failed() ? std::optional<Value>(Undefined{}) : std::nullopt;
  Arguments arguments = bind(list ? change->callable : *dictChange, evaluateArguments(call));
  if (failed())
    return Undefined{};
  if (!list) {
    charge(32 * asDict(object)->entries.size());
    Entries entries = asDict(object)->entries;
    Value result = changeDict(*this, name, entries, arguments);
    store(node, nested(makeDict(std::move(entries))));
    return result;
  }
  Change todo{*this, arguments};
  // Appending to a list that only its variable holds takes no copy.
  if (Value *at = name == "append" ? place(node) : nullptr; at && !failed()) {
    object = None{};
    ListPtr *held = std::get_if<ListPtr>(at);
    if (!held || (*held)->kind != ListKind::kList)
      return fail("an argument of append() replaced the list");
    if (held->use_count() == 1) {
      List &own = const_cast<List &>(**held);
      own.depth = std::max(own.depth, valueDepth(arguments[0]) + 1);
      own.weight = std::min(own.weight + valueWeight(arguments[0]), uint64_t(1) << 62);
      if (own.depth > kMaxValueDepth)
        return fail("lists nest too deeply");
      own.items.push_back(arguments[0]);
      return None{};
    }
    object = *at;
    list = asList(object);
  }
  charge(32 * list->items.size());
  std::vector<Value> items = list->items;
  (todo.*change->run)(items);
  store(node, nested(makeList(std::move(items))));
  return todo.result;
}

} // namespace osscc::rt
