// Methods of str that answer a question.
#include "runtime/bundle/PythonSpace.h"
#include "runtime/template/Case.h"
#include "runtime/template/Interpreter.h"
#include <algorithm>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;

const Text &self(const Value &value) {
  return *asText(value);
}

/// Whether `holds` is true of all characters, of which there is at least one.
template <class Holds> bool all(const Text &text, Holds holds) {
  for (size_t at = 0; at < text.size(); at += codePointBytes(text.view(), at))
    if (!holds(codePointAt(text.view(), at)))
      return false;
  return text.size();
}

template <bool (*holds)(uint32_t)> Value is(In &, const Value &value, const Arguments &) {
  return all(self(value), holds);
}

bool isAlphanumeric(uint32_t code) {
  return isAlphabetic(code) || isNumericCharacter(code);
}

Value isAscii(In &, const Value &value, const Arguments &) {
  return std::ranges::none_of(self(value).view(), [](char c) { return c & 0x80; });
}

Value isPrintable(In &, const Value &value, const Arguments &) {
  return !self(value).size() || all(self(value), isPrintableCharacter);
}

Value isSpace(In &, const Value &value, const Arguments &) {
  std::string_view rest = self(value).view();
  bool found = !rest.empty();
  while (size_t bytes = pythonSpaceAtStart(rest))
    rest.remove_prefix(bytes);
  return found && rest.empty();
}

Value isIdentifier(In &, const Value &value, const Arguments &) {
  const Text &text = self(value);
  return text.size() && isIdentifierStart(codePointAt(text.view(), 0)) &&
         all(text, isIdentifierPart);
}

/// isupper() and islower(): a letter of this case, and none of another.
template <bool upper> Value hasCase(In &, const Value &value, const Arguments &) {
  bool found = false;
  bool fits = all(self(value), [&](uint32_t code) {
    bool wanted = upper ? isUpperLetter(code) : isLowerLetter(code);
    found |= wanted;
    return wanted || !isCasedLetter(code);
  });
  return fits && found;
}

Value isTitle(In &, const Value &value, const Arguments &) {
  bool found = false, inWord = false;
  bool fits = all(self(value), [&](uint32_t code) {
    bool starts = isUpperLetter(code) || isTitleLetter(code), goesOn = isLowerLetter(code);
    bool fitsHere = starts ? !inWord : !goesOn || inWord;
    inWord = starts || goesOn;
    found |= inWord;
    return fitsHere;
  });
  return fits && found;
}

/// Whether a text starts or ends with an argument, or with one of a tuple's.
bool hasAffix(std::string_view text, const Value &affix, bool atEnd) {
  if (const Text *part = asText(affix))
    return atEnd ? text.ends_with(part->view()) : text.starts_with(part->view());
  const List *list = asList(affix);
  return list && std::ranges::any_of(list->items, [&](const Value &v) {
           return asText(v) && hasAffix(text, v, atEnd);
         });
}

/// The bytes that the arguments `start` and `end` leave, in characters from `first` on.
std::pair<size_t, size_t> bounds(In &in, std::string_view text, const Arguments &arguments) {
  if (!arguments.has(1) && !arguments.has(2))
    return {0, text.size()};
  int64_t size = int64_t(codePoints(text));
  auto bound = [&](size_t index, int64_t otherwise) {
    int64_t at = in.integerArgument(arguments, index, otherwise);
    return std::clamp<int64_t>(at < 0 ? at + size : at, 0, size + (index == 1));
  };
  int64_t start = bound(1, 0), end = bound(2, size);
  if (start > end)
    return {text.npos, 0};
  return {codePointOffset(text, size_t(start)), codePointOffset(text, size_t(end))};
}

template <bool atEnd> Value startsWith(In &in, const Value &value, const Arguments &arguments) {
  const List *list = asList(arguments[0]);
  if (!asText(arguments[0]) && (!list || list->kind != ListKind::kTuple))
    return in.fail("startswith and endswith need text or a tuple of texts");
  auto [begin, end] = bounds(in, self(value).view(), arguments);
  return begin != std::string_view::npos &&
         hasAffix(self(value).view().substr(begin, end - begin), arguments[0], atEnd);
}

/// find, rfind, index and rindex: in characters; -1 or an error if there is none.
template <bool fromRight, bool fails>
Value find(In &in, const Value &value, const Arguments &arguments) {
  std::string_view view = self(value).view(), part = in.textArgument(arguments, 0);
  auto [begin, end] = bounds(in, view, arguments);
  if (!asText(arguments[0]) || !in.charge(fromRight ? view.size() * part.size() / 8 : 0))
    return in.fail("find and index need text");
  size_t at = view.npos;
  if (begin != view.npos) {
    std::string_view searched = view.substr(begin, end - begin);
    at = fromRight ? findLastText(searched, part, searched.size()) : findText(searched, part);
  }
  if (at == view.npos)
    return fails ? in.fail("the text does not contain the part") : Value(int64_t(-1));
  return int64_t(codePoints(view.substr(0, begin + at)));
}

Value count(In &in, const Value &value, const Arguments &arguments) {
  std::string_view view = self(value).view(), part = in.textArgument(arguments, 0);
  auto [begin, end] = bounds(in, view, arguments);
  if (!asText(arguments[0]))
    return in.fail("count needs text");
  return begin == view.npos ? int64_t(0)
                            : int64_t(countText(view.substr(begin, end - begin), part));
}

constexpr TemplateMethod kMethods[] = {
    {"count", 1, "value start end", count},
    {"endswith", 1, "suffix start end", startsWith<true>},
    {"find", 1, "sub start end", find<false, false>},
    {"index", 1, "sub start end", find<false, true>},
    {"isalnum", 0, "", is<isAlphanumeric>},
    {"isalpha", 0, "", is<isAlphabetic>},
    {"isascii", 0, "", isAscii},
    {"isdecimal", 0, "", is<isDecimalDigit>},
    {"isdigit", 0, "", is<isDigitCharacter>},
    {"isidentifier", 0, "", isIdentifier},
    {"islower", 0, "", hasCase<false>},
    {"isnumeric", 0, "", is<isNumericCharacter>},
    {"isprintable", 0, "", isPrintable},
    {"isspace", 0, "", isSpace},
    {"istitle", 0, "", isTitle},
    {"isupper", 0, "", hasCase<true>},
    {"rfind", 1, "sub start end", find<true, false>},
    {"rindex", 1, "sub start end", find<true, true>},
    {"startswith", 1, "prefix start end", startsWith<false>},
};

} // namespace

MethodTable textQuestions() {
  return kMethods;
}

} // namespace osscc::rt
