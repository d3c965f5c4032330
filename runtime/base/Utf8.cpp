// The table of well-formed sequences: Unicode Standard, table 3-7.
#include "runtime/base/Utf8.h"

namespace osscc::rt {
namespace {

/// Bytes of the character that `lead` starts, and the range of its second byte; 0 bytes if it
/// starts none.
struct Lead {
  uint8_t bytes, low = 0x80, high = 0xBF;
};

constexpr Lead leadOf(uint8_t lead) {
  if (lead < 0x80)
    return {1};
  if (lead < 0xC2 || lead > 0xF4)
    return {0};
  if (lead < 0xE0)
    return {2};
  if (lead < 0xF0)
    return {3, uint8_t(lead == 0xE0 ? 0xA0 : 0x80), uint8_t(lead == 0xED ? 0x9F : 0xBF)};
  return {4, uint8_t(lead == 0xF0 ? 0x90 : 0x80), uint8_t(lead == 0xF4 ? 0x8F : 0xBF)};
}

} // namespace

Utf8Step utf8Step(std::string_view text) {
  Lead lead = leadOf(uint8_t(text[0]));
  if (lead.bytes == 0)
    return {Utf8Step::kInvalid, 1};
  for (size_t i = 1; i < lead.bytes; ++i) {
    if (i == text.size())
      return {Utf8Step::kCut, i};
    uint8_t byte = uint8_t(text[i]);
    if (byte < (i == 1 ? lead.low : 0x80) || byte > (i == 1 ? lead.high : 0xBF))
      return {Utf8Step::kInvalid, i};
  }
  return {Utf8Step::kCharacter, lead.bytes};
}

size_t validUtf8Bytes(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    if (uint8_t(text[at]) < 0x80) {
      ++at;
      continue;
    }
    Utf8Step step = utf8Step(text.substr(at));
    if (step.kind != Utf8Step::kCharacter)
      return at;
    at += step.bytes;
  }
  return at;
}

} // namespace osscc::rt
