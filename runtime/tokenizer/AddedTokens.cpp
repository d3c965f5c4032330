// Source of the rules: AddedVocabulary of the `tokenizers` package, and for `longestFirst`
// llama.cpp's partition of a text.
#include "runtime/tokenizer/AddedTokens.h"

#include "runtime/base/Utf8.h"

#include <algorithm>

namespace osscc::rt {
namespace {

using bundle::AddedFlags;

/// Unicode's White_Space.
bool isWhiteSpace(uint32_t code) {
  return (code >= 0x09 && code <= 0x0D) || code == 0x20 || code == 0x85 || code == 0xA0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
         code == 0x202F || code == 0x205F || code == 0x3000;
}

/// Where the character begins that ends at `end`, which is not 0.
size_t beginOfLast(std::string_view text, size_t end) {
  do
    --end;
  while (end > 0 && (uint8_t(text[end]) & 0xC0) == 0x80);
  return end;
}

} // namespace

AddedTokens::AddedTokens(std::vector<Entry> ordered, Rules rules)
    : entries(std::move(ordered)), rules(rules) {
  for (const Entry &entry : entries) {
    auto first = uint8_t(entry.text.front());
    starts.set(first);
    anySpecial |= entry.has(AddedFlags::Special);
    if (!rules.longestFirst)
      continue;
    auto at =
        std::ranges::lower_bound(lengths, entry.text.size(), std::greater<>(), &Length::bytes);
    if (at == lengths.end() || at->bytes != entry.text.size())
      at = lengths.insert(at, {entry.text.size(), {}});
    at->starts.set(first);
  }
}

/// The longest token that `text` starts with. Of the ordered tokens those that start with text[0 ..
/// depth) are a range, narrowed byte by byte.
const AddedTokens::Entry *AddedTokens::longestAt(std::string_view text) const {
  const Entry *longest = nullptr;
  std::span<const Entry> range = entries;
  for (size_t depth = 0; !range.empty(); ++depth) {
    if (range.front().text.size() == depth) {
      longest = &range.front();
      range = range.subspan(1);
    }
    if (depth == text.size())
      break;
    auto byteAt = [&](const Entry &entry) { return uint8_t(entry.text[depth]); };
    auto narrowed = std::ranges::equal_range(range, uint8_t(text[depth]), {}, byteAt);
    range = {narrowed.begin(), narrowed.end()};
  }
  return longest;
}

const AddedTokens::Entry *AddedTokens::exactly(std::string_view text) const {
  auto at = std::ranges::lower_bound(entries, text, {}, &Entry::text);
  return at != entries.end() && at->text == text ? &*at : nullptr;
}

/// Whether no word runs on at either side of [begin, end).
bool AddedTokens::standsAlone(std::string_view text, size_t begin, size_t end) const {
  auto isWord = [&](size_t at) {
    uint32_t code = decodeUtf8(text.data() + at).value;
    // An even number of borders up to a code point leaves it outside of all ranges.
    auto first = std::ranges::upper_bound(rules.words, code);
    auto borders = size_t(first - rules.words.begin());
    return borders % 2 == 1 || (borders > 0 && rules.words[borders - 1] == code);
  };
  return (begin == 0 || !isWord(beginOfLast(text, begin))) && (end == text.size() || !isWord(end));
}

/// \param special  whether special tokens count. If not, they still hide what begins inside them.
void AddedTokens::searchLeftmost(std::string_view text, size_t begin, size_t end, bool special,
                                 std::vector<Match> &out) const {
  for (size_t at = begin; at < end;) {
    const Entry *entry = starts[uint8_t(text[at])] ? longestAt(text.substr(at, end - at)) : nullptr;
    if (!entry) {
      ++at;
      continue;
    }
    size_t stop = at + entry->text.size();
    bool counts = special || !entry->has(AddedFlags::Special);
    if (counts && (!entry->has(AddedFlags::SingleWord) || standsAlone(text, at, stop)))
      out.push_back({at, stop, entry});
    at = stop;
  }
}

/// \param special  whether special tokens count. If not, they hide nothing.
void AddedTokens::searchLongest(std::string_view text, size_t begin, size_t end, bool special,
                                std::vector<Match> &out) const {
  std::vector<bool> taken(end - begin);
  size_t before = out.size();
  for (const Length &length : lengths)
    for (size_t at = begin; at + length.bytes <= end;) {
      // What was taken before is at least as long: it covers one of the two ends.
      bool isFree = length.starts[uint8_t(text[at])] && !taken[at - begin] &&
                    !taken[at - begin + length.bytes - 1];
      const Entry *entry = isFree ? exactly(text.substr(at, length.bytes)) : nullptr;
      if (!entry || (!special && entry->has(AddedFlags::Special))) {
        ++at;
        continue;
      }
      out.push_back({at, at + length.bytes, entry});
      std::fill_n(taken.begin() + std::ptrdiff_t(at - begin), length.bytes, true);
      at += length.bytes;
    }
  std::sort(out.begin() + std::ptrdiff_t(before), out.end(),
            [](const Match &a, const Match &b) { return a.begin < b.begin; });
}

void AddedTokens::search(std::string_view text, size_t begin, size_t end, bool special,
                         std::vector<Match> &out) const {
  if (begin >= end)
    return;
  if (rules.longestFirst)
    searchLongest(text, begin, end, special, out);
  else
    searchLeftmost(text, begin, end, special, out);
}

/// Gives each token the white space beside it that it takes away.
std::vector<AddedTokens::Found> AddedTokens::strip(std::string_view text,
                                                   std::span<const Match> matches) const {
  auto isSpace = [&](size_t at) {
    uint32_t code = decodeUtf8(text.data() + at).value;
    return isWhiteSpace(code) && !(rules.spacesAreLetters && code == ' ');
  };
  std::vector<Found> out;
  size_t done = 0;
  size_t spaceBegin = 0, spaceEnd = 0; // white space that was walked last, so that none is twice
  for (const Match &match : matches) {
    size_t begin = match.begin, end = match.end;
    if (match.entry->has(AddedFlags::StripsLeft)) {
      while (begin > done && isSpace(beginOfLast(text, begin)))
        begin = beginOfLast(text, begin);
      begin = std::max(begin, done);
    }
    if (match.entry->has(AddedFlags::StripsRight)) {
      if (end < spaceBegin || end >= spaceEnd)
        for (spaceBegin = spaceEnd = end; spaceEnd < text.size() && isSpace(spaceEnd);)
          spaceEnd += decodeUtf8(text.data() + spaceEnd).bytes;
      end = spaceEnd;
    }
    if (begin >= end)
      continue; // the token before has taken all of it
    out.push_back({begin, end, match.entry->id});
    done = end;
  }
  return out;
}

std::vector<AddedTokens::Found> AddedTokens::find(std::string_view text,
                                                  std::span<const TokenSpan> spans) const {
  if (entries.empty())
    return {};
  std::vector<Match> markers;
  for (const TokenSpan &span : spans)
    if (span.isTemplate && anySpecial)
      search(text, span.begin, span.end, true, markers);
  if (spans.size() == 1 && spans[0].isTemplate && spans[0].end - spans[0].begin == text.size() &&
      anySpecial)
    return strip(text, markers);
  // Words lie between the markers, whoever wrote their letters.
  std::erase_if(markers, [](const Match &match) { return !match.entry->has(AddedFlags::Special); });
  std::vector<Match> all;
  size_t at = 0;
  for (const Match &marker : markers) {
    search(text, at, marker.begin, false, all);
    all.push_back(marker);
    at = marker.end;
  }
  search(text, at, text.size(), false, all);
  return strip(text, all);
}

} // namespace osscc::rt
