// Where a text is in one array or object, or in the value on its own: the same for all alternatives
// as far as JSON goes, with one Thread for each way in which the schema may be read.
#pragma once

#include "runtime/schema/Machine.h"

#include <cstdint>
#include <string>
#include <vector>

namespace osscc::rt::schema {

enum class Place : uint8_t {
  kStart,       ///< Before all.
  kDone,        ///< Behind all.
  kArrayFirst,  ///< Behind "[".
  kArrayNext,   ///< Behind a comma.
  kArrayAfter,  ///< Behind an item.
  kObjectFirst, ///< Behind "{".
  kObjectNext,  ///< Behind a comma.
  kColon,       ///< Before it.
  kValue,       ///< Behind it.
  kObjectAfter, ///< Behind a member.
  kFrame,       ///< Between the values of a frame.
};

/// The string, number or word that has begun. Its Place is the one behind it.
enum class Lexeme : uint8_t { kNone, kKey, kString, kNumber, kWord };

/// One way to read the text. Numbers only: threads are compared and hashed as bytes.
struct Thread {
  static constexpr uint32_t kOther = 0x8000'0000; ///< In `choice`: one of ObjectRule::others.
  static constexpr uint32_t kEndless = UINT32_MAX;

  uint32_t rule = 0;   ///< Of the array or object.
  uint32_t at = 0;     ///< Items so far (as far as they matter), state of the array or frame, next
                       ///< member.
  uint32_t count = 0;  ///< Members so far, where the rule counts them.
  uint32_t choice = 0; ///< The member; the alternative of a string or number.
  uint32_t node = 0;   ///< Of the value that has begun.
  uint32_t state = 0;  ///< Of an automaton; characters of a member's name.
  uint32_t needs = 0, room = 0; ///< Characters that a string must and may still have.
  uint32_t taken = 0; ///< What names of this object, behind what stands, may not be used again.

  auto operator<=>(const Thread &) const = default;
};

struct Local {
  Place place = Place::kStart;
  Lexeme lexeme = Lexeme::kNone;
  uint8_t space = 0; ///< White space before this, 0 to kMostSpace.
  std::string held;  ///< Of the lexeme: what Lexeme::kString holds; a number's or word's text.
  std::vector<Thread> threads; ///< In order, each once.

  bool operator==(const Local &) const = default;
};

/// White space is one space, or one or two line ends and up to 60 blanks behind them: more would
/// let a model write blanks for ever. \returns the next Local::space, or 0: no more of it.
uint8_t afterSpace(uint8_t space, uint8_t byte);

} // namespace osscc::rt::schema
