// Filters of text.
#include "runtime/template/methods/Texts.h"
#include "runtime/template/Case.h"
#include "runtime/template/Format.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Markup.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;

template <CaseChange change> Value changeTo(In &, const Value &value, const Arguments &) {
  return changeCase(*toText(value), change);
}

Value title(In &, const Value &value, const Arguments &) {
  return titleWords(*toText(value));
}

Value string(In &, const Value &value, const Arguments &) {
  return toText(value);
}

Value trim(In &in, const Value &value, const Arguments &arguments) {
  return stripText(in, toText(value), arguments, true, true);
}

/// replace(old, new, count): escapes where text is escaped.
Value replace(In &in, const Value &value, const Arguments &arguments) {
  TextPtr text = toText(value), from = toText(arguments[0]), to = toText(arguments[1]);
  int64_t limit = in.integerArgument(arguments, 2, -1);
  bool isMarkup = in.isEscaping() && (text->isMarkup() || from->isMarkup() || to->isMarkup());
  if (isMarkup && in.charge(6 * (text->size() + to->size()))) {
    text = std::make_shared<const Text>(escapeMarkup(*text));
    to = std::make_shared<const Text>(escapeMarkup(*to));
  }
  return replaceIn(in, *text, *from, *to, limit, isMarkup);
}

Value center(In &in, const Value &value, const Arguments &arguments) {
  return centerText(in, toText(value), in.integerArgument(arguments, 0, 80), " ");
}

/// format(*values, **named): `text % values`.
Value format(In &in, const Value &value, const Arguments &arguments) {
  if (arguments.size() && !arguments.named.empty())
    return in.fail("'format' takes arguments by position or by name, not both");
  TextPtr text = toText(value);
  if (arguments.named.empty())
    return formatPercent(in, *text, makeList(arguments.values, ListKind::kTuple));
  std::vector<std::pair<Value, Value>> entries;
  for (auto &[name, each] : arguments.named)
    entries.emplace_back(makeText(name, true), each);
  return formatPercent(in, *text, makeDict(std::move(entries)));
}

Value wordCount(In &, const Value &value, const Arguments &) {
  TextPtr text = toText(value);
  int64_t count = 0;
  bool inWord = false;
  for (size_t at = 0; at < text->size(); at += codePointBytes(text->view(), at)) {
    bool isWord = isWordCharacter(codePointAt(text->view(), at));
    count += isWord && !inWord;
    inWord = isWord;
  }
  return count;
}

/// truncate(length=255, killwords=False, end='...', leeway=5), in characters.
Value truncate(In &in, const Value &value, const Arguments &arguments) {
  const TextPtr *given = as<TextPtr>(value);
  if (!given)
    return in.fail(fmt::format("'truncate' needs text, found a {}", typeName(value)));
  const Text &text = **given;
  int64_t length = in.integerArgument(arguments, 0, 255);
  Text end = asText(arguments[2]) ? *asText(arguments[2]) : Text("...", true);
  int64_t leeway = in.integerArgument(arguments, 3, 5), endLength = int64_t(codePoints(end.view()));
  if (length < endLength || leeway < 0)
    return in.fail("'truncate' needs a length of at least that of its end");
  if (int64_t(codePoints(text.view())) - leeway <= length)
    return value;
  size_t cut = codePointOffset(text.view(), size_t(length - endLength));
  if (!isTrue(arguments[1]))
    if (size_t space = text.view().substr(0, cut).rfind(' '); space != std::string_view::npos)
      cut = space;
  return in.binary(bundle::TemplateOperator::Add, sliceText(text, 0, cut),
                   std::make_shared<const Text>(end));
}

/// indent(width=4, first=False, blank=False); `width` is a number of spaces or a text.
Value indent(In &in, const Value &value, const Arguments &arguments) {
  const Text *text = asText(value);
  if (!text)
    return isUndefined(value) ? in.failUndefined(value) : in.fail("'indent' needs text");
  Text prefix;
  if (const Text *given = asText(arguments[0]))
    prefix = *given;
  else
    prefix = Text(
        std::string(size_t(std::clamp<int64_t>(in.integerArgument(arguments, 0, 4), 0, 1000)), ' '),
        true);
  bool first = isTrue(arguments[1]), blank = isTrue(arguments[2]);
  Text source = *text;
  source.append("\n", true); // jinja2's own quirk: a last empty line counts
  auto lines = lineRanges(source.view());
  if (!in.charge(lines.size() * (prefix.size() + 16 * prefix.spans().size() + 1)))
    return Undefined{};
  auto result = std::make_shared<Text>();
  for (size_t i = 0; i < lines.size(); ++i) {
    auto [begin, end] = lines[i];
    if (i)
      result->append("\n", true);
    if (i ? blank || begin != end : first)
      result->append(prefix);
    result->append(source, begin, end);
  }
  result->setMarkup(text->isMarkup());
  return result;
}

constexpr TemplateFilter kFilters[] = {
    {"capitalize", changeTo<CaseChange::kCapitalize>},
    {"center", center},
    {"format", format},
    {"indent", indent},
    {"lower", changeTo<CaseChange::kLower>},
    {"replace", replace},
    {"string", string},
    {"title", title},
    {"trim", trim},
    {"truncate", truncate},
    {"upper", changeTo<CaseChange::kUpper>},
    {"wordcount", wordCount},
};

} // namespace

FilterTable textFilters() {
  return kFilters;
}

} // namespace osscc::rt
