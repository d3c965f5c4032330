#include "runtime/schema/Steps.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace osscc::rt::schema {
namespace {

size_t mix(size_t hash, uint64_t value) {
  return (hash ^ value) * 0x9E3779B97F4A7C15U + (hash >> 29);
}

bool isPlain(const Origins &origins) {
  for (size_t i = 0; i < origins.size(); ++i)
    if (origins[i].size() != 1 || origins[i][0] != i)
      return false;
  return true;
}

Origins identity(size_t size) {
  Origins same(size);
  for (size_t i = 0; i < size; ++i)
    same[i] = {uint16_t(i)};
  return same;
}

} // namespace

size_t Steps::StackHash::operator()(const Stack &s) const {
  return mix(mix(mix(s.local, s.links), s.below), s.names);
}

size_t Steps::LocalHash::operator()(const Local &l) const {
  size_t hash = std::hash<std::string_view>()(l.held);
  hash = mix(hash, uint64_t(l.place) << 16 | uint64_t(l.lexeme) << 8 | l.space);
  std::string_view bytes(reinterpret_cast<const char *>(l.threads.data()),
                         l.threads.size() * sizeof(Thread));
  return mix(hash, std::hash<std::string_view>()(bytes));
}

Steps::Steps(std::shared_ptr<const Machine> machine)
    : Steps(std::move(machine), std::make_shared<TextSets>()) {
  Local first;
  first.place = this->machine->frame.empty() ? Place::kStart : Place::kFrame;
  first.threads.emplace_back();
  started = internStack({intern(first), internOrigins({{}}), kUnderground, internNames({})});
}

Steps::Steps(std::shared_ptr<const Machine> given, std::shared_ptr<TextSets> shared)
    : machine(std::move(given)), texts(std::move(shared)), rules(*machine, *texts) {
  transitions.emplace_back(); // 0 stands for one that is not known
  letters.emplace_back();
  internNames({});
}

LocalId Steps::intern(Local local) {
  auto [entry, isNew] = localIds.emplace(std::move(local), LocalId(locals.size()));
  if (isNew)
    locals.push_back({&entry->first, nullptr});
  return entry->second;
}

StackId Steps::internStack(const Stack &stack) {
  auto [entry, isNew] = stackIds.emplace(stack, StackId(stacks.size()));
  if (isNew)
    stacks.push_back(stack);
  return entry->second;
}

uint32_t Steps::internOrigins(Origins sets) {
  auto [entry, isNew] = originIds.emplace(std::move(sets), uint32_t(origins.size()));
  if (isNew)
    origins.push_back(&entry->first);
  return entry->second;
}

uint32_t Steps::internNames(Names n) {
  auto [entry, isNew] = nameIds.emplace(n, uint32_t(names.size()));
  if (isNew)
    names.push_back(n);
  return entry->second;
}

StackId Steps::detached(LocalId local) {
  size_t threads = this->local(local).threads.size();
  return internStack({local, internOrigins(identity(threads)), kUnderground, kUnknown});
}

bool Steps::isDone(StackId stack) const {
  const Local &top = local(stacks[stack].local);
  if (top.place == Place::kFrame)
    return rules.mayEndFrame(top);
  return top.place == Place::kDone && (top.lexeme == Lexeme::kNone || rules.mayEndNumber(top));
}

/// Keeps the names of the object in step with what is written.
uint32_t Steps::namesAfter(uint32_t before, const Transition &transition) {
  if (before == kUnknown || transition.names == Outcome::kKeep)
    return before;
  Names now = names[before];
  if (transition.names == Outcome::kAdd) {
    Letter letter{now.written, transition.character};
    auto [entry, isNew] = letterIds.emplace(letter, uint32_t(letters.size()));
    if (isNew)
      letters.push_back(letter);
    return internNames({now.used, entry->second});
  }
  if (transition.names == Outcome::kEnd) {
    std::u32string name;
    for (uint32_t at = now.written; at != 0; at = letters[at].before)
      name += letters[at].character;
    std::ranges::reverse(name);
    TextSets::Texts used = texts->at(now.used);
    used.push_back(std::move(name));
    now.used = texts->of(std::move(used));
  }
  return internNames({now.used, 0});
}

uint32_t Steps::add(Outcome outcome) {
  Transition transition{.kind = outcome.kind,
                        .names = outcome.names,
                        .isPlain = isPlain(outcome.origins),
                        .character = outcome.character,
                        .origins = std::move(outcome.origins),
                        .links = std::move(outcome.links),
                        .survivors = std::move(outcome.survivors)};
  if (outcome.kind == Outcome::kMove || outcome.kind == Outcome::kPush) {
    transition.isPlain = transition.isPlain && transition.kind == Outcome::kMove;
    transition.local = intern(std::move(outcome.local));
  }
  if (outcome.kind == Outcome::kPush)
    transition.below = intern(std::move(outcome.below));
  transitions.push_back(std::move(transition));
  return uint32_t(transitions.size() - 1);
}

