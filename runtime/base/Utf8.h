// UTF-8, one character at a time: validity, code points, and the replacement of what is not UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace osscc::rt {

/// What a text starts with.
struct Utf8Step {
  enum Kind {
    kCharacter, ///< A character of `bytes` bytes.
    kInvalid,   ///< Bytes that no character starts with: one U+FFFD stands for all of them.
    kCut,       ///< The text ends inside a character; `bytes` is all that is left.
  } kind;
  size_t bytes;
};

/// Looks at the start of `text`, which is not empty. An invalid sequence is as long as the part
/// that could still have become a character, at least 1 byte. Source: The Unicode Standard,
/// section 3.9, "maximal subparts".
Utf8Step utf8Step(std::string_view text);

/// Bytes of the longest prefix of `text` that is UTF-8; text.size() if all of it is.
size_t validUtf8Bytes(std::string_view text);

struct CodePoint {
  uint32_t value;
  uint32_t bytes;
};

/// The character at `at`, in a text that is known to be UTF-8.
inline CodePoint decodeUtf8(const char *at) {
  auto byte = [at](int i) { return uint32_t(uint8_t(at[i])); };
  if (byte(0) < 0x80)
    return {byte(0), 1};
  if (byte(0) < 0xE0)
    return {(byte(0) & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (byte(0) < 0xF0)
    return {(byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 |
              (byte(3) & 0x3F),
          4};
}

} // namespace osscc::rt
