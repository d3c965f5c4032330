// Filters that make HTML and addresses.
#include "runtime/template/Interpreter.h"
#include "runtime/template/Markup.h"
#include "runtime/template/filters/Urlize.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;

Value shared(Text text) {
  return std::make_shared<const Text>(std::move(text));
}

Value escape(In &in, const Value &value, const Arguments &) {
  return in.charge(6 * valueWeight(value)) ? shared(escapeMarkup(*toText(value))) : Undefined{};
}

Value forceEscape(In &in, const Value &value, const Arguments &) {
  return in.charge(6 * valueWeight(value)) ? shared(forceEscapeMarkup(*toText(value)))
                                           : Undefined{};
}

Value safe(In &, const Value &value, const Arguments &) {
  auto markup = std::make_shared<Text>(*toText(value));
  markup->setMarkup(true);
  return markup;
}

Value stripTagsOf(In &in, const Value &value, const Arguments &) {
  return in.charge(8 * valueWeight(value)) ? shared(stripTags(*toText(value))) : Undefined{};
}

/// xmlattr(autospace=True): ` key="value"` for each entry that is there.
Value xmlAttributes(In &in, const Value &value, const Arguments &arguments) {
  const Dict *dict = asDict(value);
  if (!dict)
    return in.fail(fmt::format("'xmlattr' needs a dict, found a {}", typeName(value)));
  auto result = std::make_shared<Text>();
  bool autospace = !arguments.has(0) || isTrue(arguments[0]);
  for (auto &[key, entry] : dict->entries) {
    if (isNone(entry) || isUndefined(entry) ||
        !in.charge(16 + 6 * (valueWeight(key) + valueWeight(entry))))
      continue;
    const Text *name = asText(key);
    if (!name || name->view().find_first_of(" \t\n\r\f\v/>=") != std::string_view::npos)
      return in.fail("an attribute's name has a character that is not allowed");
    if (autospace || result->size())
      result->append(" ", true);
    result->append(escapeMarkup(*name));
    result->append("=\"", true);
    result->append(escapeMarkup(*toText(entry)));
    result->append("\"", true);
  }
  result->setMarkup(in.isEscaping());
  return result;
}

/// A text's bytes in an address; in a query a space is a plus sign.
Text quoted(const Text &text, bool inQuery) {
  Text result;
  for (const TokenSpan &span : text.spans()) {
    std::string bytes;
    for (char c : text.view().substr(span.begin, span.end - span.begin)) {
      bool isPlain =
          std::isalnum(uint8_t(c)) || std::string_view("_.-~").find(c) != std::string_view::npos;
      if (isPlain || (c == '/' && !inQuery))
        bytes += c;
      else if (c == ' ' && inQuery)
        bytes += '+';
      else
        bytes += fmt::format("%{:02X}", uint8_t(c));
    }
    result.append(bytes, span.isTemplate);
  }
  return result;
}

Value urlEncode(In &in, const Value &value, const Arguments &) {
  if (!in.charge(4 * valueWeight(value)))
    return Undefined{};
  std::vector<Value> pairs;
  if (const Dict *dict = asDict(value))
    for (auto &[key, entry] : dict->entries)
      pairs.push_back(makeList({key, entry}, ListKind::kTuple));
  else if (asList(value))
    pairs = in.iterate(value);
  else
    return shared(quoted(*toText(value), false));
  auto result = std::make_shared<Text>();
  for (const Value &pair : pairs) {
    std::vector<Value> parts = in.iterate(pair);
    if (in.failed() || parts.size() != 2)
      return in.fail("'urlencode' needs text, a dict or a list of pairs");
    if (result->size())
      result->append("&", true);
    result->append(quoted(*toText(parts[0]), true));
    result->append("=", true);
    result->append(quoted(*toText(parts[1]), true));
  }
  return result;
}

constexpr TemplateFilter kFilters[] = {
    {"e", escape},      {"escape", escape},         {"forceescape", forceEscape},
    {"safe", safe},     {"striptags", stripTagsOf}, {"urlencode", urlEncode},
    {"urlize", urlize}, {"xmlattr", xmlAttributes},
};

} // namespace

FilterTable markupFilters() {
  return kFilters;
}

} // namespace osscc::rt
