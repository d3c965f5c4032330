// The inside of a JSON string, byte by byte: UTF-8 and escapes to code points.
#pragma once

#include "runtime/schema/Automaton.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace osscc::rt::schema {

/// What a byte does behind the first bytes of a character or an escape.
struct StringStep {
  enum Kind {
    kWrong,
    kPart,      ///< It is held: more bytes are needed.
    kCharacter, ///< It completes a character.
    kEnd,       ///< It ends the string.
  } kind = kWrong;
  std::string held;       ///< For kPart.
  char32_t character = 0; ///< For kCharacter.
};

/// \param held  of the character that has begun; empty: none has.
StringStep stringStep(const std::string &held, uint8_t byte);

/// The characters that what is held may become; for nothing held: all.
std::vector<Span> mayBecome(const std::string &held);

} // namespace osscc::rt::schema
