#include "runtime/template/Case.h"
#include "runtime/bundle/PythonSpace.h"
#include "runtime/template/UnicodeTables.h"
#include <algorithm>
#include <utf8proc.h>

namespace osscc::rt {

static bool contains(std::span<const CodeRange> ranges, uint32_t code) {
  auto range = std::ranges::lower_bound(ranges, code, {}, &CodeRange::last);
  return range != ranges.end() && range->first <= code;
}

static const CaseMapping *find(std::span<const CaseMapping> mappings, uint32_t code) {
  auto mapping = std::ranges::lower_bound(mappings, code, {}, &CaseMapping::from);
  return mapping != mappings.end() && mapping->from == code ? &*mapping : nullptr;
}

static utf8proc_category_t category(uint32_t code) {
  return utf8proc_category(int32_t(code));
}

bool isLowerLetter(uint32_t code) {
  return category(code) == UTF8PROC_CATEGORY_LL || contains(kOtherLowercase, code);
}
bool isUpperLetter(uint32_t code) {
  return category(code) == UTF8PROC_CATEGORY_LU || contains(kOtherUppercase, code);
}
bool isTitleLetter(uint32_t code) {
  return category(code) == UTF8PROC_CATEGORY_LT;
}
bool isCasedLetter(uint32_t code) {
  return isLowerLetter(code) || isUpperLetter(code) || isTitleLetter(code);
}
bool isAlphabetic(uint32_t code) {
  return category(code) >= UTF8PROC_CATEGORY_LU && category(code) <= UTF8PROC_CATEGORY_LO;
}
bool isDecimalDigit(uint32_t code) {
  return category(code) == UTF8PROC_CATEGORY_ND;
}
bool isDigitCharacter(uint32_t code) {
  return isDecimalDigit(code) || contains(kOtherDigits, code);
}
bool isNumericCharacter(uint32_t code) {
  return (category(code) >= UTF8PROC_CATEGORY_ND && category(code) <= UTF8PROC_CATEGORY_NO) ||
         contains(kOtherNumeric, code);
}
bool isPrintableCharacter(uint32_t code) {
  if (code < 0x7f)
    return code >= 0x20;
  utf8proc_category_t its = category(code);
  return its != UTF8PROC_CATEGORY_CN && (its < UTF8PROC_CATEGORY_ZS || its > UTF8PROC_CATEGORY_CO);
}
bool isWordCharacter(uint32_t code) {
  return code == '_' || isAlphabetic(code) || isNumericCharacter(code);
}
bool isIdentifierStart(uint32_t code) {
  return code == '_' || isAlphabetic(code) || category(code) == UTF8PROC_CATEGORY_NL;
}
bool isIdentifierPart(uint32_t code) {
  utf8proc_category_t its = category(code);
  return isIdentifierStart(code) || its == UTF8PROC_CATEGORY_MN || its == UTF8PROC_CATEGORY_MC ||
         its == UTF8PROC_CATEGORY_ND || its == UTF8PROC_CATEGORY_PC || code == 0xb7;
}

static bool isCaseIgnorable(uint32_t code) {
  switch (category(code)) {
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_ME:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_SK:
    return true;
  default:
    return contains(kOtherCaseIgnorable, code);
  }
}

uint32_t codePointAt(std::string_view text, size_t offset) {
  int32_t code = 0;
  utf8proc_ssize_t bytes =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t *>(text.data() + offset),
                       utf8proc_ssize_t(text.size() - offset), &code);
  return bytes > 0 ? uint32_t(code) : uint8_t(text[offset]);
}

void appendCodePoint(std::string &out, uint32_t code) {
  utf8proc_uint8_t bytes[4];
  utf8proc_ssize_t count = utf8proc_encode_char(int32_t(code), bytes);
  out.append(reinterpret_cast<const char *>(bytes), size_t(count));
}

namespace {

/// One pass over a text; what changes a letter depends on those before it and, for the sigma, on
/// those behind.
class Changer {
public:
  explicit Changer(std::string_view text) : text(text) {}

  void lower(std::string &out, uint32_t code, size_t begin, size_t end) const {
    if (code == 0x3a3)
      code = isFinalSigma(begin, end) ? 0x3c2 : 0x3c3;
    else if (code == 0x130)
      out += 'i', code = 0x307;
    else
      code = uint32_t(utf8proc_tolower(int32_t(code)));
    appendCodePoint(out, code);
  }

  static void upper(std::string &out, uint32_t code) {
    map(out, kSpecialUpper, code, utf8proc_toupper);
  }
  static void title(std::string &out, uint32_t code) {
    map(out, kSpecialTitle, code, utf8proc_totitle);
  }

  static void fold(std::string &out, uint32_t code) {
    int32_t folded[8];
    int boundary = 0;
    utf8proc_ssize_t count =
        utf8proc_decompose_char(int32_t(code), folded, 8, UTF8PROC_CASEFOLD, &boundary);
    for (utf8proc_ssize_t i = 0; i < count && i < 8; ++i)
      appendCodePoint(out, uint32_t(folded[i]));
  }

