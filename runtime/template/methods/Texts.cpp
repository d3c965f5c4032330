// Methods of str that make other texts.
#include "runtime/template/methods/Texts.h"
#include "runtime/template/Case.h"
#include "runtime/template/Format.h"
#include "runtime/template/Markup.h"
#include "runtime/template/filters/Join.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {

Value stripText(TemplateInterpreter &in, const TextPtr &text, const Arguments &arguments, bool left,
                bool right) {
  std::string_view chars = in.textArgument(arguments, 0);
  if (!in.charge(text->size() * chars.size() / 8))
    return Undefined{};
  if (chars.empty() && asText(arguments[0]))
    return text; // no characters to strip, which is not the same as none given
  auto [begin, end] = stripRange(text->view(), chars, left, right);
  return begin == 0 && end == text->size() ? text : sliceText(*text, begin, end);
}

Value replaceIn(TemplateInterpreter &in, const Text &text, const Text &from, const Text &to,
                int64_t limit, bool isMarkup) {
  // What is put in, and where its origin and its neighbours' change.
  if (!in.charge(countText(text.view(), from.view()) * (17 + to.size() + 16 * to.spans().size())))
    return Undefined{};
  auto result = std::make_shared<Text>(*replaceText(text, from.view(), to, limit));
  result->setMarkup(isMarkup);
  return result;
}

Value centerText(TemplateInterpreter &in, const TextPtr &text, int64_t width,
                 std::string_view fill) {
  size_t size = codePoints(text->view());
  if (width <= int64_t(size))
    return text;
  if (codePoints(fill) != 1)
    return in.fail("the fill is not one character");
  if (!in.charge(fill.size() * std::min(uint64_t(width), uint64_t(1) << 60)))
    return Undefined{};
  uint64_t missing = uint64_t(width) - size, left = missing / 2 + (missing & uint64_t(width) & 1);
  FormatSpec spec;
  spec.fill = fill;
  spec.width = size + left;
  TextPtr padded = padText(text, spec, '>');
  spec.width = uint64_t(width);
  return padText(padded, spec, '<');
}

