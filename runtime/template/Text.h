// Text that remembers where each byte came from: the strings of the template renderer.
#pragma once

#include "runtime/tokenizer/Spans.h"
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

class Text {
public:
  Text() = default;
  Text(std::string_view bytes, bool isTemplate) { append(bytes, isTemplate); }

  std::string_view view() const { return bytes; }
  size_t size() const { return bytes.size(); }

  void append(std::string_view more, bool isTemplate);
  void append(const Text &more) { append(more, 0, more.size()); }
  /// Appends the bytes [begin, end) of `more` with their origins.
  void append(const Text &more, size_t begin, size_t end);

  /// The origins in order; neighbours differ.
  const std::vector<TokenSpan> &spans() const { return runs; }
  std::string takeBytes() { return std::move(bytes); }

  /// Whether it is HTML: then what joins it is escaped, as with jinja2's Markup.
  bool isMarkup() const { return markup; }
  void setMarkup(bool value) { markup = value; }

private:
  std::string bytes;
  std::vector<TokenSpan> runs;
  bool markup = false;
};

using TextPtr = std::shared_ptr<const Text>;

/// The bytes [begin, end) of `text`, with their origins.
TextPtr sliceText(const Text &text, size_t begin, size_t end);

/// text.find(part, from) in linear time, which the standard library's is not.
size_t findText(std::string_view text, std::string_view part, size_t from = 0);

/// str.count: how often `part` occurs without overlap; an empty one occurs around every character.
size_t countText(std::string_view text, std::string_view part);

/// Which bytes str.strip(chars) keeps: [first, second). Empty `chars` strip whitespace.
std::pair<size_t, size_t> stripRange(std::string_view text, std::string_view chars, bool left,
                                     bool right);

/// The byte ranges of str.split(separator, limit), of rsplit if `fromRight`. An empty separator
/// splits at whitespace. A negative limit is none.
std::vector<std::pair<size_t, size_t>>
splitRanges(std::string_view text, std::string_view separator, int64_t limit, bool fromRight);

/// The byte ranges of str.splitlines(keepEnds).
std::vector<std::pair<size_t, size_t>> lineRanges(std::string_view text, bool keepEnds = false);

/// text.rfind(part) among the first `end` bytes, in linear time.
size_t findLastText(std::string_view text, std::string_view part, size_t end);

/// str.replace(from, to, limit); a negative limit is none.
TextPtr replaceText(const Text &text, std::string_view from, const Text &to, int64_t limit);

/// Code points of UTF-8 text.
size_t codePoints(std::string_view text);

/// Where the n-th code point starts, or the end of the text if it has fewer.
size_t codePointOffset(std::string_view text, size_t n);

/// The bytes of the code point that starts at `offset`, which is inside the text.
size_t codePointBytes(std::string_view text, size_t offset);

} // namespace osscc::rt
