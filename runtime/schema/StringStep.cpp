#include "runtime/schema/StringStep.h"

#include <algorithm>
#include <string_view>

namespace osscc::rt::schema {
namespace {

constexpr char32_t kHigh = 0xD800, kLow = 0xDC00, kBehind = 0xE000;
constexpr size_t kEscapeBytes = 6; // "\uD83D"

int hexDigit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  char lower = char(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The numbers that begin with these hexadecimal digits, of which there are four.
Span numbersOf(std::string_view digits) {
  char32_t value = 0;
  for (char c : digits)
    value = value << 4 | char32_t(hexDigit(c));
  int open = 4 * (4 - int(digits.size()));
  return {value << open, ((value + 1) << open) - 1};
}

void addCut(std::vector<Span> &spans, Span span, Span within) {
  span.first = std::max(span.first, within.first);
  span.last = std::min(span.last, within.last);
  if (span.first <= span.last)
    spans.push_back(span);
}

char32_t pairOf(char32_t high, char32_t low) {
  return 0x10000 + ((high - kHigh) << 10) + (low - kLow);
}

/// Of an escape that has begun; each way that it can still go.
std::vector<Span> escapeSpans(std::string_view held) {
  if (held.size() < 2)
    return allCharacters();
  std::vector<Span> spans;
  Span first = numbersOf(held.substr(2, 4));
  addCut(spans, first, {0, kHigh - 1});
  addCut(spans, first, {kBehind, 0xFFFF});
  std::vector<Span> highs, lows;
  addCut(highs, first, {kHigh, kLow - 1});
  std::string_view digits = held.size() > kEscapeBytes + 2 ? held.substr(kEscapeBytes + 2) : "";
  addCut(lows, numbersOf(digits), {kLow, kBehind - 1});
  if (!highs.empty() && !lows.empty())
    spans.push_back({pairOf(highs[0].first, lows[0].first), pairOf(highs[0].last, lows[0].last)});
  return spans;
}

/// How many bytes a character has that begins with this one; 0: none does.
size_t bytesOf(uint8_t lead) {
  if (lead >= 0xC2 && lead <= 0xDF)
    return 2;
  if (lead >= 0xE0 && lead <= 0xEF)
    return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

std::vector<Span> utf8Spans(std::string_view held) {
  size_t bytes = bytesOf(uint8_t(held[0]));
  char32_t value = uint8_t(held[0]) & (0xFF >> (bytes + 1));
  for (size_t i = 1; i < held.size(); ++i)
    value = value << 6 | (uint8_t(held[i]) & 0x3F);
  int open = 6 * int(bytes - held.size());
  Span span{value << open, ((value + 1) << open) - 1};
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  std::vector<Span> spans;
  for (Span all : allCharacters())
    addCut(spans, span, {std::max(all.first, kLeast[bytes]), all.last});
  return spans;
}

StringStep partOrWrong(std::string held) {
  if (mayBecome(held).empty())
    return {};
  return {StringStep::kPart, std::move(held)};
}

StringStep afterBackslash(char c) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr char kValues[] = {'"', '\\', '/', '\b', '\f', '\n', '\r', '\t'};
  if (c == 'u')
    return {StringStep::kPart, "\\u"};
  size_t at = kLetters.find(c);
  if (at == kLetters.npos)
    return {};
  return {StringStep::kCharacter, {}, char32_t(kValues[at])};
}

StringStep escapeStep(const std::string &held, char c) {
  if (held.size() == 1)
    return afterBackslash(c);
  if (held.size() == kEscapeBytes || held.size() == kEscapeBytes + 1) // behind a high surrogate
    return c == (held.size() == kEscapeBytes ? '\\' : 'u') ? partOrWrong(held + c) : StringStep();
  if (hexDigit(c) < 0)
    return {};
  std::string all = held + c;
  StringStep step = partOrWrong(all);
  if (step.kind == StringStep::kWrong || (all.size() != kEscapeBytes && all.size() != 12))
    return step;
  char32_t first = numbersOf(std::string_view(all).substr(2, 4)).first;
  if (all.size() == kEscapeBytes && first >= kHigh && first < kLow)
    return step;
  return {StringStep::kCharacter, {}, mayBecome(all)[0].first};
}

} // namespace

std::vector<Span> mayBecome(const std::string &held) {
  if (held.empty())
    return allCharacters();
  return held[0] == '\\' ? escapeSpans(held) : utf8Spans(held);
}

StringStep stringStep(const std::string &held, uint8_t byte) {
  if (!held.empty() && held[0] == '\\')
    return escapeStep(held, char(byte));
  if (held.empty()) {
    if (byte == '"')
      return {StringStep::kEnd, {}};
    if (byte == '\\')
      return {StringStep::kPart, "\\"};
    if (byte < 0x80)
      return byte < 0x20 ? StringStep() : StringStep{StringStep::kCharacter, {}, byte};
    return bytesOf(byte) > 0 ? partOrWrong(std::string(1, char(byte))) : StringStep();
  }
  if ((byte & 0xC0) != 0x80)
    return {};
  std::string all = held + char(byte);
  StringStep step = partOrWrong(all);
  if (step.kind == StringStep::kPart && all.size() == bytesOf(uint8_t(all[0])))
    return {StringStep::kCharacter, {}, mayBecome(all)[0].first};
  return step;
}

} // namespace osscc::rt::schema
