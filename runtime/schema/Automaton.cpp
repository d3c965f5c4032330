#include "runtime/schema/Automaton.h"

#include <algorithm>
#include <map>
#include <utility>

namespace osscc::rt::schema {
namespace {

constexpr char32_t kLast = 0x10FFFF;

void addEdge(std::vector<Dfa::Edge> &edges, Dfa::Edge edge) {
  if (!edges.empty() && edges.back().next == edge.next && edges.back().last + 1 == edge.first)
    edges.back().last = edge.last;
  else
    edges.push_back(edge);
}

/// Visits the pieces of the alphabet in which both states have one edge or none.
template <class Visit>
void sweep(const std::vector<Dfa::Edge> &a, const std::vector<Dfa::Edge> &b, Visit visit) {
  size_t i = 0, j = 0;
  char32_t at = 0;
  while (i < a.size() || j < b.size()) {
    auto reach = [&](const std::vector<Dfa::Edge> &edges, size_t k, uint32_t &next) -> char32_t {
      next = Dfa::kNowhere;
      if (k >= edges.size())
        return kLast;
      if (edges[k].first > at)
        return edges[k].first - 1;
      next = edges[k].next;
      return edges[k].last;
    };
    uint32_t nextA = 0, nextB = 0;
    char32_t last = std::min(reach(a, i, nextA), reach(b, j, nextB));
    visit(Span{at, last}, nextA, nextB);
    if (i < a.size() && a[i].last == last)
      ++i;
    if (j < b.size() && b[j].last == last)
      ++j;
    at = last + 1;
  }
}

bool keeps(Join how, bool a, bool b) {
  switch (how) {
  case Join::kBoth:
    return a && b;
  case Join::kEither:
    return a || b;
  case Join::kFirstOnly:
    break;
  }
  return a && !b;
}

/// [state] what leads to it.
std::vector<std::vector<uint32_t>> reversed(const Dfa &dfa) {
  std::vector<std::vector<uint32_t>> from(dfa.edges.size());
  for (uint32_t state = 0; state < dfa.edges.size(); ++state)
    for (const Dfa::Edge &edge : dfa.edges[state])
      from[edge.next].push_back(state);
  return from;
}

std::vector<bool> liveStates(const Dfa &dfa) {
  std::vector<bool> live(dfa.accepts);
  std::vector<uint32_t> open;
  for (uint32_t state = 0; state < live.size(); ++state)
    if (live[state])
      open.push_back(state);
  auto from = reversed(dfa);
  while (!open.empty()) {
    uint32_t state = open.back();
    open.pop_back();
    for (uint32_t before : from[state])
      if (!live[before]) {
        live[before] = true;
        open.push_back(before);
      }
  }
  return live;
}

/// Renumbers the live states in the order in which they are reached from the start.
void keepStates(Dfa &dfa, const std::vector<bool> &live) {
  std::vector<uint32_t> number(dfa.edges.size(), Dfa::kNowhere), order;
  auto reach = [&](uint32_t state) {
    if (live[state] && number[state] == Dfa::kNowhere) {
      number[state] = uint32_t(order.size());
      order.push_back(state);
    }
    return number[state];
  };
  Dfa kept;
  if (!dfa.edges.empty())
    reach(0);
  for (size_t i = 0; i < order.size(); ++i) {
    std::vector<Dfa::Edge> edges;
    for (const Dfa::Edge &edge : dfa.edges[order[i]])
      if (uint32_t next = reach(edge.next); next != Dfa::kNowhere)
        addEdge(edges, {edge.first, edge.last, next});
    kept.edges.push_back(std::move(edges));
    kept.accepts.push_back(dfa.accepts[order[i]]);
  }
  dfa = std::move(kept);
}

/// Texts accepted from each state. States are taken once all behind them are counted; those that
/// never are lie on a cycle or before one.
void countTexts(Dfa &dfa) {
  dfa.texts.assign(dfa.edges.size(), Dfa::kMany);
  auto from = reversed(dfa);
  std::vector<size_t> open(dfa.edges.size());
  std::vector<uint32_t> ready;
  for (uint32_t state = 0; state < open.size(); ++state)
    if ((open[state] = dfa.edges[state].size()) == 0)
      ready.push_back(state);
  while (!ready.empty()) {
    uint32_t state = ready.back();
    ready.pop_back();
    int64_t count = dfa.accepts[state] ? 1 : 0;
    for (const Dfa::Edge &edge : dfa.edges[state]) {
      int64_t characters = int64_t(edge.last) - int64_t(edge.first) + 1;
      int64_t behind = dfa.texts[edge.next];
      count = behind > Dfa::kMany / characters ? Dfa::kMany
                                               : std::min(Dfa::kMany, count + characters * behind);
    }
    dfa.texts[state] = count;
    for (uint32_t before : from[state])
      if (--open[before] == 0)
        ready.push_back(before);
  }
}

} // namespace

const CharacterSet &allCharacters() {
  static const CharacterSet all{{0, 0xD7FF}, {0xE000, kLast}};
  return all;
}

CharacterSet joined(std::vector<Span> spans) {
  std::ranges::sort(spans, {}, &Span::first);
  CharacterSet set;
  for (Span span : spans)
    if (!set.empty() && span.first <= set.back().last + 1)
      set.back().last = std::max(set.back().last, span.last);
    else
      set.push_back(span);
  return set;
}

CharacterSet complementOf(const CharacterSet &set) {
  CharacterSet rest;
  for (Span all : allCharacters()) {
    char32_t at = all.first;
    for (Span span : set) {
      if (span.last < at || span.first > all.last)
        continue;
      if (span.first > at)
        rest.push_back({at, span.first - 1});
      at = span.last + 1;
    }
    if (at <= all.last)
      rest.push_back({at, all.last});
  }
  return rest;
}

uint32_t Dfa::next(uint32_t state, char32_t character) const {
  const auto &out = edges[state];
  auto edge = std::ranges::upper_bound(out, character, {}, &Edge::first);
  if (edge == out.begin() || (--edge)->last < character)
    return kNowhere;
  return edge->next;
}

bool Dfa::leaves(uint32_t state, Span span) const {
  const auto &out = edges[state];
  auto edge = std::ranges::lower_bound(out, span.first, {}, &Edge::last);
  return edge != out.end() && edge->first <= span.last;
}

bool Dfa::matches(std::u32string_view text) const {
  uint32_t state = empty() ? kNowhere : 0;
  for (size_t i = 0; i < text.size() && state != kNowhere; ++i)
    state = next(state, text[i]);
  return state != kNowhere && accepts[state];
}

void Dfa::trim() {
  std::vector<bool> live = liveStates(*this);
  if (live.empty() || !live[0])
    live.assign(live.size(), false);
  keepStates(*this, live);
  countTexts(*this);
}

DfaPtr join(const Dfa &a, const Dfa &b, Join how, Budget &budget) {
  using Pair = std::pair<uint32_t, uint32_t>;
  auto out = std::make_shared<Dfa>();
  std::map<Pair, uint32_t> numbers;
  std::vector<Pair> order;
  auto number = [&](Pair pair) {
    bool isDead =
        pair.first == Dfa::kNowhere && (how != Join::kEither || pair.second == Dfa::kNowhere);
    isDead |= how == Join::kBoth && pair.second == Dfa::kNowhere;
    if (isDead)
      return Dfa::kNowhere;
    auto [entry, isNew] = numbers.emplace(pair, uint32_t(order.size()));
    if (isNew) {
      order.push_back(pair);
      if (order.size() > kMostStates)
        throw Refusal("", "the schema's patterns are too complex together");
    }
    return entry->second;
  };
  static const std::vector<Dfa::Edge> none;
  number({a.empty() ? Dfa::kNowhere : 0, b.empty() ? Dfa::kNowhere : 0});
  for (size_t i = 0; i < order.size(); ++i) {
    auto [stateA, stateB] = order[i];
    const auto &edgesA = stateA == Dfa::kNowhere ? none : a.edges[stateA];
    const auto &edgesB = stateB == Dfa::kNowhere ? none : b.edges[stateB];
    budget.spend(int64_t(edgesA.size() + edgesB.size() + 1));
    std::vector<Dfa::Edge> edges;
    sweep(edgesA, edgesB, [&](Span span, uint32_t nextA, uint32_t nextB) {
      if (uint32_t next = number({nextA, nextB}); next != Dfa::kNowhere)
        addEdge(edges, {span.first, span.last, next});
    });
    out->edges.push_back(std::move(edges));
    out->accepts.push_back(keeps(how, stateA != Dfa::kNowhere && a.accepts[stateA],
                                 stateB != Dfa::kNowhere && b.accepts[stateB]));
  }
  out->trim();
  return out;
}

DfaPtr everyText() {
  static const DfaPtr every = [] {
    auto dfa = std::make_shared<Dfa>();
    dfa->edges.emplace_back();
    for (Span span : allCharacters())
      dfa->edges[0].push_back({span.first, span.last, 0});
    dfa->accepts = {true};
    dfa->trim();
    return dfa;
  }();
  return every;
}

DfaPtr textsOfLength(int64_t least, int64_t most, Budget &budget) {
  bool isBounded = most != INT64_MAX;
  int64_t states = (isBounded ? most : least) + 1;
  if (states > int64_t(kMostStates))
    throw Refusal("", "a pattern beside a length above 50,000 characters");
  budget.spend(states);
  auto dfa = std::make_shared<Dfa>();
  for (int64_t i = 0; i < states; ++i) {
    dfa->accepts.push_back(i >= least);
    dfa->edges.emplace_back();
    uint32_t next = uint32_t(i + 1 < states ? i + 1 : i);
    if (i + 1 < states || !isBounded)
      for (Span span : allCharacters())
        dfa->edges.back().push_back({span.first, span.last, next});
  }
  dfa->trim();
  return dfa;
}

DfaPtr oneText(std::u32string_view text) {
  auto dfa = std::make_shared<Dfa>();
  for (uint32_t i = 0; i <= text.size(); ++i) {
    dfa->accepts.push_back(i == text.size());
    dfa->edges.emplace_back();
    if (i < text.size())
      dfa->edges.back().push_back({text[i], text[i], i + 1});
  }
  dfa->trim();
  return dfa;
}

} // namespace osscc::rt::schema