namespace {

using In = TemplateInterpreter;

const TextPtr &self(const Value &value) {
  return std::get<TextPtr>(value);
}

template <CaseChange change> Value changeTo(In &, const Value &value, const Arguments &) {
  return changeCase(*self(value), change);
}

template <bool left, bool right>
Value strip(In &in, const Value &value, const Arguments &arguments) {
  return stripText(in, self(value), arguments, left, right);
}

/// The argument as text, escaped where the object is markup; an error if it is no text.
TextPtr partOf(In &in, const Text &object, const Value &value) {
  const TextPtr *text = as<TextPtr>(value);
  if (!text) {
    in.fail(fmt::format("expected text, found a {}", typeName(value)));
    return std::make_shared<const Text>();
  }
  if (!object.isMarkup() || !in.charge(6 * (*text)->size()))
    return *text;
  return std::make_shared<const Text>(escapeMarkup(**text));
}

Value replace(In &in, const Value &value, const Arguments &arguments) {
  const Text &text = *self(value);
  // As in markupsafe, only what is put in is escaped.
  TextPtr from = partOf(in, Text(), arguments[0]), to = partOf(in, text, arguments[1]);
  return in.failed() ? Undefined{}
                     : replaceIn(in, text, *from, *to, in.integerArgument(arguments, 2, -1),
                                 text.isMarkup());
}

Value join(In &in, const Value &value, const Arguments &arguments) {
  const Text &text = *self(value);
  std::vector<Value> values = in.iterate(arguments[0]);
  if (isUndefined(arguments[0]))
    return makeText("", true);
  if (!text.isMarkup() &&
      !std::ranges::all_of(values, [](const Value &each) { return asText(each); }))
    return in.fail("join needs texts only");
  return joinTexts(in, text, values, text.isMarkup());
}

Value parts(In &in, const Text &text, const std::vector<std::pair<size_t, size_t>> &ranges,
            ListKind kind = ListKind::kList) {
  if (!in.charge(128 * ranges.size()))
    return Undefined{};
  std::vector<Value> values;
  for (auto [begin, end] : ranges)
    values.push_back(sliceText(text, begin, end));
  return makeList(std::move(values), kind);
}

template <bool fromRight> Value split(In &in, const Value &value, const Arguments &arguments) {
  const Text &text = *self(value);
  std::string_view separator = in.textArgument(arguments, 0);
  int64_t limit = in.integerArgument(arguments, 1, -1);
  if (separator.empty() && asText(arguments[0]))
    return in.fail("split needs a separator that is not empty");
  // From the right the search is not linear.
  if (fromRight && !in.charge(text.size() * separator.size() / 8))
    return Undefined{};
  return in.failed() ? Undefined{}
                     : parts(in, text, splitRanges(text.view(), separator, limit, fromRight));
}

Value splitLines(In &in, const Value &value, const Arguments &arguments) {
  return parts(in, *self(value), lineRanges(self(value)->view(), isTrue(arguments[0])));
}

template <bool fromRight> Value partition(In &in, const Value &value, const Arguments &arguments) {
  const Text &text = *self(value);
  std::string_view separator = in.textArgument(arguments, 0);
  if (in.failed() || separator.empty() ||
      !in.charge(fromRight ? text.size() * separator.size() / 8 : 0))
    return in.fail("partition needs a separator that is not empty");
  size_t at = fromRight ? findLastText(text.view(), separator, text.size())
                        : findText(text.view(), separator);
  if (at != std::string_view::npos)
    return makeList(
        {sliceText(text, 0, at), arguments[0], sliceText(text, at + separator.size(), text.size())},
        ListKind::kTuple);
  Value empty = makeText("", true);
  return fromRight ? makeList({empty, empty, value}, ListKind::kTuple)
                   : makeList({value, empty, empty}, ListKind::kTuple);
}

template <bool atEnd> Value removeAffix(In &in, const Value &value, const Arguments &arguments) {
  const Text &text = *self(value);
  std::string_view affix = in.textArgument(arguments, 0);
  if (in.failed() || !(atEnd ? text.view().ends_with(affix) : text.view().starts_with(affix)))
    return value;
  return atEnd ? sliceText(text, 0, text.size() - affix.size())
               : sliceText(text, affix.size(), text.size());
}

template <char align> Value justify(In &in, const Value &value, const Arguments &arguments) {
  int64_t width = in.integerArgument(arguments, 0, 0);
  std::string_view fill = arguments.has(1) ? in.textArgument(arguments, 1) : " ";
  if (align == '^')
    return centerText(in, self(value), width, fill);
  if (in.failed() || codePoints(fill) != 1)
    return in.fail("the fill is not one character");
  FormatSpec spec;
  spec.fill = fill;
  spec.width = size_t(std::max<int64_t>(width, 0));
  if (!in.charge(fill.size() * std::min<uint64_t>(spec.width, uint64_t(1) << 60)))
    return Undefined{};
  return padText(self(value), spec, align);
}

Value zeroFill(In &in, const Value &value, const Arguments &arguments) {
  const Text &text = *self(value);
  int64_t width = in.integerArgument(arguments, 0, 0), size = int64_t(codePoints(text.view()));
  if (in.failed() || width <= size || !in.charge(uint64_t(width)))
    return in.failed() ? Undefined{} : value;
  size_t sign = text.view().starts_with('-') || text.view().starts_with('+');
  auto result = std::make_shared<Text>(*sliceText(text, 0, sign));
  result->append(std::string(size_t(width - size), '0'), true);
  result->append(text, sign, text.size());
  return result;
}

Value expandTabs(In &in, const Value &value, const Arguments &arguments) {
  const Text &text = *self(value);
  int64_t size = std::clamp<int64_t>(in.integerArgument(arguments, 0, 8), 0, 1000);
  auto result = std::make_shared<Text>();
  int64_t column = 0;
  for (size_t at = 0; at < text.size() && in.charge(1);) {
    size_t bytes = codePointBytes(text.view(), at);
    if (text.view()[at] == '\t') {
      int64_t spaces = size ? size - column % size : 0;
      if (in.charge(uint64_t(spaces)))
        result->append(std::string(size_t(spaces), ' '), true);
      column += spaces;
    } else {
      result->append(text, at, at + bytes);
      bool isEnd = text.view()[at] == '\n' || text.view()[at] == '\r';
      column = isEnd ? 0 : column + 1;
    }
    at += bytes;
  }
  return result;
}

Value format(In &in, const Value &value, const Arguments &arguments) {
  return formatBraces(in, *self(value), arguments);
}

Value formatMap(In &in, const Value &value, const Arguments &arguments) {
  const Dict *dict = asDict(arguments[0]);
  if (!dict)
    return in.fail("format_map needs a dict");
  Arguments named;
  for (auto &[key, entry] : dict->entries)
    if (const Text *name = asText(key))
      named.named.emplace_back(name->view(), entry);
  return formatBraces(in, *self(value), named);
}

constexpr TemplateMethod kMethods[] = {
    {"capitalize", 0, "", changeTo<CaseChange::kCapitalize>},
    {"casefold", 0, "", changeTo<CaseChange::kFold>},
    {"center", 1, "width fillchar", justify<'^'>},
    {"expandtabs", 0, "tabsize", expandTabs},
    {"format", 0, "...", format},
    {"format_map", 1, "mapping", formatMap},
    {"join", 1, "iterable", join},
    {"ljust", 1, "width fillchar", justify<'<'>},
    {"lower", 0, "", changeTo<CaseChange::kLower>},
    {"lstrip", 0, "chars", strip<true, false>},
    {"partition", 1, "sep", partition<false>},
    {"removeprefix", 1, "prefix", removeAffix<false>},
    {"removesuffix", 1, "suffix", removeAffix<true>},
    {"replace", 2, "old new count", replace},
    {"rjust", 1, "width fillchar", justify<'>'>},
    {"rpartition", 1, "sep", partition<true>},
    {"rsplit", 0, "sep maxsplit", split<true>},
    {"rstrip", 0, "chars", strip<false, true>},
    {"split", 0, "sep maxsplit", split<false>},
    {"splitlines", 0, "keepends", splitLines},
    {"strip", 0, "chars", strip<true, true>},
    {"swapcase", 0, "", changeTo<CaseChange::kSwap>},
    {"title", 0, "", changeTo<CaseChange::kTitle>},
    {"upper", 0, "", changeTo<CaseChange::kUpper>},
    {"zfill", 1, "width", zeroFill},
};

} // namespace

MethodTable textMethods() {
  return kMethods;
}

} // namespace osscc::rt