  /// Where the text starts for the sigma's sake.
  void startAt(size_t offset) { start = offset; }

private:
  static void map(std::string &out, std::span<const CaseMapping> special, uint32_t code,
                  int32_t (*simple)(int32_t)) {
    if (const CaseMapping *mapping = find(special, code)) {
      for (uint32_t to : mapping->to)
        if (to)
          appendCodePoint(out, to);
    } else {
      appendCodePoint(out, uint32_t(simple(int32_t(code))));
    }
  }

  /// A cased letter stands before and none behind, letters that case ignores aside. Looks at most
  /// kReach bytes far: a run of a million accents would take the square of their number.
  bool isFinalSigma(size_t begin, size_t end) const {
    constexpr size_t kReach = 256;
    bool before = false;
    for (size_t at = begin, low = std::max(start, begin - std::min(begin, kReach)); at > low;) {
      do
        --at;
      while (at > low && (text[at] & 0xc0) == 0x80);
      uint32_t code = codePointAt(text, at);
      if (isCaseIgnorable(code))
        continue;
      before = isCasedLetter(code);
      break;
    }
    for (size_t at = end; before && at < std::min(text.size(), end + kReach);
         at += codePointBytes(text, at)) {
      uint32_t code = codePointAt(text, at);
      if (!isCaseIgnorable(code))
        return !isCasedLetter(code);
    }
    return before;
  }

  std::string_view text;
  size_t start = 0;
};

} // namespace

/// Appends what `change(out, code, begin, end)` writes for each code point, with its origin.
template <class Change> static TextPtr changeEach(const Text &text, Change change) {
  auto result = std::make_shared<Text>();
  std::string_view view = text.view();
  for (const TokenSpan &span : text.spans()) {
    std::string out;
    for (size_t at = span.begin; at < span.end;) {
      size_t bytes = codePointBytes(view, at);
      change(out, codePointAt(view, at), at, at + bytes);
      at += bytes;
    }
    result->append(out, span.isTemplate);
  }
  result->setMarkup(text.isMarkup());
  return result;
}

TextPtr changeCase(const Text &text, CaseChange change) {
  Changer changer(text.view());
  bool inWord = false;
  return changeEach(text, [&](std::string &out, uint32_t code, size_t begin, size_t end) {
    switch (change) {
    case CaseChange::kLower:
      return changer.lower(out, code, begin, end);
    case CaseChange::kUpper:
      return Changer::upper(out, code);
    case CaseChange::kFold:
      return Changer::fold(out, code);
    case CaseChange::kSwap:
      if (isUpperLetter(code))
        changer.lower(out, code, begin, end);
      else if (isLowerLetter(code))
        Changer::upper(out, code);
      else
        appendCodePoint(out, code);
      return;
    case CaseChange::kTitle:
    case CaseChange::kCapitalize:
      inWord ? changer.lower(out, code, begin, end) : Changer::title(out, code);
      inWord = change == CaseChange::kCapitalize || isCasedLetter(code);
    }
  });
}

TextPtr titleWords(const Text &text) {
  Changer changer(text.view());
  enum { kFirst, kSeparator, kWord } last = kFirst;
  return changeEach(text, [&](std::string &out, uint32_t code, size_t begin, size_t end) {
    bool separates =
        (code < 128 && std::string_view("-({[<").find(char(code)) != std::string_view::npos) ||
        pythonSpaceAtStart(text.view().substr(begin));
    bool starts = last == kFirst || (last == kWord) == separates;
    if (starts)
      Changer::upper(out, code);
    else
      changer.lower(out, code, begin, end);
    // The word behind its first letter is changed by itself.
    if (starts)
      changer.startAt(end);
    last = separates ? kSeparator : kWord;
  });
}

std::string lowerText(std::string_view text) {
  if (std::ranges::none_of(text, [](char c) { return (c & 0x80) || (c >= 'A' && c <= 'Z'); }))
    return std::string(text);
  return std::string(changeCase(Text(text, true), CaseChange::kLower)->view());
}

std::string asciiDigits(std::string_view text) {
  if (std::ranges::none_of(text, [](char c) { return c & 0x80; }))
    return std::string(text);
  std::string result;
  for (size_t at = 0; at < text.size();) {
    size_t bytes = codePointBytes(text, at);
    uint32_t code = codePointAt(text, at), zero = code;
    if (bytes > 1 && isDecimalDigit(code)) {
      // A script's ten digits lie side by side, and some have several tens.
      while (isDecimalDigit(zero - 1))
        --zero;
      result += char('0' + (code - zero) % 10);
    } else {
      result += text.substr(at, bytes);
    }
    at += bytes;
  }
  return result;
}

} // namespace osscc::rt
