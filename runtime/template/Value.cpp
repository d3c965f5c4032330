// Making, comparing and naming the values of the template renderer.
#include "runtime/template/Value.h"
#include "runtime/template/Integers.h"
#include <algorithm>
#include <limits>

namespace osscc::rt {

const Value *Dict::find(const Value &key) const {
  for (auto &[name, value] : entries)
    if (isEqual(name, key))
      return &value;
  return nullptr;
}

const Value *Dict::find(std::string_view key) const {
  for (auto &[name, value] : entries)
    if (const Text *text = asText(name); text && text->view() == key)
      return &value;
  return nullptr;
}

unsigned valueDepth(const Value &value) {
  if (const List *list = asList(value))
    return list->depth;
  if (const Dict *dict = asDict(value))
    return dict->depth;
  return 0;
}

uint64_t valueWeight(const Value &value) {
  if (const Text *text = asText(value))
    return 1 + text->size() + (text->spans().size() > 1 ? 16 * text->spans().size() : 0);
  if (const List *list = asList(value))
    return list->weight;
  if (const Dict *dict = asDict(value))
    return dict->weight;
  return as<BigPtr>(value) ? integerWeight(value) : 1;
}

static void nest(const Value &child, unsigned &depth, uint64_t &weight) {
  depth = std::max(depth, valueDepth(child) + 1);
  weight = std::min(weight + valueWeight(child), uint64_t(1) << 62);
}

Value makeList(std::vector<Value> items, ListKind kind) {
  auto list = std::make_shared<List>(std::move(items), kind);
  for (const Value &item : list->items)
    nest(item, list->depth, list->weight);
  return list;
}

Value makeDict(std::vector<std::pair<Value, Value>> entries) {
  auto dict = std::make_shared<Dict>(std::move(entries));
  for (auto &[key, value] : dict->entries) {
    nest(key, dict->depth, dict->weight);
    nest(value, dict->depth, dict->weight);
  }
  return dict;
}

std::optional<Value> fromJson(const boost::json::value &json, bool isTemplate, unsigned depth) {
  if (depth >= kMaxValueDepth)
    return std::nullopt;
  switch (json.kind()) {
  case boost::json::kind::null:
    return None{};
  case boost::json::kind::bool_:
    return *json.if_bool();
  case boost::json::kind::int64:
    return *json.if_int64();
  case boost::json::kind::uint64:
    return parseInteger(std::to_string(*json.if_uint64()), 10);
  case boost::json::kind::double_:
    return *json.if_double();
  case boost::json::kind::string:
    return makeText(std::string_view(*json.if_string()), isTemplate);
  case boost::json::kind::array: {
    std::vector<Value> items;
    for (const boost::json::value &item : *json.if_array()) {
      std::optional<Value> value = fromJson(item, isTemplate, depth + 1);
      if (!value)
        return std::nullopt;
      items.push_back(std::move(*value));
    }
    return makeList(std::move(items));
  }
  case boost::json::kind::object: {
    std::vector<std::pair<Value, Value>> entries;
    for (const auto &entry : *json.if_object()) {
      std::optional<Value> value = fromJson(entry.value(), isTemplate, depth + 1);
      if (!value)
        return std::nullopt;
      entries.emplace_back(makeText(std::string_view(entry.key()), isTemplate), std::move(*value));
    }
    return makeDict(std::move(entries));
  }
  }
  return std::nullopt;
}

std::optional<int64_t> asInteger(const Value &value) {
  if (const bool *boolean = as<bool>(value))
    return *boolean;
  if (const int64_t *integer = as<int64_t>(value))
    return *integer;
  return std::nullopt;
}

std::optional<double> asNumber(const Value &value) {
  if (const double *number = as<double>(value))
    return *number;
  if (isInteger(value))
    return integerToDouble(value);
  return std::nullopt;
}

bool isTrue(const Value &value) {
  if (isUndefined(value) || isNone(value))
    return false;
  if (const Text *text = asText(value))
    return text->size() != 0;
  if (const List *list = asList(value))
    return !list->items.empty() || list->kind == ListKind::kGenerator;
  if (const Dict *dict = asDict(value))
    return !dict->entries.empty();
  if (const double *number = as<double>(value))
    return *number != 0;
  if (std::optional<int64_t> integer = asInteger(value))
    return *integer != 0;
  return true;
}

static bool isEqualList(const List &left, const List &right) {
  if (&left == &right)
    return true;
  if (left.kind != right.kind || left.kind > ListKind::kKeys)
    return false;
  if (left.kind == ListKind::kItems || left.kind == ListKind::kKeys)
    // Views of dicts are sets.
    return left.items.size() == right.items.size() &&
           std::ranges::all_of(left.items, [&](const Value &item) {
             return std::ranges::any_of(right.items,
                                        [&](const Value &other) { return isEqual(item, other); });
           });
  return std::ranges::equal(left.items, right.items, isEqual);
}

bool isEqual(const Value &left, const Value &right) {
  if (std::optional<int64_t> a = asInteger(left), b = asInteger(right); a && b)
    return *a == *b;
  if (std::optional<double> a = asNumber(left), b = asNumber(right); a && b)
    return *a == *b && compareNumbers(left, right) == 0;
  if (left.index() != right.index())
    return false;
  if (const Text *a = asText(left))
    return a->view() == asText(right)->view();
  if (const List *a = asList(left))
    return isEqualList(*a, *asList(right));
  if (const Dict *a = asDict(left)) {
    const Dict *b = asDict(right);
    return a == b || (a->entries.size() == b->entries.size() &&
                      std::ranges::all_of(a->entries, [&](auto &entry) {
                        const Value *other = b->find(entry.first);
                        return other && isEqual(entry.second, *other);
                      }));
  }
  if (Namespace *const *a = as<Namespace *>(left))
    return *a == *as<Namespace *>(right);
  if (Loop *const *a = as<Loop *>(left))
    return *a == *as<Loop *>(right);
  if (Cycler *const *a = as<Cycler *>(left))
    return *a == *as<Cycler *>(right);
  if (const CallablePtr *a = as<CallablePtr>(left))
    return *a == *as<CallablePtr>(right) ||
           ((*a)->kind == Callable::Kind::kFunction && (*a)->name == asCallable(right)->name);
  return isUndefined(left) || isNone(left);
}

std::string_view typeName(const Value &value) {
  static constexpr std::string_view names[] = {
      "Undefined", "NoneType", "bool",      "int",         "int",    "float",   "str",
      "list",      "dict",     "Namespace", "LoopContext", "Cycler", "function"};
  static_assert(std::size(names) == std::variant_size_v<Value>);
  static constexpr std::string_view lists[] = {"list",      "tuple",       "range",    "dict_items",
                                               "dict_keys", "dict_values", "generator"};
  if (const List *list = asList(value))
    return lists[size_t(list->kind)];
  if (const Callable *callable = asCallable(value))
    return callable->kind == Callable::Kind::kMacro ? "Macro" : "function";
  return names[value.index()];
}

} // namespace osscc::rt
