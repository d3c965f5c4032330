// The filter `wordwrap`: Python's textwrap, which cuts text into chunks and fills lines with them.
#include "runtime/template/Case.h"
#include "runtime/template/Interpreter.h"
#include <algorithm>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;
using Range = std::pair<size_t, size_t>; ///< Of letters.

/// One line of text by its letters.
class Wrapper {
public:
  Wrapper(std::string_view line, size_t width, bool breaksWords, bool breaksHyphens)
      : width(width), breaksWords(breaksWords), breaksHyphens(breaksHyphens) {
    for (size_t at = 0; at < line.size(); at += codePointBytes(line, at)) {
      letters.push_back(codePointAt(line, at));
      offsets.push_back(at);
    }
    offsets.push_back(line.size());
  }

  /// The lines as byte ranges.
  std::vector<Range> run() {
    std::vector<Range> chunks = split(), lines;
    for (size_t next = 0; next < chunks.size();) {
      if (!lines.empty() && isBlank(chunks[next]) && ++next == chunks.size())
        break;
      Range line = {chunks[next].first, chunks[next].first};
      size_t lastBegin = line.first;
      auto take = [&](size_t end) {
        lastBegin = line.second;
        line.second = end;
      };
      while (next < chunks.size() && chunks[next].second - line.first <= width)
        take(chunks[next++].second);
      if (next < chunks.size() && chunks[next].second - chunks[next].first > width) {
        if (breaksWords) {
          size_t end = cut(chunks[next], width - (line.second - line.first));
          take(end);
          chunks[next].first = end;
        } else if (line.first == line.second) {
          take(chunks[next++].second);
        }
      }
      if (line.second > lastBegin && isBlank({lastBegin, line.second}))
        line.second = lastBegin;
      if (line.second > line.first)
        lines.push_back({offsets[line.first], offsets[line.second]});
    }
    return lines;
  }

private:
  bool isSpace(size_t at) const {
    return letters[at] == ' ' || (letters[at] >= '\t' && letters[at] <= '\r');
  }
  bool isBlank(Range range) const {
    for (size_t at = range.first; at < range.second; ++at)
      if (!isSpace(at))
        return false;
    return true;
  }
  bool is(size_t at, uint32_t letter) const { return at < letters.size() && letters[at] == letter; }
  bool isLetter(size_t at) const {
    return at < letters.size() && isWordCharacter(letters[at]) && letters[at] != '_' &&
           !isDecimalDigit(letters[at]);
  }
  bool isWord(size_t at) const { return at < letters.size() && isWordCharacter(letters[at]); }
  bool isWordOrPunctuation(size_t at) const {
    return isWord(at) ||
           (at < letters.size() && letters[at] < 128 &&
            std::string_view("!\"'&.,?").find(char(letters[at])) != std::string_view::npos);
  }

  /// The end of an em dash at `at` between words, or `at`.
  size_t dashEnd(size_t at) const {
    size_t end = at;
    while (is(end, '-'))
      ++end;
    return end - at >= 2 && isWord(end) && at > 0 && isWordOrPunctuation(at - 1) ? end : at;
  }

  /// A hyphen at `at` behind and before letters.
  bool isHyphen(size_t at) const {
    if (!is(at, '-') || at < 2)
      return false;
    bool behind = (isLetter(at - 1) && isLetter(at - 2)) ||
                  (at >= 3 && isWordOrPunctuation(at - 1) && is(at - 2, '-') && isLetter(at - 3));
    return behind && isLetter(at + 1) &&
           (isLetter(at + 2) || (is(at + 2, '-') && isLetter(at + 3)));
  }

  /// Words, spaces and dashes.
  std::vector<Range> split() const {
    std::vector<Range> chunks;
    for (size_t begin = 0, end; begin < letters.size(); begin = end) {
      end = begin;
      if (isSpace(begin)) {
        while (end < letters.size() && isSpace(end))
          ++end;
      } else if (breaksHyphens && dashEnd(begin) > begin) {
        end = dashEnd(begin);
      } else {
        for (++end; end < letters.size() && !isSpace(end); ++end)
          if (breaksHyphens && (isHyphen(end) || dashEnd(end) > end)) {
            end += isHyphen(end);
            break;
          }
      }
      chunks.push_back({begin, end});
    }
    return chunks;
  }

  /// Where a word that is too long is cut: in the space left, behind its last hyphen there.
  size_t cut(Range chunk, size_t space) const {
    size_t end = chunk.first + space;
    if (!breaksHyphens)
      return end;
    for (size_t at = end; at > chunk.first + 1; --at)
      if (is(at - 1, '-')) {
        bool onlyHyphens = true;
        for (size_t i = chunk.first; i < at - 1; ++i)
          onlyHyphens &= is(i, '-');
        return onlyHyphens ? end : at;
      }
    return end;
  }

  std::vector<uint32_t> letters;
  std::vector<size_t> offsets;
  size_t width;
  bool breaksWords, breaksHyphens;
};

/// wordwrap(width=79, break_long_words=True, wrapstring='\n', break_on_hyphens=True).
Value wordWrap(In &in, const Value &value, const Arguments &arguments) {
  const Text *text = asText(value);
  int64_t width = in.integerArgument(arguments, 0, 79);
  if (!text || width <= 0)
    return in.fail("'wordwrap' needs text, and a width of at least 1");
  Text newLine = asText(arguments[2]) ? *asText(arguments[2]) : Text("\n", true);
  auto result = std::make_shared<Text>();
  bool isFirst = true;
  for (auto [begin, end] : lineRanges(text->view())) {
    // A letter takes 12 bytes here; one more for what a narrow width looks at again.
    if (!in.charge(16 * (end - begin) + 64))
      return Undefined{};
    std::string_view line = text->view().substr(begin, end - begin);
    std::vector<Range> parts =
        Wrapper(line, size_t(width), !arguments.has(1) || isTrue(arguments[1]),
                !arguments.has(3) || isTrue(arguments[3]))
            .run();
    if (parts.empty())
      parts.push_back({0, 0});
    for (auto [from, to] : parts) {
      if (!in.charge(16 + newLine.size() + 16 * newLine.spans().size()))
        return Undefined{};
      if (!std::exchange(isFirst, false))
        result->append(newLine);
      result->append(*text, begin + from, begin + to);
    }
  }
  return result;
}

constexpr TemplateFilter kFilters[] = {{"wordwrap", wordWrap}};

} // namespace

FilterTable wrappingFilters() {
  return kFilters;
}

} // namespace osscc::rt
