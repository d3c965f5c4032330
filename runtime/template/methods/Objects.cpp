// Methods of lists, dicts, numbers and loops, and what a value's type has.
#include "runtime/template/Integers.h"
#include "runtime/template/Interpreter.h"
#include <algorithm>
#include <cmath>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;

Value copyList(In &in, const Value &value, const Arguments &) {
  const List &list = *asList(value);
  return in.charge(32 * list.items.size()) ? makeList(list.items, list.kind) : Undefined{};
}

Value countItems(In &in, const Value &value, const Arguments &arguments) {
  return int64_t(std::ranges::count_if(
      asList(value)->items, [&](const Value &item) { return in.equal(item, arguments[0]); }));
}

Value indexOf(In &in, const Value &value, const Arguments &arguments) {
  const std::vector<Value> &items = asList(value)->items;
  int64_t size = int64_t(items.size());
  auto bound = [&](size_t index, int64_t otherwise) {
    int64_t at = in.integerArgument(arguments, index, otherwise);
    return std::clamp<int64_t>(at < 0 ? at + size : at, 0, size);
  };
  for (int64_t at = bound(1, 0), end = bound(2, size); at < end && in.charge(1); ++at)
    if (in.equal(items[size_t(at)], arguments[0]))
      return at;
  return in.fail("the value is not in the list");
}

Value getEntry(In &in, const Value &value, const Arguments &arguments) {
  const Dict &dict = *asDict(value);
  in.charge(dict.entries.size());
  if (asDict(arguments[0]) ||
      (asList(arguments[0]) && asList(arguments[0])->kind == ListKind::kList))
    return in.fail("a list or dict is no key");
  const Text *name = asText(arguments[0]);
  if (const Value *found = name ? dict.find(name->view()) : dict.find(arguments[0]))
    return *found;
  return arguments.has(1) ? arguments[1] : None{};
}

template <ListKind kind> Value view(In &in, const Value &value, const Arguments &) {
  const Dict &dict = *asDict(value);
  std::vector<Value> values;
  if (in.charge(64 * dict.entries.size()))
    for (auto &[key, entry] : dict.entries)
      values.push_back(kind == ListKind::kItems  ? makeList({key, entry}, ListKind::kTuple)
                       : kind == ListKind::kKeys ? key
                                                 : entry);
  return in.nested(makeList(std::move(values), kind));
}

Value copyDict(In &in, const Value &value, const Arguments &) {
  return in.charge(64 * asDict(value)->entries.size()) ? makeDict(asDict(value)->entries)
                                                       : Undefined{};
}

Value fromKeys(In &in, const Value &, const Arguments &arguments) {
  std::vector<std::pair<Value, Value>> entries;
  for (Value &key : in.iterate(arguments[0]))
    if (in.charge(64 + entries.size() * valueWeight(key)) &&
        std::ranges::none_of(entries, [&](auto &entry) { return isEqual(entry.first, key); }))
      entries.emplace_back(std::move(key), arguments.has(1) ? arguments[1] : None{});
  return in.nested(makeDict(std::move(entries)));
}

Value bitLength(In &, const Value &value, const Arguments &) {
  std::string bits = integerDigits(value, 2);
  return int64_t(bits == "0" ? 0 : bits.size());
}

Value isWhole(In &, const Value &value, const Arguments &) {
  double number = asNumber(value).value_or(0);
  return isInteger(value) || (std::isfinite(number) && number == std::trunc(number));
}

Value sameNumber(In &, const Value &value, const Arguments &) {
  return value;
}

/// loop.cycle(a, b, ...).
Value cycle(In &in, const Value &value, const Arguments &arguments) {
  const Loop &loop = **as<Loop *>(value);
  return arguments.size() ? arguments[loop.index % arguments.size()]
                          : in.fail("cycle needs values");
}

/// loop.changed(value...): whether they differ from the last call's.
Value changed(In &in, const Value &value, const Arguments &arguments) {
  Loop &loop = **as<Loop *>(value);
  Value now = in.nested(makeList(arguments.values, ListKind::kTuple));
  bool isSame = loop.last && in.equal(*loop.last, now);
  loop.last = std::move(now);
  return !isSame;
}

Value nextOf(In &, const Value &value, const Arguments &) {
  Cycler &cycler = **as<Cycler *>(value);
  Value current = cycler.items[cycler.index];
  cycler.index = (cycler.index + 1) % cycler.items.size();
  return current;
}

Value reset(In &, const Value &value, const Arguments &) {
  (*as<Cycler *>(value))->index = 0;
  return None{};
}

constexpr TemplateMethod kListMethods[] = {
    {"copy", 0, "", copyList},
    {"count", 1, "value", countItems},
    {"index", 1, "value start stop", indexOf},
};
constexpr TemplateMethod kDictMethods[] = {
    {"copy", 0, "", copyDict},
    {"fromkeys", 1, "iterable value", fromKeys},
    {"get", 1, "key default", getEntry},
    {"items", 0, "", view<ListKind::kItems>},
    {"keys", 0, "", view<ListKind::kKeys>},
    {"values", 0, "", view<ListKind::kValues>},
};
constexpr TemplateMethod kIntegerMethods[] = {
    {"bit_length", 0, "", bitLength},
    {"conjugate", 0, "", sameNumber},
};
constexpr TemplateMethod kFloatMethods[] = {
    {"conjugate", 0, "", sameNumber},
    {"is_integer", 0, "", isWhole},
};
constexpr TemplateMethod kLoopMethods[] = {
    {"changed", 0, "...", changed},
    {"cycle", 0, "...", cycle},
};
constexpr TemplateMethod kCyclerMethods[] = {
    {"next", 0, "", nextOf},
    {"reset", 0, "", reset},
};
/// Those of Python that osscc has not: defined, but not to be called.
constexpr TemplateMethod kMissingTextMethods[] = {{"encode", 0, "...", nullptr},
                                                  {"maketrans", 0, "...", nullptr},
                                                  {"translate", 0, "...", nullptr}};

const TemplateMethod *findIn(MethodTable table, std::string_view name) {
  auto method = std::ranges::find(table, name, &TemplateMethod::name);
  return method == table.end() ? nullptr : &*method;
}

} // namespace

const TemplateMethod *findMethod(const Value &value, std::string_view name) {
  if (asText(value)) {
    const TemplateMethod *method = findIn(textMethods(), name);
    method = method ? method : findIn(textQuestions(), name);
    return method ? method : findIn(kMissingTextMethods, name);
  }
  if (const List *list = asList(value)) {
    if (!list->isIndexed() || (name == "copy" && list->kind != ListKind::kList))
      return nullptr;
    return findIn(kListMethods, name);
  }
  if (asDict(value))
    return findIn(kDictMethods, name);
  if (const Callable *callable = asCallable(value))
    return callable->name == "dict" && name == "fromkeys" ? findIn(kDictMethods, name) : nullptr;
  if (isInteger(value))
    return findIn(kIntegerMethods, name);
  if (as<double>(value))
    return findIn(kFloatMethods, name);
  if (as<Loop *>(value))
    return findIn(kLoopMethods, name);
  if (Cycler *const *cycler = as<Cycler *>(value); cycler && !(*cycler)->isJoiner)
    return findIn(kCyclerMethods, name);
  return nullptr;
}

bool hasMethod(const Value &value, std::string_view name) {
  return findMethod(value, name);
}

} // namespace osscc::rt
