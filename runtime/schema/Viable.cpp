// Which parts of a machine lead to a value: the least fixpoint over its nodes. The others are taken
// out, so that whatever has begun can be ended.
#include "runtime/schema/Sealer.h"

#include <algorithm>

namespace osscc::rt::schema {
namespace {

/// How many items there can be before one that has no value.
int64_t reach(const ArrayRule &rule, const std::vector<bool> &nodes) {
  int64_t most = rule.most;
  for (int64_t i = 0; i < std::min(most, int64_t(rule.prefix.size())); ++i)
    if (!nodes[rule.prefix[size_t(i)]])
      most = i;
  return nodes[rule.rest] ? most : std::min(most, int64_t(rule.prefix.size()));
}

/// From which states of a counting array its end can be reached.
std::vector<bool> ending(const ArrayRule &rule, const std::vector<bool> &nodes) {
  std::vector<bool> live;
  for (const ArrayRule::State &state : rule.states)
    live.push_back(state.mayEnd);
  for (bool changes = true; changes;) {
    changes = false;
    for (size_t i = rule.states.size(); i-- > 0;)
      for (const ArrayRule::Choice &choice : rule.states[i].choices)
        if (!live[i] && nodes[choice.item] && live[choice.next])
          live[i] = changes = true;
  }
  return live;
}

/// How many members there can be.
int64_t capacity(const ObjectRule &rule, const std::vector<bool> &nodes) {
  int64_t count =
      std::ranges::count_if(rule.members, [&](const auto &m) { return nodes[m.value]; });
  for (const auto &other : rule.others)
    if (nodes[other.value])
      count += other.names->texts[0];
  return count;
}

} // namespace

bool isViable(const ArrayRule &rule, const std::vector<bool> &nodes) {
  if (rule.states.empty())
    return rule.least <= reach(rule, nodes);
  return ending(rule, nodes)[0];
}

bool isViable(const ObjectRule &rule, const std::vector<bool> &nodes) {
  int64_t required = 0;
  for (const auto &member : rule.members) {
    if (member.required && !nodes[member.value])
      return false;
    required += member.required ? 1 : 0;
  }
  return required <= rule.most && rule.least <= rule.most && rule.least <= capacity(rule, nodes);
}

void prune(ArrayRule &rule, const std::vector<bool> &nodes) {
  if (rule.states.empty()) {
    rule.most = reach(rule, nodes);
    return;
  }
  std::vector<bool> live = ending(rule, nodes);
  for (ArrayRule::State &state : rule.states)
    std::erase_if(state.choices, [&](const ArrayRule::Choice &choice) {
      return !nodes[choice.item] || !live[choice.next];
    });
}

void prune(ObjectRule &rule, const std::vector<bool> &nodes) {
  std::erase_if(rule.members, [&](const auto &member) { return !nodes[member.value]; });
  std::erase_if(rule.others, [&](const auto &other) { return !nodes[other.value]; });
  rule.requiredFrom.assign(rule.members.size() + 1, 0);
  for (size_t i = rule.members.size(); i-- > 0;)
    rule.requiredFrom[i] = rule.requiredFrom[i + 1] + (rule.members[i].required ? 1 : 0);
}

bool Sealer::improve(NodeId id, std::vector<bool> &viable) {
  const Node &node = machine.nodes[id];
  budget.spend(int64_t(1 + node.arrays.size() + node.objects.size()));
  auto has = [&](const auto &rules) {
    return [&](uint32_t each) { return isViable(rules[each], viable); };
  };
  viable[id] = node.null || node.yes || node.no || !node.numbers.empty() || !node.strings.empty() ||
               std::ranges::any_of(node.arrays, has(machine.arrays)) ||
               std::ranges::any_of(node.objects, has(machine.objects));
  return viable[id];
}

void Sealer::prune() {
  std::vector<bool> viable(machine.nodes.size());
  for (bool changes = true; changes;) {
    changes = false;
    for (NodeId id = NodeId(machine.nodes.size()); id-- > 0;)
      if (!viable[id] && improve(id, viable))
        changes = true;
  }
  if (!viable[Machine::kRoot])
    throw Refusal("#", "no value is valid for this schema");
  for (Node &node : machine.nodes) {
    std::erase_if(node.arrays,
                  [&](uint32_t each) { return !isViable(machine.arrays[each], viable); });
    std::erase_if(node.objects,
                  [&](uint32_t each) { return !isViable(machine.objects[each], viable); });
  }
  // All have been asked before one is changed.
  for (ArrayRule &rule : machine.arrays)
    schema::prune(rule, viable);
  for (ObjectRule &rule : machine.objects)
    schema::prune(rule, viable);
}

} // namespace osscc::rt::schema
