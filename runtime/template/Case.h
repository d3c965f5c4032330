// Letters as Python's str sees them: the full case mappings of Unicode with SpecialCasing.txt, and
// what isalpha() and its relatives ask. Categories and pairs of letters are those of utf8proc
// (Unicode 15 in Debian 12, as Python 3.12's).
#pragma once

#include "runtime/template/Text.h"
#include <cstdint>

namespace osscc::rt {

enum class CaseChange { kLower, kUpper, kTitle, kCapitalize, kSwap, kFold };

/// str.lower(), upper(), title(), capitalize(), swapcase(), casefold(). Each new byte has the
/// origin of the letter that it comes from; markup stays markup.
TextPtr changeCase(const Text &text, CaseChange change);
/// jinja2's filter `title`: a word starts behind whitespace and -({[<.
TextPtr titleWords(const Text &text);
/// text.lower().
std::string lowerText(std::string_view text);

/// The code point at `offset`, whose bytes codePointBytes() counts.
uint32_t codePointAt(std::string_view text, size_t offset);
void appendCodePoint(std::string &out, uint32_t code);

bool isLowerLetter(uint32_t code);
bool isUpperLetter(uint32_t code);
bool isTitleLetter(uint32_t code);
bool isCasedLetter(uint32_t code);
bool isAlphabetic(uint32_t code);
bool isDecimalDigit(uint32_t code);
bool isDigitCharacter(uint32_t code);
bool isNumericCharacter(uint32_t code);
bool isPrintableCharacter(uint32_t code);
/// `\w` of Python's re.
bool isWordCharacter(uint32_t code);
bool isIdentifierStart(uint32_t code);
bool isIdentifierPart(uint32_t code);

/// The text with decimal digits of any script as ASCII ones.
std::string asciiDigits(std::string_view text);

} // namespace osscc::rt
