#include "runtime/serve/Sequences.h"

#include "runtime/model/Session.h"

#include <algorithm>

namespace osscc::rt::serve {

Sequences::Sequences(Session &session, int64_t count) : session(session) {
  for (int64_t i = 0; i < count; ++i)
    session.addSequence();
  entries.resize(size_t(count));
}

/// How much of the prompt a sequence holds and can go on from; its last token is always computed,
/// for its logits.
int64_t Sequences::reusable(int64_t sequence, std::span<const int32_t> prompt) const {
  auto held = session.tokens(sequence);
  auto equal = std::ranges::mismatch(prompt, held).in1 - prompt.begin();
  return session.resumable(sequence, std::min<int64_t>(equal, int64_t(prompt.size()) - 1));
}

/// The idle sequence that holds most of the prompt and little else; -1: none holds any.
int64_t Sequences::best(std::span<const int32_t> prompt, uint64_t owner) const {
  int64_t found = -1, most = 0;
  for (size_t s = 0; s < entries.size(); ++s) {
    if (entries[s].busy || entries[s].owner != owner)
      continue;
    int64_t held = reusable(int64_t(s), prompt), all = int64_t(session.tokens(int64_t(s)).size());
    if (held > most && 2 * held > all) {
      found = int64_t(s);
      most = held;
    }
  }
  return found;
}

/// The idle sequence that is empty, or else was used longest ago.
int64_t Sequences::oldest() const {
  int64_t found = -1;
  auto order = [&](int64_t s) {
    return std::pair(!session.tokens(s).empty(), entries[size_t(s)].used);
  };
  for (size_t s = 0; s < entries.size(); ++s)
    if (!entries[s].busy && (found < 0 || order(int64_t(s)) < order(found)))
      found = int64_t(s);
  return found;
}

Sequences::Taken Sequences::take(std::span<const int32_t> prompt, uint64_t owner, bool reuses) {
  int64_t sequence = reuses ? best(prompt, owner) : -1, keeps = 0;
  if (sequence >= 0)
    keeps = reusable(sequence, prompt);
  else
    sequence = oldest();
  int64_t held = session.rewind(sequence, keeps);
  entries[size_t(sequence)] = {.busy = true, .owner = owner, .used = ++uses};
  return {sequence, held};
}

void Sequences::giveBack(int64_t sequence) {
  entries[size_t(sequence)].busy = false;
  entries[size_t(sequence)].used = ++uses;
}

bool Sequences::dropOldest() {
  int64_t found = -1;
  for (size_t s = 0; s < entries.size(); ++s)
    if (!entries[s].busy && !session.tokens(int64_t(s)).empty() &&
        (found < 0 || entries[s].used < entries[size_t(found)].used))
      found = int64_t(s);
  return found >= 0 && session.rewind(found, 0) == 0;
}

int64_t Sequences::idle() const {
  return std::ranges::count(entries, false, &Entry::busy);
}

} // namespace osscc::rt::serve
