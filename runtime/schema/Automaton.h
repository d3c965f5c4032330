// Finite automata over code points: the texts that a schema allows for a string or a key. They are
// closed under and, or, not, so that a schema's logic is theirs.
#pragma once

#include "runtime/schema/Refusal.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace osscc::rt::schema {

/// Code points from `first` to `last`, both included.
struct Span {
  char32_t first = 0, last = 0;
  bool operator==(const Span &) const = default;
};

/// Spans in order, apart from each other.
using CharacterSet = std::vector<Span>;

/// Every code point that a text can have: all but the surrogates.
const CharacterSet &allCharacters();
CharacterSet complementOf(const CharacterSet &set);
/// Puts spans in order and joins those that touch.
CharacterSet joined(std::vector<Span> spans);

/// Deterministic, and trimmed: from every state a text that is accepted can be reached. What has no
/// edge leads nowhere. The language without a text has no state.
struct Dfa {
  struct Edge {
    char32_t first, last;
    uint32_t next;
  };
  static constexpr uint32_t kNowhere = UINT32_MAX;
  /// "So many or more" of a count of texts.
  static constexpr int64_t kMany = int64_t(1) << 40;

  std::vector<std::vector<Edge>> edges; ///< [state], in order; state 0 is the start.
  std::vector<bool> accepts;            ///< [state]
  std::vector<int64_t> texts; ///< [state] how many are accepted from there, at most kMany.

  bool empty() const { return edges.empty(); }
  uint32_t next(uint32_t state, char32_t character) const;
  /// Whether a character of the span leads somewhere.
  bool leaves(uint32_t state, Span span) const;
  bool matches(std::u32string_view text) const;

  /// Drops states that are not reached or from which nothing is, and counts texts.
  void trim();
};

using DfaPtr = std::shared_ptr<const Dfa>;

enum class Join { kBoth, kEither, kFirstOnly };

/// The texts of both, of either, of the first but not the second.
/// \errors  Refusal beyond the largest automaton.
DfaPtr join(const Dfa &a, const Dfa &b, Join how, Budget &budget);

/// Every text; every text of `least` to `most` characters.
DfaPtr everyText();
DfaPtr textsOfLength(int64_t least, int64_t most, Budget &budget);
DfaPtr oneText(std::u32string_view text);

constexpr size_t kMostStates = 50'000;

} // namespace osscc::rt::schema
