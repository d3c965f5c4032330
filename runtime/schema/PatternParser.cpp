#include "runtime/schema/PatternParser.h"

#include "runtime/base/Utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace osscc::rt::schema {
namespace {

constexpr size_t kMostNfaStates = 20'000;
constexpr int64_t kMostRepeats = 10'000;
constexpr int kDeepest = 100;

std::u32string codePoints(std::string_view text) {
  std::u32string out;
  for (size_t at = 0; at < text.size();) {
    CodePoint point = decodeUtf8(text.data() + at);
    out += char32_t(point.value);
    at += point.bytes;
  }
  return out;
}

class Parser {
public:
  explicit Parser(std::string_view pattern) : source(pattern), text(codePoints(pattern)) {}

  Nfa parse() {
    Piece all = alternatives(0);
    if (at < text.size())
      refuse("has a ) without a (");
    nfa.start = all.start;
    nfa.end = all.end;
    return std::move(nfa);
  }

private:
  /// A part of the automaton, entered at `start` and left at `end`.
  struct Piece {
    uint32_t start, end;
  };

  [[noreturn]] void refuse(std::string_view why) const {
    throw Refusal("", fmt::format("the expression '{}' {}", source, why));
  }

  bool has(char32_t c) const { return at < text.size() && text[at] == c; }
  bool skips(char32_t c) {
    if (!has(c))
      return false;
    ++at;
    return true;
  }
  bool skips(std::u32string_view what) {
    if (!std::u32string_view(text).substr(at).starts_with(what))
      return false;
    at += what.size();
    return true;
  }

  uint32_t state() {
    if (nfa.states.size() >= kMostNfaStates)
      refuse("has too many states");
    nfa.states.emplace_back();
    return uint32_t(nfa.states.size() - 1);
  }
  void link(uint32_t from, uint32_t to) { nfa.states[from].free.push_back(to); }
  Piece emptyPiece() {
    uint32_t only = state();
    return {only, only};
  }
  Piece setPiece(CharacterSet set) {
    Piece piece{state(), state()};
    nfa.states[piece.start].set = std::move(set);
    nfa.states[piece.start].next = piece.end;
    return piece;
  }

  Piece alternatives(int depth) {
    if (depth > kDeepest)
      refuse("is nested too deep");
    Piece all{state(), state()};
    do {
      Piece each = sequence(depth);
      link(all.start, each.start);
      link(each.end, all.end);
    } while (skips(U'|'));
    return all;
  }

  Piece sequence(int depth) {
    Piece all = emptyPiece();
    while (at < text.size() && !has(U'|') && !has(U')')) {
      Piece next = repeated(depth);
      link(all.end, next.start);
      all.end = next.end;
    }
    return all;
  }

  /// An atom and its quantifier. A counted one is parsed again for each time that it may occur.
  Piece repeated(int depth) {
    size_t begin = at;
    Piece once = atom(depth);
    int64_t least = 1, most = 1;
    if (!readQuantifier(least, most))
      return once;
    size_t end = at;
    if (isAssertion)
      refuse("repeats an assertion");
    Piece all = emptyPiece();
    auto again = [&] {
      at = begin;
      return atom(depth);
    };
    int64_t copies = most == INT64_MAX ? std::max<int64_t>(least, 1) : most;
    for (int64_t i = 0; i < copies; ++i) {
      Piece next = i == 0 ? once : again();
      uint32_t behind = state();
      link(all.end, next.start);
      link(next.end, behind);
      if (i >= least)
        link(all.end, behind);
      if (most == INT64_MAX && i == copies - 1)
        link(behind, next.start);
      all.end = behind;
    }
    at = end;
    return all;
  }

  bool readQuantifier(int64_t &least, int64_t &most) {
    if (skips(U'*'))
      least = 0, most = INT64_MAX;
    else if (skips(U'+'))
      most = INT64_MAX;
    else if (skips(U'?'))
      least = 0;
    else if (!has(U'{') || !readBraces(least, most))
      return false;
    skips(U'?'); // a lazy one matches the same texts
    return true;
  }

  bool readBraces(int64_t &least, int64_t &most) {
    size_t begin = at++;
    auto low = readCount();
    bool isOpen = skips(U',');
    auto high = isOpen ? readCount() : low;
    if (!low || !skips(U'}')) {
      at = begin;
      refuse("has a { that begins no count");
    }
    least = *low;
    most = isOpen && !high ? INT64_MAX : *high;
    if (least > most)
      refuse("has a count whose bounds are in the wrong order");
    return true;
  }

  std::optional<int64_t> readCount() {
    int64_t value = 0;
    size_t begin = at;
    for (; at < text.size() && text[at] >= U'0' && text[at] <= U'9'; ++at)
      if ((value = value * 10 + int64_t(text[at] - U'0')) > kMostRepeats)
        refuse("repeats more than 10,000 times");
    return at > begin ? std::optional(value) : std::nullopt;
  }

  Piece atom(int depth) {
    isAssertion = false;
    if (skips(U'('))
      return group(depth);
    if (skips(U'['))
      return setPiece(bracket());
    if (has(U'^') || has(U'$'))
      return border();
    if (skips(U'.'))
      return setPiece(complementOf(joined({{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}})));
    if (has(U'*') || has(U'+') || has(U'?') || has(U'{'))
      refuse("has a quantifier that follows nothing");
    if (skips(U'\\'))
      return setPiece(escape(/*inBracket=*/false));
    char32_t c = text[at++];
    return setPiece({{c, c}});
  }

