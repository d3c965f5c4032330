// The texts of an automaton, one by one.
#pragma once

#include "runtime/schema/Automaton.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace osscc::rt::schema {

/// Visits the texts of an automaton that has few, in order.
template <class Visit> void forEachText(const Dfa &dfa, Visit visit) {
  std::vector<std::pair<uint32_t, std::u32string>> open{{0, U""}};
  while (!open.empty()) {
    auto [state, text] = std::move(open.back());
    open.pop_back();
    if (dfa.accepts[state])
      visit(text);
    for (auto edge = dfa.edges[state].rbegin(); edge != dfa.edges[state].rend(); ++edge)
      for (char32_t c = edge->last + 1; c-- > edge->first;)
        open.emplace_back(edge->next, text + c);
  }
}

} // namespace osscc::rt::schema
