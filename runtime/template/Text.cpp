// Operations of Python's str on bytes, so that the origins of text follow from byte ranges.
#include "runtime/template/Text.h"
#include "runtime/bundle/PythonSpace.h"
#include <algorithm>
#include <cstring>

namespace osscc::rt {

using Ranges = std::vector<std::pair<size_t, size_t>>;

void Text::append(std::string_view more, bool isTemplate) {
  if (more.empty())
    return;
  size_t begin = bytes.size();
  bytes += more;
  if (!runs.empty() && runs.back().isTemplate == isTemplate)
    runs.back().end = bytes.size();
  else
    runs.push_back({begin, bytes.size(), isTemplate});
}

void Text::append(const Text &more, size_t begin, size_t end) {
  auto run = std::upper_bound(more.runs.begin(), more.runs.end(), begin,
                              [](size_t at, const TokenSpan &span) { return at < span.end; });
  for (; run != more.runs.end() && run->begin < end; ++run) {
    size_t from = std::max(begin, run->begin), to = std::min(end, run->end);
    append(more.view().substr(from, to - from), run->isTemplate);
  }
}

TextPtr sliceText(const Text &text, size_t begin, size_t end) {
  auto slice = std::make_shared<Text>();
  slice->setMarkup(text.isMarkup());
  slice->append(text, begin, end);
  return slice;
}

size_t codePointBytes(std::string_view text, size_t offset) {
  size_t end = offset + 1;
  while (end < text.size() && (text[end] & 0xc0) == 0x80)
    ++end;
  return end - offset;
}

size_t codePoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

size_t codePointOffset(std::string_view text, size_t n) {
  size_t offset = 0;
  while (n-- && offset < text.size())
    offset += codePointBytes(text, offset);
  return offset;
}

size_t findText(std::string_view text, std::string_view part, size_t from) {
  if (part.size() <= 16 || part.size() > text.size())
    return text.find(part, from);
  if (from > text.size())
    return text.npos;
  std::string_view rest = text.substr(from);
  const void *found = memmem(rest.data(), rest.size(), part.data(), part.size());
  return found ? size_t(static_cast<const char *>(found) - text.data()) : text.npos;
}

size_t findLastText(std::string_view text, std::string_view part, size_t end) {
  return end < part.size() ? text.npos : text.substr(0, end).rfind(part);
}

size_t countText(std::string_view text, std::string_view part) {
  if (part.empty())
    return codePoints(text) + 1;
  size_t count = 0;
  for (size_t at = 0; (at = findText(text, part, at)) != text.npos; at += part.size())
    ++count;
  return count;
}

/// The bytes of the code point that ends the text.
static size_t lastCodePointBytes(std::string_view text) {
  size_t bytes = 1;
  while (bytes < text.size() && (text[text.size() - bytes] & 0xc0) == 0x80)
    ++bytes;
  return bytes;
}

std::pair<size_t, size_t> stripRange(std::string_view text, std::string_view chars, bool left,
                                     bool right) {
  size_t begin = 0, end = text.size();
  while (left && begin < end) {
    size_t bytes = codePointBytes(text, begin);
    if (chars.empty() ? !pythonSpaceAtStart(text.substr(begin))
                      : chars.find(text.substr(begin, bytes)) == chars.npos)
      break;
    begin += bytes;
  }
  while (right && begin < end) {
    std::string_view rest = text.substr(begin, end - begin);
    size_t bytes = lastCodePointBytes(rest);
    if (chars.empty() ? !pythonSpaceAtEnd(rest)
                      : chars.find(rest.substr(rest.size() - bytes)) == chars.npos)
      break;
    end -= bytes;
  }
  return {begin, end};
}

/// Words between whitespace; after `limit` splits the rest stays whole.
static Ranges splitWords(std::string_view text, int64_t limit) {
  Ranges ranges;
  for (size_t at = 0;;) {
    while (size_t bytes = pythonSpaceAtStart(text.substr(at)))
      at += bytes;
    if (at == text.size())
      return ranges;
    if (limit >= 0 && int64_t(ranges.size()) == limit) {
      ranges.push_back({at, text.size()}); // with its trailing whitespace
      return ranges;
    }
    size_t begin = at;
    while (at < text.size() && !pythonSpaceAtStart(text.substr(at)))
      at += codePointBytes(text, at);
    ranges.push_back({begin, at});
  }
}

/// The same from the right: the rest is at the start, with its leading whitespace.
static Ranges splitWordsFromRight(std::string_view text, int64_t limit) {
  Ranges ranges;
  for (size_t end = text.size();;) {
    while (size_t bytes = pythonSpaceAtEnd(text.substr(0, end)))
      end -= bytes;
    if (end == 0)
      break;
    if (limit >= 0 && int64_t(ranges.size()) == limit) {
      ranges.push_back({0, end});
      break;
    }
    size_t begin = end;
    while (begin > 0 && !pythonSpaceAtEnd(text.substr(0, begin)))
      begin -= lastCodePointBytes(text.substr(0, begin));
    ranges.push_back({begin, end});
    end = begin;
  }
  std::ranges::reverse(ranges);
  return ranges;
}

Ranges splitRanges(std::string_view text, std::string_view separator, int64_t limit,
                   bool fromRight) {
  if (separator.empty())
    return fromRight ? splitWordsFromRight(text, limit) : splitWords(text, limit);
  Ranges ranges;
  if (fromRight) {
    size_t end = text.size();
    while (limit < 0 || int64_t(ranges.size()) < limit) {
      size_t found = findLastText(text, separator, end);
      if (found == text.npos)
        break;
      ranges.push_back({found + separator.size(), end});
      end = found;
    }
    ranges.push_back({0, end});
    std::reverse(ranges.begin(), ranges.end());
    return ranges;
  }
  size_t begin = 0;
  while (limit < 0 || int64_t(ranges.size()) < limit) {
    size_t found = findText(text, separator, begin);
    if (found == text.npos)
      break;
    ranges.push_back({begin, found});
    begin = found + separator.size();
  }
  ranges.push_back({begin, text.size()});
  return ranges;
}

Ranges lineRanges(std::string_view text, bool keepEnds) {
  static constexpr std::string_view ends[] = {"\r\n", "\n",   "\r",     "\v",     "\f",    "\x1c",
                                              "\x1d", "\x1e", "\u0085", "\u2028", "\u2029"};
  Ranges ranges;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    auto end = std::find_if(std::begin(ends), std::end(ends),
                            [&](std::string_view e) { return text.substr(at).starts_with(e); });
    if (end == std::end(ends)) {
      ++at;
      continue;
    }
    ranges.push_back({begin, at + (keepEnds ? end->size() : 0)});
    begin = at += end->size();
  }
  if (begin < text.size())
    ranges.push_back({begin, text.size()});
  return ranges;
}

TextPtr replaceText(const Text &text, std::string_view from, const Text &to, int64_t limit) {
  auto result = std::make_shared<Text>();
  std::string_view view = text.view();
  size_t begin = 0, search = 0;
  for (; limit != 0 && search <= view.size(); --limit) {
    size_t found = findText(view, from, search);
    if (found == view.npos)
      break;
    result->append(text, begin, found);
    result->append(to);
    begin = found + from.size();
    // An empty `from` matches before every character and at the end.
    search = from.empty() ? (found < view.size() ? found + codePointBytes(view, found) : found + 1)
                          : begin;
  }
  result->append(text, begin, view.size());
  return result;
}

} // namespace osscc::rt
