// What a byte does to a Local.
#pragma once

#include "runtime/schema/Local.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace osscc::rt::schema {

using ThreadSet = std::vector<uint16_t>; ///< Indices of threads, in order.
using Origins = std::vector<ThreadSet>;  ///< Where each thread comes from.

/// Sets of texts by a number; 0 is the empty one.
class TextSets {
public:
  using Texts = std::vector<std::u32string>;
  const Texts &at(uint32_t id) const { return *sets[id]; }
  uint32_t of(Texts texts);

  TextSets() { of({}); }

private:
  std::map<Texts, uint32_t> ids;
  std::vector<const Texts *> sets;
};

struct Outcome {
  enum Kind : uint8_t { kNone, kMove, kPush, kPop } kind = kNone;
  /// What becomes of the name that is being written, if it is no member's own.
  enum Names : uint8_t { kKeep, kAdd, kEnd, kDrop } names = kKeep;
  char32_t character = 0;   ///< For kAdd.
  Local local;              ///< The new top.
  Local below;              ///< For kPush: what the old top becomes.
  Origins origins;          ///< Of the threads of `local`, for kPush of `below`, in the old top.
  Origins links;            ///< For kPush: of the threads of `local` in `below`.
  ThreadSet survivors = {}; ///< For kPop: threads of the old top.
};

class LocalSteps {
public:
  LocalSteps(const Machine &machine, TextSets &texts) : machine(machine), texts(texts) {}

  /// \param used  names of the object that were written and are no members' own.
  Outcome step(const Local &local, uint8_t byte, const TextSets::Texts &used);

  /// What a token that is a mark does.
  Outcome mark(const Local &local, int32_t token);

  /// Whether the names that were used have a bearing on how a key begins here.
  bool asksNames(const Local &local) const;

  /// Whether the number that `local` ends in may end.
  bool mayEndNumber(const Local &local) const;
  /// Whether a text may end in this place of its frame.
  bool mayEndFrame(const Local &local) const;

private:
  using Found = std::vector<std::pair<Thread, uint16_t>>; ///< Threads and their origins.

  /// A value that may begin: the thread behind it, and its node.
  struct Beginning {
    Thread after;
    NodeId node;
  };

  static Outcome moved(Local to, Found found);
  void begin(const Thread &thread, Place place, std::vector<Beginning> &out) const;
  Outcome structure(const Local &local, uint8_t byte, const TextSets::Texts &used);
  Outcome frame(const Local &local, uint8_t byte);
  bool isBetween(const Local &local, const Thread &thread) const;
  Outcome space(const Local &local, uint8_t byte);
  Outcome comma(const Local &local);
  Outcome close(const Local &local, Place first, Place after);
  Outcome open(const Local &local, bool isArray);
  Outcome openString(const Local &local);
  Outcome openKey(const Local &local, const TextSets::Texts &used);
  void keysOf(const Thread &thread, const TextSets::Texts &used, uint16_t origin, Found &found);
  bool hasKey(const Thread &thread) const;
  bool mayTake(const Thread &thread, size_t next, uint32_t count) const;
  bool mayClose(const Thread &thread, Place place) const;
  Outcome openNumber(const Local &local, uint8_t byte);
  Outcome openWord(const Local &local, uint8_t byte);
  Outcome inString(const Local &local, uint8_t byte);
  Outcome endString(const Local &local);
  bool advance(const Local &local, Thread &thread, char32_t character);
  bool mayAdvance(const Local &local, const Thread &thread, const std::vector<Span> &spans) const;
  bool endsString(const Local &local, Thread &thread) const;
  Outcome inNumber(const Local &local, uint8_t byte, const TextSets::Texts &used);
  Outcome inWord(const Local &local, uint8_t byte);
  const StringRule &stringOf(const Thread &thread) const {
    return machine.nodes[thread.node].strings[thread.choice];
  }
  bool isKey(const Local &local) const { return local.lexeme == Lexeme::kKey; }
  static void settle(Thread &thread);

  const Machine &machine;
  TextSets &texts;
};

/// Of two steps one behind the other: where the threads come from in the end.
Origins compose(const Origins &later, const Origins &earlier);
ThreadSet compose(const ThreadSet &later, const Origins &earlier);

} // namespace osscc::rt::schema
