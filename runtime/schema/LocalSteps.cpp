#include "runtime/schema/LocalSteps.h"

#include <algorithm>

namespace osscc::rt::schema {
namespace {

constexpr uint8_t kOneSpace = 1, kOneLine = 2, kTwoLines = 3, kMostSpace = 63;

Place behind(Place place) {
  switch (place) {
  case Place::kStart:
    return Place::kDone;
  case Place::kFrame:
    return Place::kFrame;
  case Place::kValue:
    return Place::kObjectAfter;
  default:
    return Place::kArrayAfter;
  }
}

bool isBeforeValue(Place place) {
  return place == Place::kStart || place == Place::kArrayFirst || place == Place::kArrayNext ||
         place == Place::kValue || place == Place::kFrame;
}

bool isOfNumber(uint8_t byte) {
  return (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' || byte == '.' || byte == 'e' ||
         byte == 'E';
}

} // namespace

uint8_t afterSpace(uint8_t space, uint8_t byte) {
  if (space == 0 && byte == ' ')
    return kOneSpace;
  if (byte == '\n' && (space == 0 || space == kOneLine))
    return space == 0 ? kOneLine : kTwoLines;
  bool isBlank = byte == ' ' || byte == '\t';
  if (isBlank && space >= kOneLine && space < kMostSpace)
    return uint8_t(std::max(space, kTwoLines) + 1);
  return 0;
}

uint32_t TextSets::of(Texts set) {
  std::ranges::sort(set);
  auto [entry, isNew] = ids.emplace(std::move(set), uint32_t(sets.size()));
  if (isNew)
    sets.push_back(&entry->first);
  return entry->second;
}

ThreadSet compose(const ThreadSet &later, const Origins &earlier) {
  ThreadSet all;
  for (uint16_t thread : later)
    all.insert(all.end(), earlier[thread].begin(), earlier[thread].end());
  std::ranges::sort(all);
  auto [first, last] = std::ranges::unique(all);
  all.erase(first, last);
  return all;
}

Origins compose(const Origins &later, const Origins &earlier) {
  Origins all;
  for (const ThreadSet &set : later)
    all.push_back(compose(set, earlier));
  return all;
}

/// Forgets what only a value or a key that has ended needed.
void LocalSteps::settle(Thread &thread) {
  thread.node = thread.state = thread.needs = thread.room = thread.taken = 0;
}

/// Puts threads in order, each once.
Outcome LocalSteps::moved(Local to, Found found) {
  std::ranges::sort(found);
  Outcome out;
  for (auto &[thread, origin] : found) {
    if (to.threads.empty() || to.threads.back() != thread) {
      to.threads.push_back(thread);
      out.origins.emplace_back();
    }
    if (out.origins.back().empty() || out.origins.back().back() != origin)
      out.origins.back().push_back(origin);
  }
  if (to.threads.empty())
    return out;
  out.kind = Outcome::kMove;
  out.local = std::move(to);
  return out;
}

Outcome LocalSteps::step(const Local &local, uint8_t byte, const TextSets::Texts &used) {
  switch (local.lexeme) {
  case Lexeme::kNone:
    return structure(local, byte, used);
  case Lexeme::kKey:
  case Lexeme::kString:
    return inString(local, byte);
  case Lexeme::kNumber:
    return inNumber(local, byte, used);
  case Lexeme::kWord:
    break;
  }
  return inWord(local, byte);
}

Outcome LocalSteps::structure(const Local &local, uint8_t byte, const TextSets::Texts &used) {
  Place place = local.place;
  bool isKeyNext = place == Place::kObjectFirst || place == Place::kObjectNext;
  if (place == Place::kFrame)
    return frame(local, byte);
  switch (byte) {
  case ' ':
  case '\n':
  case '\t':
    return space(local, byte);
  case ',':
    return comma(local);
  case ':': {
    if (place != Place::kColon)
      return {};
    Found found;
    for (uint16_t i = 0; i < local.threads.size(); ++i)
      found.emplace_back(local.threads[i], i);
    return moved({.place = Place::kValue, .held = {}, .threads = {}}, std::move(found));
  }
  case ']':
    return close(local, Place::kArrayFirst, Place::kArrayAfter);
  case '}':
    return close(local, Place::kObjectFirst, Place::kObjectAfter);
  case '"':
    return isKeyNext ? openKey(local, used) : openString(local);
  default:
    break;
  }
  if (!isBeforeValue(place))
    return {};
  if (byte == '[' || byte == '{')
    return open(local, byte == '[');
  return byte == 't' || byte == 'f' || byte == 'n' ? openWord(local, byte)
                                                   : openNumber(local, byte);
}

Outcome LocalSteps::space(const Local &local, uint8_t byte) {
  uint8_t next = afterSpace(local.space, byte);
  if (next == 0 || local.place == Place::kDone)
    return {};
  Outcome out{.kind = Outcome::kMove, .local = local, .below = {}, .origins = {}, .links = {}};
  out.local.space = next;
  for (uint16_t i = 0; i < local.threads.size(); ++i)
    out.origins.push_back({i});
  return out;
}

/// What may come before a comma, and has something to follow it.
Outcome LocalSteps::comma(const Local &local) {
  bool isArray = local.place == Place::kArrayAfter;
  if (!isArray && local.place != Place::kObjectAfter)
    return {};
  Found found;
  std::vector<Beginning> items;
  for (uint16_t i = 0; i < local.threads.size(); ++i) {
    const Thread &thread = local.threads[i];
    items.clear();
    if (isArray)
      begin(thread, Place::kArrayNext, items);
    if (isArray ? !items.empty() : hasKey(thread))
      found.emplace_back(thread, i);
  }
  Place next = isArray ? Place::kArrayNext : Place::kObjectNext;
  return moved({.place = next, .held = {}, .threads = {}}, std::move(found));
}

bool LocalSteps::mayClose(const Thread &thread, Place place) const {
  if (place == Place::kArrayFirst || place == Place::kArrayAfter) {
    const ArrayRule &rule = machine.arrays[thread.rule];
    return rule.states.empty() ? int64_t(thread.at) >= rule.least : rule.states[thread.at].mayEnd;
  }
  const ObjectRule &rule = machine.objects[thread.rule];
  return rule.requiredFrom[thread.at] == 0 && int64_t(thread.count) >= rule.least;
}

Outcome LocalSteps::close(const Local &local, Place first, Place after) {
  Outcome out;
  if (local.place != first && local.place != after)
    return out;
  for (uint16_t i = 0; i < local.threads.size(); ++i)
    if (mayClose(local.threads[i], local.place))
      out.survivors.push_back(i);
  if (!out.survivors.empty())
    out.kind = Outcome::kPop;
  return out;
}

/// The values that a thread may begin with here.
void LocalSteps::begin(const Thread &thread, Place place, std::vector<Beginning> &out) const {
  Thread after = thread;
  settle(after);
  after.choice = 0;
  if (place == Place::kStart) {
    out.push_back({after, Machine::kRoot});
  } else if (place == Place::kFrame) {
    for (const Frame::Value &value : machine.frame.states[thread.at].values) {
      after.at = value.next;
      out.push_back({after, value.node});
    }
  } else if (place == Place::kValue) {
    const ObjectRule &rule = machine.objects[thread.rule];
    bool isOther = thread.choice & Thread::kOther;
    uint32_t index = thread.choice & ~Thread::kOther;
    out.push_back({after, isOther ? rule.others[index].value : rule.members[index].value});
  } else {
    const ArrayRule &rule = machine.arrays[thread.rule];
    if (!rule.states.empty()) {
      for (const ArrayRule::Choice &choice : rule.states[thread.at].choices) {
        after.at = choice.next;
        out.push_back({after, choice.item});
      }
    } else if (int64_t(thread.at) < rule.most) {
      int64_t last = std::max(int64_t(rule.prefix.size()), rule.least);
      bool isEndless = rule.most == INT64_MAX;
      after.at = isEndless ? uint32_t(std::min(int64_t(thread.at) + 1, last)) : thread.at + 1;
      out.push_back({after, rule.itemAt(thread.at)});
    }
  }
}

/// The old top becomes what stands behind the array or object; its rules are on top.
Outcome LocalSteps::open(const Local &local, bool isArray) {
  Found found;
  std::vector<std::pair<Thread, Thread>> inside; // a thread of the new top, and the one behind it
  std::vector<Beginning> values;
  for (uint16_t i = 0; i < local.threads.size(); ++i) {
    values.clear();
    begin(local.threads[i], local.place, values);
    for (const Beginning &value : values) {
      const Node &node = machine.nodes[value.node];
      for (uint32_t rule : isArray ? node.arrays : node.objects) {
        Thread thread;
        thread.rule = rule;
        inside.emplace_back(thread, value.after);
        found.emplace_back(value.after, i);
      }
    }
  }
  Outcome out = moved({.place = behind(local.place), .held = {}, .threads = {}}, std::move(found));
  if (out.kind == Outcome::kNone)
    return out;
  out.kind = Outcome::kPush;
  out.below = std::move(out.local);
  Found top;
  for (const auto &[thread, after] : inside) {
    auto place = std::ranges::lower_bound(out.below.threads, after);
    top.emplace_back(thread, uint16_t(place - out.below.threads.begin()));
  }
  Place first = isArray ? Place::kArrayFirst : Place::kObjectFirst;
  Outcome pushed = moved({.place = first, .held = {}, .threads = {}}, std::move(top));
  out.local = std::move(pushed.local);
  out.links = std::move(pushed.origins);
  out.names = Outcome::kKeep;
  return out;
}

Outcome LocalSteps::openString(const Local &local) {
  Found found;
  std::vector<Beginning> values;
  if (!isBeforeValue(local.place))
    return {};
  for (uint16_t i = 0; i < local.threads.size(); ++i) {
    values.clear();
    begin(local.threads[i], local.place, values);
    for (const Beginning &value : values) {
      const auto &strings = machine.nodes[value.node].strings;
      for (uint32_t each = 0; each < strings.size(); ++each) {
        Thread thread = value.after;
        thread.node = value.node;
        thread.choice = each;
        thread.needs = uint32_t(strings[each].least);
        thread.room =
            strings[each].most == INT64_MAX ? Thread::kEndless : uint32_t(strings[each].most);
        found.emplace_back(thread, i);
      }
    }
  }
  return moved({.place = behind(local.place), .lexeme = Lexeme::kString, .held = {}, .threads = {}},
               std::move(found));
}

Outcome LocalSteps::openNumber(const Local &local, uint8_t byte) {
  Found found;
  std::vector<Beginning> values;
  std::string text(1, char(byte));
  for (uint16_t i = 0; i < local.threads.size(); ++i) {
    values.clear();
    begin(local.threads[i], local.place, values);
    for (const Beginning &value : values) {
      const auto &numbers = machine.nodes[value.node].numbers;
      for (uint32_t each = 0; each < numbers.size(); ++each)
        if (isOfNumber(byte) && numbers[each].mayBecome(text)) {
          Thread thread = value.after;
          thread.node = value.node;
          thread.choice = each;
          found.emplace_back(thread, i);
        }
    }
  }
  return moved(
      {.place = behind(local.place), .lexeme = Lexeme::kNumber, .held = text, .threads = {}},
      std::move(found));
}

Outcome LocalSteps::openWord(const Local &local, uint8_t byte) {
  Found found;
  std::vector<Beginning> values;
  for (uint16_t i = 0; i < local.threads.size(); ++i) {
    values.clear();
    begin(local.threads[i], local.place, values);
    for (const Beginning &value : values) {
      const Node &node = machine.nodes[value.node];
      if (byte == 't' ? node.yes : byte == 'f' ? node.no : node.null)
        found.emplace_back(value.after, i);
    }
  }
  return moved({.place = behind(local.place),
                .lexeme = Lexeme::kWord,
                .held = std::string(1, char(byte)),
                .threads = {}},
               std::move(found));
}

Outcome LocalSteps::inWord(const Local &local, uint8_t byte) {
  std::string_view word = local.held[0] == 't' ? "true" : local.held[0] == 'f' ? "false" : "null";
  if (uint8_t(word[local.held.size()]) != byte)
    return {};
  Outcome out{.kind = Outcome::kMove, .local = local, .below = {}, .origins = {}, .links = {}};
  out.local.held += char(byte);
  if (out.local.held == word) {
    out.local.held.clear();
    out.local.lexeme = Lexeme::kNone;
  }
  for (uint16_t i = 0; i < local.threads.size(); ++i)
    out.origins.push_back({i});
  return out;
}

bool LocalSteps::mayEndNumber(const Local &local) const {
  return local.lexeme == Lexeme::kNumber &&
         std::ranges::any_of(local.threads, [&](const Thread &thread) {
           return machine.nodes[thread.node].numbers[thread.choice].accepts(local.held);
         });
}

/// A number has no mark at its end: what is no part of it ends it.
Outcome LocalSteps::inNumber(const Local &local, uint8_t byte, const TextSets::Texts &used) {
  Found found;
  Local next = local;
  next.threads.clear();
  next.held += char(byte);
  bool isInside = isOfNumber(byte);
  for (uint16_t i = 0; i < local.threads.size(); ++i) {
    Thread thread = local.threads[i];
    const Numbers &set = machine.nodes[thread.node].numbers[thread.choice];
    if (isInside ? set.mayBecome(next.held) : set.accepts(local.held)) {
      if (!isInside) {
        settle(thread);
        thread.choice = 0;
      }
      found.emplace_back(thread, i);
    }
  }
  if (isInside)
    return moved(std::move(next), std::move(found));
  Outcome ended = moved({.place = local.place, .held = {}, .threads = {}}, std::move(found));
  if (ended.kind == Outcome::kNone)
    return ended;
  Outcome out = structure(ended.local, byte, used);
  out.origins = compose(out.origins, ended.origins);
  out.survivors = compose(out.survivors, ended.origins);
  return out;
}

} // namespace osscc::rt::schema
