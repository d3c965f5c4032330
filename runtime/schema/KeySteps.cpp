// Keys of objects, and what is inside strings.
#include "runtime/schema/LocalSteps.h"
#include "runtime/schema/StringStep.h"

#include <algorithm>

namespace osscc::rt::schema {

bool LocalSteps::asksNames(const Local &local) const {
  bool isKeyNext = local.place == Place::kObjectFirst || local.place == Place::kObjectNext;
  return isKeyNext && local.lexeme == Lexeme::kNone &&
         std::ranges::any_of(local.threads, [&](const Thread &thread) {
           const ObjectRule &rule = machine.objects[thread.rule];
           return rule.requiredFrom[thread.at] == 0 && !rule.others.empty();
         });
}

/// Whether, with `count` members written and the members from `next` on to come, the object can
/// still be ended.
bool LocalSteps::mayTake(const Thread &thread, size_t next, uint32_t count) const {
  const ObjectRule &rule = machine.objects[thread.rule];
  if (!rule.isCounted())
    return true;
  int64_t room = int64_t(rule.members.size() - next);
  return int64_t(count) + rule.requiredFrom[next] <= rule.most &&
         (!rule.others.empty() || int64_t(count) + room >= rule.least);
}

/// Whether a key may follow. Other names there are always more of than were used.
bool LocalSteps::hasKey(const Thread &thread) const {
  Found found;
  const_cast<LocalSteps *>(this)->keysOf(thread, {}, 0, found);
  return !found.empty();
}

/// The keys that may come next: the members up to the first that is required; behind the last one
/// that is, all others.
void LocalSteps::keysOf(const Thread &thread, const TextSets::Texts &used, uint16_t origin,
                        Found &found) {
  const ObjectRule &rule = machine.objects[thread.rule];
  uint32_t count = rule.isCounted() ? thread.count + 1 : 0;
  if (rule.most == INT64_MAX)
    count = uint32_t(std::min<int64_t>(count, rule.least));
  Thread key = thread;
  key.count = count;
  for (size_t i = thread.at; i < rule.members.size(); ++i) {
    key.choice = uint32_t(i);
    key.at = uint32_t(i + 1);
    if (mayTake(thread, i + 1, count))
      found.emplace_back(key, origin);
    if (rule.members[i].required)
      return;
  }
  key.at = uint32_t(rule.members.size());
  if (!mayTake(thread, rule.members.size(), count))
    return;
  for (uint32_t i = 0; i < rule.others.size(); ++i) {
    const Dfa &names = *rule.others[i].names;
    TextSets::Texts taken;
    for (const std::u32string &name : used)
      if (names.matches(name))
        taken.push_back(name);
    if (names.texts[0] <= int64_t(taken.size()))
      continue;
    key.choice = Thread::kOther | i;
    key.taken = texts.of(std::move(taken));
    found.emplace_back(key, origin);
  }
}

Outcome LocalSteps::openKey(const Local &local, const TextSets::Texts &used) {
  Found found;
  for (uint16_t i = 0; i < local.threads.size(); ++i)
    keysOf(local.threads[i], used, i, found);
  return moved({.place = Place::kColon, .lexeme = Lexeme::kKey, .held = {}, .threads = {}},
               std::move(found));
}

/// Takes a character of a key or a string. \returns whether it may stand there.
bool LocalSteps::advance(const Local &local, Thread &thread, char32_t character) {
  if (!isKey(local)) {
    const StringRule &rule = stringOf(thread);
    if (rule.texts) {
      thread.state = rule.texts->next(thread.state, character);
      return thread.state != Dfa::kNowhere;
    }
    if (thread.room == 0)
      return false;
    thread.room -= thread.room == Thread::kEndless ? 0 : 1;
    thread.needs -= thread.needs > 0 ? 1 : 0;
    return true;
  }
  const ObjectRule &rule = machine.objects[thread.rule];
  if (!(thread.choice & Thread::kOther)) {
    const std::u32string &name = rule.members[thread.choice].name;
    return thread.state < name.size() && name[thread.state++] == character;
  }
  const Dfa &names = *rule.others[thread.choice & ~Thread::kOther].names;
  thread.state = names.next(thread.state, character);
  if (thread.state == Dfa::kNowhere)
    return false;
  TextSets::Texts taken;
  for (const std::u32string &text : texts.at(thread.taken))
    if (text.starts_with(character))
      taken.push_back(text.substr(1));
  if (names.texts[thread.state] <= int64_t(taken.size()))
    return false;
  thread.taken = texts.of(std::move(taken));
  return true;
}

/// Whether one of the characters may come next.
bool LocalSteps::mayAdvance(const Local &local, const Thread &thread,
                            const std::vector<Span> &spans) const {
  if (!isKey(local) && !stringOf(thread).texts)
    return thread.room > 0;
  const ObjectRule *rule = isKey(local) ? &machine.objects[thread.rule] : nullptr;
  if (rule && !(thread.choice & Thread::kOther)) {
    const std::u32string &name = rule->members[thread.choice].name;
    return thread.state < name.size() && std::ranges::any_of(
                                             spans,
                                             [&](Span span) {
                                               return name[thread.state] >= span.first &&
                                                      name[thread.state] <= span.last;
                                             });
  }
  const Dfa &texts =
      rule ? *rule->others[thread.choice & ~Thread::kOther].names : *stringOf(thread).texts;
  if (!rule || thread.taken == 0)
    return std::ranges::any_of(spans, [&](Span span) { return texts.leaves(thread.state, span); });
  // What is taken may leave nothing behind a character, so each is tried that leads to few texts.
  for (const Dfa::Edge &edge : texts.edges[thread.state])
    for (Span span : spans)
      for (char32_t c = std::max(edge.first, span.first); c <= std::min(edge.last, span.last);
           ++c) {
        Thread next = thread;
        if (const_cast<LocalSteps *>(this)->advance(local, next, c))
          return true;
      }
  return false;
}

/// Whether an escape is one that Python reads otherwise.
bool isForeignToPython(const std::string &held, uint8_t byte) {
  bool isSlash = held == "\\" && byte == '/';
  bool isPair = held.size() == 3 && (held[2] == 'd' || held[2] == 'D') && byte >= '8';
  return isSlash || isPair;
}

Outcome LocalSteps::inString(const Local &local, uint8_t byte) {
  StringStep step = stringStep(local.held, byte);
  if (step.kind == StringStep::kWrong ||
      (machine.frame.plainEscapes && isForeignToPython(local.held, byte)))
    return {};
  if (step.kind == StringStep::kEnd)
    return endString(local);
  Found found;
  std::vector<Span> spans;
  if (step.kind == StringStep::kPart)
    spans = mayBecome(step.held);
  for (uint16_t i = 0; i < local.threads.size(); ++i) {
    Thread thread = local.threads[i];
    if (step.kind == StringStep::kPart ? mayAdvance(local, thread, spans)
                                       : advance(local, thread, step.character))
      found.emplace_back(thread, i);
  }
  Local next{.place = local.place, .lexeme = local.lexeme, .held = step.held, .threads = {}};
  Outcome out = moved(std::move(next), std::move(found));
  if (step.kind == StringStep::kCharacter && isKey(local)) {
    bool isOther = std::ranges::any_of(out.local.threads,
                                       [](const Thread &t) { return t.choice & Thread::kOther; });
    out.names = isOther ? Outcome::kAdd : Outcome::kDrop;
    out.character = step.character;
  }
  return out;
}

bool LocalSteps::endsString(const Local &local, Thread &thread) const {
  if (!isKey(local)) {
    const StringRule &rule = stringOf(thread);
    bool ends = rule.texts ? bool(rule.texts->accepts[thread.state]) : thread.needs == 0;
    thread.choice = 0;
    return ends;
  }
  const ObjectRule &rule = machine.objects[thread.rule];
  if (!(thread.choice & Thread::kOther))
    return thread.state == rule.members[thread.choice].name.size();
  const auto &taken = texts.at(thread.taken);
  return rule.others[thread.choice & ~Thread::kOther].names->accepts[thread.state] &&
         std::ranges::find(taken, std::u32string()) == taken.end();
}

Outcome LocalSteps::endString(const Local &local) {
  Found found;
  bool isOther = false;
  for (uint16_t i = 0; i < local.threads.size(); ++i) {
    Thread thread = local.threads[i];
    if (!endsString(local, thread))
      continue;
    isOther |= isKey(local) && (thread.choice & Thread::kOther);
    settle(thread);
    found.emplace_back(thread, i);
  }
  Outcome out = moved({.place = local.place, .held = {}, .threads = {}}, std::move(found));
  if (isKey(local))
    out.names = isOther ? Outcome::kEnd : Outcome::kDrop;
  return out;
}

} // namespace osscc::rt::schema
