#include "runtime/schema/Sealer.h"

#include "runtime/schema/Texts.h"

#include <algorithm>

namespace osscc::rt::schema {
namespace {

constexpr size_t kMostNodes = 20'000;
constexpr size_t kMostArrayStates = 10'000;
constexpr size_t kMostClasses = 64;
constexpr size_t kMostContains = 3;
constexpr int64_t kFewNames = 256;

/// The texts of all members' names.
DfaPtr textsOf(const std::vector<ObjectRule::Member> &members) {
  auto dfa = std::make_shared<Dfa>();
  std::vector<std::map<char32_t, uint32_t>> next(1);
  dfa->accepts.push_back(false);
  for (const auto &member : members) {
    uint32_t at = 0;
    for (char32_t c : member.name) {
      auto [entry, isNew] = next[at].emplace(c, uint32_t(next.size()));
      at = entry->second;
      if (isNew) {
        next.emplace_back();
        dfa->accepts.push_back(false);
      }
    }
    dfa->accepts[at] = true;
  }
  for (const auto &edges : next) {
    auto &out = dfa->edges.emplace_back();
    for (auto [c, to] : edges)
      out.push_back({c, c, to});
  }
  dfa->trim();
  return dfa;
}

/// What lies inside a schema's groups that tells names apart.
std::vector<DfaPtr> patternsOf(const ObjectForm &form) {
  std::vector<DfaPtr> all;
  auto add = [&](const ObjectGroup &group) {
    for (const auto &[pattern, what] : group.patterns)
      if (std::ranges::find(all, pattern) == all.end())
        all.push_back(pattern);
  };
  for (const auto &group : form.groups) {
    add(*group);
    for (const auto &other : group->others)
      add(*other);
  }
  return all;
}

/// A set of names that are treated alike: which patterns match them.
struct NameClass {
  DfaPtr names;
  std::vector<DfaPtr> matched;
};

bool matches(const ObjectGroup &group, const NameClass &names) {
  return std::ranges::any_of(group.patterns, [&](const auto &p) {
    return std::ranges::find(names.matched, p.first) != names.matched.end();
  });
}

Conjunction valueOf(const ObjectForm &form, const NameClass &names) {
  Conjunction all;
  for (const auto &group : form.groups) {
    for (const auto &[pattern, what] : group->patterns)
      if (std::ranges::find(names.matched, pattern) != names.matched.end())
        all = conjoin(all, what);
    bool isTaken =
        matches(*group, names) || std::ranges::any_of(group->others, [&](const auto &other) {
          return !other->isSilent && (other->rest || matches(*other, names));
        });
    if (group->rest && !isTaken)
      all = conjoin(all, *group->rest);
  }
  return all;
}

} // namespace

Machine Sealer::seal(const Conjunction &root) {
  nodeOf(root);
  for (size_t i = 0; i < order.size(); ++i) {
    Conjunction conjunction = *order[i];
    Node node = build(conjunction);
    machine.nodes[i] = std::move(node);
  }
  prune();
  return std::move(machine);
}

NodeId Sealer::nodeOf(const Conjunction &conjunction) {
  auto [entry, isNew] = numbers.emplace(conjunction, NodeId(order.size()));
  if (isNew) {
    if (order.size() >= kMostNodes)
      throw Refusal("#", "the schema is too complex: its combinations multiply beyond 20,000");
    order.push_back(&entry->first);
    machine.nodes.emplace_back();
  }
  return entry->second;
}

DfaPtr Sealer::sealed(const Strings &strings) {
  bool isBounded = strings.least > 0 || strings.most < INT64_MAX;
  DfaPtr texts = strings.texts ? strings.texts : everyText();
  if (!isBounded)
    return texts;
  DfaPtr lengths = textsOfLength(strings.least, strings.most, budget);
  return strings.texts ? join(*texts, *lengths, Join::kBoth, budget) : lengths;
}

Node Sealer::build(const Conjunction &conjunction) {
  Form form = expander.expand(conjunction);
  Node node;
  node.null = form.null;
  node.yes = form.yes;
  node.no = form.no;
  for (const Numbers &set : form.numbers)
    if (!set.empty())
      node.numbers.push_back(set);
  for (const Strings &strings : form.strings) {
    if (!strings.texts) {
      node.strings.push_back({nullptr, strings.least, strings.most});
      continue;
    }
    DfaPtr texts = sealed(strings);
    if (!texts->empty())
      node.strings.push_back({texts});
  }
  for (const ArrayForm &array : form.arrays)
    addArray(array, node);
  for (const ObjectForm &object : form.objects)
    addObject(object, node);
  return node;
}

void Sealer::addArray(const ArrayForm &form, Node &node) {
  budget.spend(10);
  ArrayRule rule;
  rule.least = form.least;
  rule.most = form.most;
  if (form.contains.empty()) {
    auto size = size_t(std::min<int64_t>(int64_t(form.prefixSize()), form.most));
    for (size_t i = 0; i < size; ++i)
      rule.prefix.push_back(nodeOf(form.at(i)));
    rule.rest = nodeOf(form.at(form.prefixSize()));
  } else {
    countItems(form, rule);
  }
  node.arrays.push_back(uint32_t(machine.arrays.size()));
  machine.arrays.push_back(std::move(rule));
}

/// States: how many items there were, up to where it makes no difference, and for how many of them
/// each `contains` held.
void Sealer::countItems(const ArrayForm &form, ArrayRule &rule) {
  if (form.contains.size() > kMostContains)
    throw Refusal("", "more than three 'contains' at one place");
  bool isEndless = form.most == INT64_MAX;
  int64_t last = isEndless ? std::max<int64_t>(form.least, int64_t(form.prefixSize())) : form.most;
  using Counts = std::vector<int64_t>; // items, then each contains
  std::map<Counts, uint32_t> states;
  std::vector<Counts> open;
  auto stateOf = [&](const Counts &counts) {
    auto [entry, isNew] = states.emplace(counts, uint32_t(open.size()));
    if (isNew)
      open.push_back(counts);
    if (open.size() > kMostArrayStates)
      throw Refusal("", "'contains' beside counts that are too large");
    return entry->second;
  };
  stateOf(Counts(1 + form.contains.size()));
  for (size_t i = 0; i < open.size(); ++i) {
    Counts counts = open[i];
    ArrayRule::State state{{}, counts[0] >= form.least};
    for (size_t c = 0; c < form.contains.size(); ++c)
      state.mayEnd = state.mayEnd && counts[c + 1] >= form.contains[c].least;
    bool isFull = !isEndless && counts[0] == last;
    for (size_t choice = 0; !isFull && choice < size_t(1) << form.contains.size(); ++choice) {
      budget.spend(10);
      Conjunction item, held;
      Counts next = counts;
      next[0] = std::min(counts[0] + 1, last);
      bool fits = true;
      for (size_t c = 0; c < form.contains.size(); ++c) {
        const Contains &part = form.contains[c];
        bool holds = choice >> c & 1;
        item = conjoin(item, {holds ? part.what : part.what ^ 1});
        if (holds)
          held = conjoin(held, {part.what});
        int64_t most = part.most == INT64_MAX ? part.least : part.most;
        fits = fits && !(holds && part.most != INT64_MAX && counts[c + 1] == most);
        next[c + 1] = std::min(counts[c + 1] + (holds ? 1 : 0), most);
      }
      item = conjoin(item, form.at(size_t(counts[0]), held));
      if (fits)
        state.choices.push_back({nodeOf(item), stateOf(next)});
    }
    rule.states.push_back(std::move(state));
  }
}

void Sealer::addObject(const ObjectForm &form, Node &node) {
  budget.spend(10);
  ObjectRule rule;
  rule.least = form.least;
  rule.most = form.most;
  std::map<std::string, bool> seen;
  DfaPtr allowed = namesOf(form.names);
  auto add = [&](const std::string &name) {
    if (!seen.emplace(name, true).second)
      return;
    bool isRequired = std::ranges::find(form.required, name) != form.required.end();
    std::u32string characters = charactersOf(name);
    bool isAllowed = !allowed || allowed->matches(characters);
    budget.spend(int64_t(form.required.size() + form.groups.size() * 4));
    rule.members.push_back(
        {characters, nodeOf(isAllowed ? form.at(name) : Conjunction{kNever}), isRequired});
  };
  for (const auto &group : form.groups) {
    for (const auto &[name, what] : group->properties)
      add(name);
    for (const auto &other : group->others)
      for (const auto &[name, what] : other->properties)
        add(name);
  }
  for (const std::string &name : form.required)
    add(name);
  addOthers(form, rule);
  node.objects.push_back(uint32_t(machine.objects.size()));
  machine.objects.push_back(std::move(rule));
}

/// The texts that are valid as names; null: all.
DfaPtr Sealer::namesOf(const Conjunction &names) {
  if (names.empty())
    return nullptr;
  DfaPtr all = std::make_shared<Dfa>();
  for (const Strings &strings : expander.expand(names).strings)
    all = join(*all, *sealed(strings), Join::kEither, budget);
  return all;
}

void Sealer::addOthers(const ObjectForm &form, ObjectRule &rule) {
  DfaPtr allowed = namesOf(form.names);
  DfaPtr rest =
      join(allowed ? *allowed : *everyText(), *textsOf(rule.members), Join::kFirstOnly, budget);
  std::vector<NameClass> classes{{rest, {}}};
  for (const DfaPtr &pattern : patternsOf(form)) {
    std::vector<NameClass> parted;
    for (NameClass &each : classes) {
      NameClass inside{join(*each.names, *pattern, Join::kBoth, budget), each.matched};
      inside.matched.push_back(pattern);
      each.names = join(*each.names, *pattern, Join::kFirstOnly, budget);
      for (NameClass *part : {&inside, &each})
        if (!part->names->empty())
          parted.push_back(std::move(*part));
    }
    classes = std::move(parted);
    if (classes.size() > kMostClasses)
      throw Refusal("", "the patterns of patternProperties overlap in too many ways");
  }
  for (const NameClass &each : classes) {
    if (each.names->empty())
      continue;
    NodeId value = nodeOf(valueOf(form, each));
    // Few names could all be used up: they become members.
    if (each.names->texts[0] > kFewNames)
      rule.others.push_back({each.names, value});
    else
      forEachText(*each.names, [&](const std::u32string &name) {
        rule.members.push_back({name, value, false});
      });
  }
}

} // namespace osscc::rt::schema
