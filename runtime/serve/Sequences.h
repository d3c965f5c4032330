// Which sequences of the session are in use, and what the others still hold: a conversation that
// goes on finds its text computed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace osscc::rt {
class Session;
}

namespace osscc::rt::serve {

class Sequences {
public:
  /// \param session  must outlive the object; it adds `count` sequences to it.
  Sequences(Session &session, int64_t count);

  struct Taken {
    int64_t sequence;
    int64_t held; ///< Tokens of the prompt that it holds.
  };
  /// Takes an idle sequence, of which there must be one, and cuts it to what it holds of `prompt`;
  /// the prompt's last token is never among that. The sequence that holds most of it is taken, if
  /// it belongs to `owner` and loses less than half of its text; else one that is empty, or the one
  /// that lay idle longest.
  Taken take(std::span<const int32_t> prompt, uint64_t owner, bool reuses);

  /// Makes a sequence idle. What it holds is for the owner that took it.
  void giveBack(int64_t sequence);

  /// Empties the sequence that lay idle longest. \returns false where all idle ones are empty.
  bool dropOldest();

  int64_t idle() const;

private:
  struct Entry {
    bool busy = false;
    uint64_t owner = 0;
    uint64_t used = 0; ///< When, in a count of uses.
  };
  int64_t reusable(int64_t sequence, std::span<const int32_t> prompt) const;
  int64_t best(std::span<const int32_t> prompt, uint64_t owner) const;
  int64_t oldest() const;

  Session &session;
  std::vector<Entry> entries; ///< By sequence.
  uint64_t uses = 0;
};

} // namespace osscc::rt::serve