  Piece border() {
    Piece piece{state(), state()};
    auto &from = nfa.states[piece.start];
    (text[at++] == U'^' ? from.atBegin : from.atEnd).push_back(piece.end);
    isAssertion = true;
    return piece;
  }

  Piece group(int depth) {
    if (skips(U"?=") || skips(U"?!") || skips(U"?<=") || skips(U"?<!"))
      refuse("looks ahead or behind, which is not supported");
    if (skips(U"?<")) {
      while (at < text.size() && !has(U'>'))
        ++at;
      if (!skips(U'>'))
        refuse("has a group without the end of its name");
    } else if (!skips(U"?:") && has(U'?')) {
      refuse("has a group of a kind that is not supported");
    }
    Piece inner = alternatives(depth + 1);
    if (!skips(U')'))
      refuse("has a ( without a )");
    isAssertion = false;
    return inner;
  }

  CharacterSet bracket() {
    bool isNegated = skips(U'^');
    std::vector<Span> spans;
    while (!skips(U']')) {
      CharacterSet first = bracketItem();
      bool isOne = first.size() == 1 && first[0].first == first[0].last;
      if (has(U'-') && at + 1 < text.size() && text[at + 1] != U']') {
        ++at;
        CharacterSet last = bracketItem();
        if (!isOne || last.size() != 1 || last[0].first != last[0].last ||
            last[0].first < first[0].first)
          refuse("has a range of characters that is none");
        first[0].last = last[0].last;
      }
      spans.insert(spans.end(), first.begin(), first.end());
    }
    CharacterSet set = joined(std::move(spans));
    return isNegated ? complementOf(set) : set;
  }

  CharacterSet bracketItem() {
    if (at >= text.size())
      refuse("has a [ without a ]");
    if (skips(U'\\'))
      return escape(/*inBracket=*/true);
    char32_t c = text[at++];
    return {{c, c}};
  }

  char32_t readHex(size_t least, size_t most) {
    char32_t value = 0;
    size_t begin = at;
    for (; at < text.size() && at - begin < most; ++at) {
      char32_t c = text[at];
      if (c >= U'0' && c <= U'9')
        value = value * 16 + (c - U'0');
      else if ((c | 0x20) >= U'a' && (c | 0x20) <= U'f')
        value = value * 16 + ((c | 0x20) - U'a' + 10);
      else
        break;
    }
    if (at - begin < least || value > 0x10FFFF)
      refuse("has a \\x or \\u without a character's number");
    return value;
  }

  char32_t readUnicode() {
    if (skips(U'{')) {
      char32_t value = readHex(1, 8);
      if (!skips(U'}'))
        refuse("has a \\u{ without a }");
      return value;
    }
    char32_t high = readHex(4, 4);
    if (high < 0xD800 || high > 0xDBFF || !skips(U"\\u"))
      return high;
    char32_t low = readHex(4, 4);
    if (low < 0xDC00 || low > 0xDFFF)
      refuse("has half of a pair of surrogates");
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  }

  CharacterSet category(bool isNegated) {
    size_t end = text.find(U'}', at);
    if (!skips(U'{') || end == std::u32string::npos)
      refuse("has a \\p without a name");
    std::string name(text.begin() + long(at), text.begin() + long(end));
    at = end + 1;
    CharacterSet set = charactersOfCategory(name);
    if (set.empty())
      refuse(fmt::format("has \\p{{{}}}, which is not supported", name));
    return isNegated ? complementOf(set) : set;
  }

  CharacterSet escape(bool inBracket) {
    if (at >= text.size())
      refuse("ends in a \\");
    char32_t c = text[at++];
    auto one = [](char32_t value) { return CharacterSet{{value, value}}; };
    switch (c) {
    case U'd':
      return digits();
    case U'D':
      return complementOf(digits());
    case U'w':
      return wordCharacters();
    case U'W':
      return complementOf(wordCharacters());
    case U's':
      return spaces();
    case U'S':
      return complementOf(spaces());
    case U'p':
      return category(false);
    case U'P':
      return category(true);
    case U'n':
      return one('\n');
    case U'r':
      return one('\r');
    case U't':
      return one('\t');
    case U'f':
      return one('\f');
    case U'v':
      return one('\v');
    case U'x':
      return one(readHex(2, 2));
    case U'u':
      return one(readUnicode());
    case U'0':
      return one(0);
    case U'b':
      if (inBracket)
        return one('\b');
      break;
    case U'c':
      if (at < text.size() && (text[at] | 0x20) >= U'a' && (text[at] | 0x20) <= U'z')
        return one(text[at++] & 31);
      break;
    default:
      break;
    }
    bool isLetter = (c | 0x20) >= U'a' && (c | 0x20) <= U'z';
    if (isLetter || (c >= U'1' && c <= U'9'))
      refuse(fmt::format("has \\{}, which is not supported", char(c)));
    return one(c);
  }

  std::string_view source;
  std::u32string text;
  size_t at = 0;
  bool isAssertion = false; ///< Whether the last atom was one.
  Nfa nfa;
};

} // namespace

Nfa parsePattern(std::string_view pattern) {
  return Parser(pattern).parse();
}

} // namespace osscc::rt::schema
