#include "runtime/template/Markup.h"
#include "runtime/template/Case.h"
#include <algorithm>
#include <charconv>
#include <utility>

namespace osscc::rt {

Text forceEscapeMarkup(const Text &text) {
  static constexpr std::pair<char, std::string_view> escapes[] = {
      {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'\'', "&#39;"}, {'"', "&#34;"}};
  Text escaped;
  for (const TokenSpan &span : text.spans()) {
    std::string bytes;
    for (char byte : text.view().substr(span.begin, span.end - span.begin)) {
      auto escape = std::ranges::find(escapes, byte, &std::pair<char, std::string_view>::first);
      if (escape == std::end(escapes))
        bytes += byte;
      else
        bytes += escape->second;
    }
    escaped.append(bytes, span.isTemplate);
  }
  escaped.setMarkup(true);
  return escaped;
}

Text escapeMarkup(const Text &text) {
  return text.isMarkup() ? text : forceEscapeMarkup(text);
}

/// The text without what lies between `open` and `close`, as often as that happens.
static Text without(const Text &text, std::string_view open, std::string_view close) {
  Text kept;
  std::string_view view = text.view();
  size_t begin = 0;
  for (size_t at; (at = findText(view, open, begin)) != view.npos;) {
    size_t end = findText(view, close, at);
    if (end == view.npos)
      break;
    kept.append(text, begin, at);
    begin = end + close.size();
  }
  kept.append(text, begin, view.size());
  return kept;
}

/// The character of an entity between `&` and `;`, or 0.
static uint32_t entity(std::string_view name) {
  static constexpr std::pair<std::string_view, uint32_t> known[] = {
      {"amp", '&'},       {"lt", '<'},       {"gt", '>'},      {"quot", '"'},
      {"apos", '\''},     {"nbsp", 0xa0},    {"copy", 0xa9},   {"reg", 0xae},
      {"hellip", 0x2026}, {"ndash", 0x2013}, {"mdash", 0x2014}};
  for (auto [its, code] : known)
    if (name == its)
      return code;
  if (!name.starts_with('#'))
    return 0;
  name.remove_prefix(1);
  bool isHex = name.starts_with('x') || name.starts_with('X');
  name.remove_prefix(isHex);
  uint32_t code = 0;
  auto [end, wrong] =
      std::from_chars(name.data(), name.data() + name.size(), code, isHex ? 16 : 10);
  bool isValid = wrong == std::errc() && end == name.data() + name.size() && code < 0x110000 &&
                 (code < 0xd800 || code > 0xdfff);
  return isValid ? code : 0;
}

static Text unescape(const Text &text) {
  Text result;
  std::string_view view = text.view();
  size_t begin = 0;
  for (size_t at = 0; (at = view.find('&', at)) != view.npos; ++at) {
    size_t length = view.substr(at, 13).find(';');
    if (length == view.npos)
      continue;
    if (uint32_t code = entity(view.substr(at + 1, length - 1))) {
      result.append(text, begin, at);
      std::string bytes;
      appendCodePoint(bytes, code);
      // What an entity of the template makes may not become a token of the model.
      result.append(bytes, false);
      begin = at + length + 1;
      at += length;
    }
  }
  result.append(text, begin, view.size());
  return result;
}

Text stripTags(const Text &text) {
  Text plain = without(without(text, "<!--", "-->"), "<", ">"), words;
  bool isFirst = true;
  for (auto [begin, end] : splitRanges(plain.view(), {}, -1, false)) {
    if (!std::exchange(isFirst, false))
      words.append(" ", true);
    words.append(plain, begin, end);
  }
  Text result = unescape(words);
  result.setMarkup(true);
  return result;
}

} // namespace osscc::rt
