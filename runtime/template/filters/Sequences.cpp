// Filters of lists, dicts and text as sequences.
#include "runtime/template/Markup.h"
#include "runtime/template/filters/Attributes.h"
#include "runtime/template/filters/Join.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;

bool isGenerator(const Value &value) {
  return asList(value) && asList(value)->kind == ListKind::kGenerator;
}

Value generator(In &in, std::vector<Value> items) {
  return in.nested(makeList(std::move(items), ListKind::kGenerator));
}

Value attr(In &in, const Value &value, const Arguments &arguments) {
  Value found = in.attribute(value, in.textArgument(arguments, 0));
  // An attribute only, no entry: entries of a dict do not count.
  bool isEntry = asDict(value) && !asCallable(found);
  return isUndefined(found) || isEntry ? Undefined{} : found;
}

Value defaultTo(In &, const Value &value, const Arguments &arguments) {
  bool missing = isUndefined(value) || (isTrue(arguments[1]) && !isTrue(value));
  if (!missing)
    return value;
  return arguments.has(0) ? arguments[0] : makeText("", true);
}

Value length(In &in, const Value &value, const Arguments &) {
  if (const Text *text = asText(value))
    return in.charge(text->size()) ? int64_t(codePoints(text->view())) : int64_t(0);
  if (const Dict *dict = asDict(value))
    return int64_t(dict->entries.size());
  if (isUndefined(value))
    return int64_t(0);
  if (Loop *const *loop = as<Loop *>(value))
    return int64_t((*loop)->items.size());
  if (!asList(value) || isGenerator(value))
    return in.fail(fmt::format("a {} has no length", typeName(value)));
  return int64_t(asList(value)->items.size());
}

Value first(In &in, const Value &value, const Arguments &) {
  std::vector<Value> values = in.iterate(value);
  return values.empty() ? Undefined{} : values.front();
}

Value last(In &in, const Value &value, const Arguments &) {
  if (isGenerator(value))
    return in.fail("'last' needs a list: put '| list' before it");
  std::vector<Value> values = in.iterate(value);
  return values.empty() ? Undefined{} : values.back();
}

Value list(In &in, const Value &value, const Arguments &) {
  return makeList(in.iterate(value));
}

Value items(In &in, const Value &value, const Arguments &) {
  if (isUndefined(value))
    return makeList({}, ListKind::kGenerator);
  const Dict *dict = asDict(value);
  if (!dict)
    return in.fail(fmt::format("a {} has no items", typeName(value)));
  std::vector<Value> pairs;
  if (in.charge(64 * dict->entries.size()))
    for (auto &[key, entry] : dict->entries)
      pairs.push_back(makeList({key, entry}, ListKind::kTuple));
  return generator(in, std::move(pairs));
}

Value reverse(In &in, const Value &value, const Arguments &) {
  std::vector<Value> values = in.iterate(value);
  std::ranges::reverse(values);
  if (const Text *text = asText(value)) {
    auto result = std::make_shared<Text>();
    for (const Value &letter : values)
      result->append(*asText(letter));
    result->setMarkup(text->isMarkup());
    return result;
  }
  return isGenerator(value) ? makeList(std::move(values)) : generator(in, std::move(values));
}

Value join(In &in, const Value &value, const Arguments &arguments) {
  std::vector<Value> values = in.iterate(value);
  AttributeGetter attribute(arguments[1]);
  for (Value &each : values)
    each = attribute(in, std::move(each));
  TextPtr separator = arguments.has(0) ? toText(arguments[0]) : std::make_shared<const Text>();
  return joinTexts(in, *separator, values, in.isEscaping());
}

Value sum(In &in, const Value &value, const Arguments &arguments) {
  AttributeGetter attribute(arguments[0]);
  Value sum = arguments.has(1) ? arguments[1] : Value(int64_t(0));
  if (asText(sum))
    return in.fail("'sum' cannot join text: use 'join'");
  for (const Value &each : in.iterate(value))
    sum = in.failed() ? Undefined{}
                      : in.binary(bundle::TemplateOperator::Add, sum, attribute(in, each));
  return sum;
}

/// batch(linecount, fill_with): lists of `linecount` values.
Value batch(In &in, const Value &value, const Arguments &arguments) {
  int64_t count = in.integerArgument(arguments, 0, 0);
  std::vector<Value> batches, batch;
  for (Value &each : in.iterate(value)) {
    if (int64_t(batch.size()) == count)
      batches.push_back(in.nested(makeList(std::exchange(batch, {}))));
    batch.push_back(std::move(each));
  }
  if (!batch.empty()) {
    bool fills = arguments.has(1) && !isNone(arguments[1]);
    while (fills && int64_t(batch.size()) < count && in.charge(32))
      batch.push_back(arguments[1]);
    batches.push_back(in.nested(makeList(std::move(batch))));
  }
  return generator(in, std::move(batches));
}

/// slice(slices, fill_with): `slices` lists of nearly the same length.
Value slice(In &in, const Value &value, const Arguments &arguments) {
  int64_t slices = in.integerArgument(arguments, 0, 0);
  std::vector<Value> values = in.iterate(value), columns;
  if (slices == 0)
    return in.fail("division by zero");
  bool fills = arguments.has(1) && !isNone(arguments[1]);
  for (int64_t i = 0, at = 0, size = int64_t(values.size()); i < slices && in.charge(64); ++i) {
    bool isLonger = i < size % slices;
    int64_t end = at + size / slices + isLonger;
    std::vector<Value> column(values.begin() + at, values.begin() + end);
    if (fills && !isLonger)
      column.push_back(arguments[1]);
    columns.push_back(in.nested(makeList(std::move(column))));
    at = end;
  }
  return generator(in, std::move(columns));
}

constexpr TemplateFilter kFilters[] = {
    {"attr", attr, true},         {"batch", batch, true},
    {"count", length, true},      {"d", defaultTo, true},
    {"default", defaultTo, true}, {"first", first, true},
    {"items", items, true},       {"join", join},
    {"last", last, true},         {"length", length, true},
    {"list", list, true},         {"reverse", reverse, true},
    {"slice", slice, true},       {"sum", sum},
};

} // namespace

FilterTable sequenceFilters() {
  return kFilters;
}

Value joinTexts(TemplateInterpreter &in, const Text &separator, const std::vector<Value> &values,
                bool keepsMarkup) {
  bool isMarkup =
      keepsMarkup && (separator.isMarkup() || std::ranges::any_of(values, [](const Value &value) {
                        return asText(value) && asText(value)->isMarkup();
                      }));
  Text between = isMarkup ? escapeMarkup(separator) : separator;
  auto result = std::make_shared<Text>();
  for (size_t i = 0; i < values.size(); ++i) {
    if (!in.charge(16 + between.size() + 16 * between.spans().size() +
                   (isMarkup ? 6 : 1) * valueWeight(values[i])))
      return Undefined{};
    if (i)
      result->append(between);
    TextPtr part = toText(values[i]);
    result->append(isMarkup ? escapeMarkup(*part) : *part);
  }
  result->setMarkup(isMarkup);
  return result;
}

} // namespace osscc::rt