uint32_t Steps::transitionOf(const Stack &stack, uint8_t byte) {
  static const TextSets::Texts kNone;
  LocalId local = stack.local;
  if (byte == '"' && stack.names != kUnknown && names[stack.names].used != 0 &&
      rules.asksNames(this->local(local))) {
    uint32_t &known = keyTransitions[{local, names[stack.names].used}];
    if (known == 0) {
      uint32_t made = add(rules.step(this->local(local), byte, texts->at(names[stack.names].used)));
      known = made;
    }
    return known;
  }
  if (!locals[local].next)
    locals[local].next = std::make_unique<std::array<uint32_t, 256>>();
  if (uint32_t known = (*locals[local].next)[byte])
    return known;
  uint32_t made = add(rules.step(this->local(local), byte, kNone));
  (*locals[local].next)[byte] = made;
  return made;
}

/// A detached stack's top, where a key begins that depends on what the object has.
StackId Steps::ask(const Stack &stack) {
  lastLocal = stack.local;
  lastOrigins = *origins[stack.links];
  return kAsksNames;
}

StackId Steps::step(StackId id, uint8_t byte) {
  Stack stack = stacks[id];
  if (byte == '"' && stack.names == kUnknown && rules.asksNames(local(stack.local)))
    return ask(stack);
  uint32_t index = transitionOf(stack, byte);
  const Transition &transition = transitions[index];
  switch (transition.kind) {
  case Outcome::kNone:
    return kDead;
  case Outcome::kPop:
    return popFrom(stack, transition.survivors);
  case Outcome::kMove: {
    bool isSame =
        transition.isPlain && transition.local == stack.local && transition.names == Outcome::kKeep;
    if (isSame)
      return id;
    bool isPlain = transition.isPlain && locals[transition.local].local->threads.size() ==
                                             locals[stack.local].local->threads.size();
    uint32_t links =
        isPlain ? stack.links : internOrigins(compose(transition.origins, *origins[stack.links]));
    return internStack({transition.local, links, stack.below, namesAfter(stack.names, transition)});
  }
  case Outcome::kPush:
    break;
  }
  uint32_t links = internOrigins(compose(transition.origins, *origins[stack.links]));
  StackId below = internStack({transition.below, links, stack.below, stack.names});
  return internStack({transition.local, internOrigins(transition.links), below, 0});
}

StackId Steps::mark(StackId id, int32_t token) {
  Stack stack = stacks[id];
  Outcome outcome = rules.mark(local(stack.local), token);
  if (outcome.kind == Outcome::kNone)
    return kDead;
  uint32_t links = internOrigins(compose(outcome.origins, *origins[stack.links]));
  return internStack({intern(std::move(outcome.local)), links, stack.below, stack.names});
}

StackId Steps::step(StackId stack, std::string_view bytes) {
  for (char byte : bytes) {
    stack = step(stack, uint8_t(byte));
    if (stack == kDead)
      break;
  }
  return stack;
}

/// Takes the top away; of what is below remain the threads that the survivors came from.
StackId Steps::popFrom(const Stack &stack, const ThreadSet &survivors) {
  ThreadSet left = compose(survivors, *origins[stack.links]);
  if (stack.below == kUnderground) {
    lastSurvivors = std::move(left);
    return kUnderground;
  }
  Stack below = stacks[stack.below];
  const Local &whole = local(below.local);
  if (left.size() == whole.threads.size())
    return stack.below;
  Local kept{.place = whole.place, .lexeme = whole.lexeme, .space = 0, .held = {}, .threads = {}};
  Origins links;
  for (uint16_t thread : left) {
    kept.threads.push_back(whole.threads[thread]);
    links.push_back((*origins[below.links])[thread]);
  }
  return internStack(
      {intern(std::move(kept)), internOrigins(std::move(links)), below.below, below.names});
}

StackId Steps::pop(StackId stack, const ThreadSet &survivors) {
  return popFrom(stacks[stack], survivors);
}

StackId Steps::replaceTop(StackId id, LocalId local, const Origins &from) {
  Stack stack = stacks[id];
  return internStack(
      {local, internOrigins(compose(from, *origins[stack.links])), stack.below, stack.names});
}

StackId Steps::import(const Steps &from, StackId id) {
  std::vector<StackId> chain;
  for (; id != kUnderground; id = from.stacks[id].below)
    chain.push_back(id);
  StackId below = kUnderground;
  for (size_t i = chain.size(); i-- > 0;) {
    const Stack &stack = from.stacks[chain[i]];
    Names kept = from.names[stack.names];
    std::vector<char32_t> written;
    for (uint32_t at = kept.written; at != 0; at = from.letters[at].before)
      written.push_back(from.letters[at].character);
    uint32_t known = internNames({kept.used, 0});
    for (size_t c = written.size(); c-- > 0;)
      known = namesAfter(known, {.names = Outcome::kAdd,
                                 .character = written[c],
                                 .origins = {},
                                 .links = {},
                                 .survivors = {}});
    below = internStack(
        {intern(from.local(stack.local)), internOrigins(*from.origins[stack.links]), below, known});
  }
  return below;
}

std::unique_ptr<Steps> Steps::fresh(StackId stack) const {
  std::unique_ptr<Steps> copy(new Steps(machine, texts));
  copy->started = copy->import(*this, stack);
  return copy;
}

} // namespace osscc::rt::schema
