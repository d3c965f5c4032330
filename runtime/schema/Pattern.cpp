#include "runtime/schema/Pattern.h"

#include "runtime/schema/PatternParser.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace osscc::rt::schema {
namespace {

using Set = std::vector<uint32_t>; ///< States of the NFA, in order.

/// Makes sets of states deterministic. A match may begin anywhere, and what follows it is free.
class Subsets {
public:
  Subsets(std::string_view pattern, Budget &budget)
      : pattern(pattern), nfa(parsePattern(pattern)), budget(budget) {}

  DfaPtr run() {
    number(close({nfa.start}, /*atBegin=*/true));
    for (size_t i = 0; i < order.size(); ++i)
      expand(uint32_t(i));
    dfa->trim();
    return dfa;
  }

private:
  /// All that is reached without a character.
  Set close(Set open, bool atBegin, bool atEnd = false) {
    std::vector<bool> seen(nfa.states.size());
    Set all;
    auto add = [&](const std::vector<uint32_t> &states) {
      for (uint32_t state : states)
        if (!seen[state]) {
          seen[state] = true;
          all.push_back(state);
        }
    };
    add(open);
    for (size_t i = 0; i < all.size(); ++i) {
      const Nfa::State &state = nfa.states[all[i]];
      add(state.free);
      if (atBegin)
        add(state.atBegin);
      if (atEnd)
        add(state.atEnd);
    }
    budget.spend(int64_t(all.size() + nfa.states.size() / 64));
    std::ranges::sort(all);
    return all;
  }

  bool isFound(const Set &set) const { return std::ranges::binary_search(set, nfa.end); }

  uint32_t number(Set set) {
    if (isFound(set))
      set = {nfa.end}; // whatever follows
    auto [entry, isNew] = numbers.emplace(std::move(set), uint32_t(order.size()));
    if (isNew) {
      order.push_back(&entry->first);
      if (order.size() > kMostStates / 5)
        throw Refusal("", fmt::format("the expression '{}' has too many states", pattern));
    }
    return entry->second;
  }

  void expand(uint32_t at) {
    Set set = *order[at];
    dfa->edges.emplace_back();
    if (isFound(set)) {
      dfa->accepts.push_back(true);
      for (Span span : allCharacters())
        dfa->edges[at].push_back({span.first, span.last, at});
      return;
    }
    // The begin of the text is its end, too, where it is empty.
    dfa->accepts.push_back(isFound(close(set, /*atBegin=*/at == 0, /*atEnd=*/true)));
    for (char32_t from : borders(set)) {
      Set next{nfa.start};
      for (uint32_t state : set)
        if (contains(nfa.states[state].set, from))
          next.push_back(nfa.states[state].next);
      uint32_t target = number(close(std::move(next), /*atBegin=*/false));
      addSpan(at, from, target);
    }
  }

  /// Where spans of characters begin that the set does not tell apart.
  std::vector<char32_t> borders(const Set &set) const {
    std::vector<char32_t> all{0, 0xD800, 0xE000};
    for (uint32_t state : set)
      for (Span span : nfa.states[state].set) {
        all.push_back(span.first);
        all.push_back(span.last + 1);
      }
    std::ranges::sort(all);
    auto [first, last] = std::ranges::unique(all);
    all.erase(first, last);
    // No text has a surrogate, whatever the expression says.
    std::erase_if(all, [](char32_t c) { return c > 0x10FFFF || (c > 0xD800 && c < 0xE000); });
    budget.spend(int64_t(all.size() * set.size()));
    return all;
  }

  static bool contains(const CharacterSet &set, char32_t c) {
    auto span = std::ranges::lower_bound(set, c, {}, &Span::last);
    return span != set.end() && span->first <= c;
  }

  /// Characters from `from` on lead to `target`, until the next call for this state.
  void addSpan(uint32_t at, char32_t from, uint32_t target) {
    auto &edges = dfa->edges[at];
    if (!edges.empty() && edges.back().last == 0x10FFFF)
      edges.back().last = from - 1;
    bool isSurrogate = from == 0xD800;
    if (isSurrogate)
      return;
    if (!edges.empty() && edges.back().next == target && edges.back().last + 1 == from)
      edges.back().last = 0x10FFFF;
    else
      edges.push_back({from, 0x10FFFF, target});
  }

  std::string_view pattern;
  Nfa nfa;
  Budget &budget;
  std::shared_ptr<Dfa> dfa = std::make_shared<Dfa>();
  std::map<Set, uint32_t> numbers;
  std::vector<const Set *> order;
};

} // namespace

DfaPtr compilePattern(std::string_view pattern, Budget &budget) {
  return Subsets(pattern, budget).run();
}

} // namespace osscc::rt::schema
