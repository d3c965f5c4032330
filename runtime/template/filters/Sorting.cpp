// Filters that order values, and those that look for equal ones.
#include "runtime/template/Sort.h"
#include "runtime/template/filters/Attributes.h"
#include <algorithm>
#include <fmt/format.h>
#include <unordered_set>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;

struct Keyed {
  Value key, value;
};

/// Python's sorted(): stable, backwards too.
void sortKeyed(In &in, std::vector<Keyed> &keyed, bool backwards) {
  mergeSort(keyed, [&](const Keyed &a, const Keyed &b) {
    if (!in.charge(64))
      return false;
    int order = backwards ? in.compare(b.key, a.key) : in.compare(a.key, b.key);
    return !in.failed() && order < 0;
  });
}

std::vector<Value> valuesOf(std::vector<Keyed> &keyed) {
  std::vector<Value> values;
  for (Keyed &each : keyed)
    values.push_back(std::move(each.value));
  return values;
}

/// sort(reverse, case_sensitive, attribute): the attribute may be several between commas.
Value sort(In &in, const Value &value, const Arguments &arguments) {
  std::vector<AttributeGetter> attributes;
  if (const Text *paths = asText(arguments[2]))
    for (size_t begin = 0, end; begin <= paths->size(); begin = end + 1) {
      end = std::min(paths->view().find(',', begin), paths->size());
      attributes.emplace_back(paths->view().substr(begin, end - begin));
    }
  else
    attributes.emplace_back(arguments[2]);
  std::vector<Keyed> keyed;
  for (Value &each : in.iterate(value)) {
    std::vector<Value> keys;
    for (const AttributeGetter &attribute : attributes)
      keys.push_back(sortingKey(in, attribute(in, each), isTrue(arguments[1])));
    keyed.push_back({in.nested(makeList(std::move(keys))), std::move(each)});
  }
  sortKeyed(in, keyed, isTrue(arguments[0]));
  return makeList(valuesOf(keyed));
}

/// dictsort(case_sensitive, by, reverse).
Value dictSort(In &in, const Value &value, const Arguments &arguments) {
  std::string_view by = arguments.has(1) ? in.textArgument(arguments, 1) : "key";
  if (isUndefined(value))
    return in.failUndefined(value);
  const Dict *dict = asDict(value);
  if (!dict || (by != "key" && by != "value"))
    return in.fail("'dictsort' needs a dict, and 'key' or 'value' to sort by");
  std::vector<Keyed> keyed;
  for (auto &[key, entry] : dict->entries)
    keyed.push_back({sortingKey(in, by == "key" ? key : entry, isTrue(arguments[0])),
                     makeList({key, entry}, ListKind::kTuple)});
  sortKeyed(in, keyed, isTrue(arguments[2]));
  return makeList(valuesOf(keyed));
}

/// groupby(attribute, default, case_sensitive): pairs of a key and its values, sorted by key.
Value groupBy(In &in, const Value &value, const Arguments &arguments) {
  AttributeGetter attribute(arguments[0]);
  bool caseSensitive = isTrue(arguments[2]);
  std::vector<Keyed> keyed;
  for (Value &each : in.iterate(value))
    keyed.push_back(
        {sortingKey(in, attribute(in, each, arguments[1]), caseSensitive), std::move(each)});
  sortKeyed(in, keyed, false);
  std::vector<Value> groups;
  for (size_t begin = 0, end; begin < keyed.size() && !in.failed(); begin = end) {
    std::vector<Value> members;
    for (end = begin; end < keyed.size() && in.equal(keyed[begin].key, keyed[end].key); ++end)
      members.push_back(keyed[end].value);
    if (end == begin) { // NaN equals nothing, itself included
      members.push_back(keyed[end].value);
      ++end;
    }
    Value key = attribute(in, members[0], arguments[1]);
    auto pair = std::make_shared<List>(
        *asList(makeList({key, makeList(std::move(members))}, ListKind::kTuple)));
    pair->isGroup = true;
    groups.push_back(in.nested(std::move(pair)));
  }
  return in.nested(makeList(std::move(groups)));
}

/// unique(case_sensitive, attribute).
Value unique(In &in, const Value &value, const Arguments &arguments) {
  AttributeGetter attribute(arguments[1]);
  std::unordered_set<std::string> texts;
  std::vector<Value> others, kept;
  for (Value &each : in.iterate(value)) {
    Value key = sortingKey(in, attribute(in, each), isTrue(arguments[0]));
    if (in.failed())
      break;
    if (asDict(key) || (asList(key) && asList(key)->kind == ListKind::kList))
      return in.fail(fmt::format("'unique' cannot compare a {}", typeName(key)));
    bool isNew = false;
    if (const Text *text = asText(key)) {
      isNew = in.charge(64 + text->size()) && texts.emplace(text->view()).second;
    } else {
      isNew = in.charge(16) && std::ranges::none_of(others, [&](const Value &known) {
                return in.charge(8) && in.equal(known, key);
              });
      if (isNew)
        others.push_back(std::move(key));
    }
    if (isNew)
      kept.push_back(std::move(each));
  }
  return makeList(std::move(kept), ListKind::kGenerator);
}

/// The first value that no other passes.
Value extreme(In &in, const Value &value, const Arguments &arguments, int wanted) {
  AttributeGetter attribute(arguments[1]);
  std::optional<Keyed> best;
  for (Value &each : in.iterate(value)) {
    Value key = sortingKey(in, attribute(in, each), isTrue(arguments[0]));
    if (!best || in.compare(key, best->key) == wanted)
      best = Keyed{std::move(key), std::move(each)};
    if (in.failed())
      return Undefined{};
  }
  return best ? best->value : Undefined{};
}

Value max(In &in, const Value &value, const Arguments &arguments) {
  return extreme(in, value, arguments, 1);
}
Value min(In &in, const Value &value, const Arguments &arguments) {
  return extreme(in, value, arguments, -1);
}

constexpr TemplateFilter kFilters[] = {
    {"dictsort", dictSort}, {"groupby", groupBy}, {"max", max},
    {"min", min},           {"sort", sort},       {"unique", unique},
};

} // namespace

FilterTable sortingFilters() {
  return kFilters;
}

} // namespace osscc::rt
