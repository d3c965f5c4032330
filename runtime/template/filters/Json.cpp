// Filters that read and write values as text: JSON, and Python's pprint.
#include "runtime/template/Interpreter.h"
#include "runtime/template/PrettyPrint.h"
#include "runtime/template/ReadJson.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;

/// Longer indents and separators are refused: they would come at every part.
constexpr size_t kMaxSeparator = 16;

/// tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False) of Hugging Face: no
/// HTML escapes.
Value toJsonText(In &in, const Value &value, const Arguments &arguments) {
  JsonStyle style;
  style.ascii = isTrue(arguments[0]);
  style.sortKeys = isTrue(arguments[3]);
  if (const Text *text = asText(arguments[1]))
    style.indent = text->view();
  else if (arguments.has(1) && !isNone(arguments[1]))
    style.indent = std::string(
        size_t(std::clamp<int64_t>(in.integerArgument(arguments, 1, 0), 0, kMaxSeparator)), ' ');
  if (style.indent)
    style.itemSeparator = ",";
  if (arguments.has(2) && !isNone(arguments[2])) {
    const List *pair = asList(arguments[2]);
    if (!pair || pair->items.size() != 2)
      return in.fail("tojson's separators are no pair");
    Arguments parts{pair->items};
    style.itemSeparator = in.textArgument(parts, 0);
    style.keySeparator = in.textArgument(parts, 1);
  }
  if (style.indent.value_or("").size() > kMaxSeparator ||
      style.itemSeparator.size() > kMaxSeparator || style.keySeparator.size() > kMaxSeparator)
    return in.fail("tojson's indent or separators are longer than 16 bytes");
  // Six bytes for a control character, and the indents of every part.
  if (!in.charge(8 * valueWeight(value)) ||
      (style.indent && !in.charge(16 * valueDepth(value) * valueWeight(value))))
    return Undefined{};
  std::string_view culprit;
  std::optional<std::string> text = toJson(value, style, culprit);
  if (!text)
    return in.fail(fmt::format("tojson cannot write a value of type {}", culprit));
  return makeText(*text, /*isTemplate=*/false);
}

/// from_json, which vLLM and others give templates: json.loads().
Value fromJsonText(In &in, const Value &value, const Arguments &) {
  const Text *text = asText(value);
  if (!text || !in.charge(64 * text->size()))
    return in.fail(fmt::format("'from_json' needs text, found a {}", typeName(value)));
  Result<Value> result = readJson(text->view(), /*isTemplate=*/false);
  return result ? *result : in.fail("'from_json' found no JSON: " + result.error().message);
}

Value prettyPrint(In &in, const Value &value, const Arguments &) {
  if (!in.charge(100 * valueWeight(value)))
    return Undefined{};
  std::optional<std::string> text = prettyText(value);
  return text ? makeText(*text, false) : in.fail("'pprint' cannot break a long text here");
}

constexpr TemplateFilter kFilters[] = {
    {"from_json", fromJsonText},
    {"pprint", prettyPrint},
    {"tojson", toJsonText},
};

} // namespace

FilterTable jsonFilters() {
  return kFilters;
}

} // namespace osscc::rt
