#include "runtime/schema/FrameBuilder.h"

#include "runtime/schema/Forms.h"

#include <algorithm>
#include <array>
#include <set>

namespace osscc::rt::schema {
namespace {

constexpr size_t kMostFrameStates = 100'000;
/// Of all states together, and of one: threads are counted in 16 bits.
constexpr size_t kMostEdges = 2'000'000, kMostEdgesOfOne = 10'000;

void addByte(Frame::State &state, int byte, uint32_t next) {
  if (!state.bytes.empty() && state.bytes.back().next == next &&
      state.bytes.back().last + 1 == byte)
    ++state.bytes.back().last;
  else
    state.bytes.push_back({uint8_t(byte), uint8_t(byte), next});
}

/// The longest end of `text` that is a begin of one of the stops.
std::string suffixIn(const std::vector<std::string> &begins, std::string text) {
  while (!text.empty() && std::ranges::find(begins, text) == begins.end())
    text.erase(0, 1);
  return text;
}

} // namespace

std::string MarkedText::bytes() const {
  std::string all;
  for (const Part &part : parts)
    all += part.bytes;
  return all;
}

FrameBuilder::FrameBuilder(Marks given) : marks(std::move(given)) {
  add();
}

FrameBuilder::State FrameBuilder::add() {
  if (joined.size() > kMostFrameStates)
    return kStart;
  joined.emplace_back();
  machine->frame.states.emplace_back();
  return State(joined.size() - 1);
}

void FrameBuilder::join(State from, State to) {
  joined[from].push_back(to);
}

FrameBuilder::State FrameBuilder::behindParts(State from, std::span<const MarkedText::Part> parts) {
  for (const MarkedText::Part &part : parts) {
    if (part.mark >= 0) {
      State next = add();
      machine->frame.states[from].marks.push_back({part.mark, next});
      from = next;
      continue;
    }
    for (char c : part.bytes) {
      State next = add();
      machine->frame.states[from].bytes.push_back({uint8_t(c), uint8_t(c), next});
      from = next;
    }
  }
  return from;
}

FrameBuilder::State FrameBuilder::text(State from, std::string_view text) {
  return behindParts(from, marks(text).parts);
}

FrameBuilder::State FrameBuilder::letters(State from, std::string_view set, int least, int most) {
  State end = add();
  for (int i = 0; i <= most; ++i) {
    if (i >= least)
      join(from, end);
    State next = add();
    for (char c : i < most ? set : std::string_view())
      machine->frame.states[from].bytes.push_back({uint8_t(c), uint8_t(c), next});
    from = next;
  }
  return end;
}

FrameBuilder::State FrameBuilder::spaces(State from) {
  State end = letters(from, "\n", 0, 2);
  State behindSpace = letters(from, " ", 1, 1);
  join(behindSpace, end);
  return end;
}

FrameBuilder::State FrameBuilder::value(State from, NodeId node) {
  State next = add();
  machine->frame.states[from].values.push_back({node, next});
  return next;
}

/// The edges of an automaton that follows how much of a stop has come, one state for each begin.
void FrameBuilder::addLoop(const std::vector<std::string> &spelled, const std::vector<State> &ends,
                           State loop, State within) {
  std::vector<std::string> begins(1);
  for (const std::string &stop : spelled)
    for (size_t size = 1; size < stop.size(); ++size)
      if (std::ranges::find(begins, stop.substr(0, size)) == begins.end())
        begins.push_back(stop.substr(0, size));
  std::vector<State> stateOf{loop};
  while (stateOf.size() < begins.size())
    stateOf.push_back(add());
  for (size_t i = 0; i < begins.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string now = begins[i] + char(byte);
      auto stop = std::ranges::find_if(
          spelled, [&](const std::string &s) { return !s.empty() && now.ends_with(s); });
      if (stop != spelled.end()) {
        State end = ends[size_t(stop - spelled.begin())];
        if (end != kStart)
          addByte(machine->frame.states[stateOf[i]], byte, end);
        continue;
      }
      std::string held = suffixIn(begins, now);
      auto next = size_t(std::ranges::find(begins, held) - begins.begin());
      addByte(machine->frame.states[stateOf[i]], byte, stateOf[next]);
    }
    join(stateOf[i], within);
  }
}

Result<FrameBuilder::FreeText> FrameBuilder::freeText(std::span<const std::string> stops,
                                                      std::string_view first) {
  std::vector<std::string> spelled;
  std::vector<State> ends, spelledEnds;
  State loop = add(), within = add();
  for (const std::string &stop : stops) {
    MarkedText text = marks(stop);
    bool isLetters = text.parts.size() == 1 && !text.isMarked();
    if (!isLetters && !text.isMarked())
      return fail(Code::kInvalidArgument, "a mark amid letters ends a text");
    spelled.push_back(stop);
    State end = isLetters ? add() : behindParts(within, text.parts);
    ends.push_back(end);
    spelledEnds.push_back(isLetters ? end : kStart); // a mark that is spelled is none
  }
  addLoop(spelled, spelledEnds, loop, within);
  if (first.empty())
    return FreeText{loop, within, ends};
  // The first byte is another one; from there on the loop goes as it went.
  State begin = add();
  join(begin, within);
  for (const Frame::Edge &edge : machine->frame.states[loop].bytes)
    for (int byte = edge.first; byte <= edge.last; ++byte)
      if (first.find(char(byte)) == first.npos)
        addByte(machine->frame.states[begin], byte, edge.next);
  return FreeText{begin, within, ends};
}

NodeId FrameBuilder::take(const Machine &schema) {
  auto nodes = NodeId(machine->nodes.size());
  auto arrays = uint32_t(machine->arrays.size()), objects = uint32_t(machine->objects.size());
  for (Node node : schema.nodes) {
    for (uint32_t &rule : node.arrays)
      rule += arrays;
    for (uint32_t &rule : node.objects)
      rule += objects;
    machine->nodes.push_back(std::move(node));
  }
  for (ArrayRule rule : schema.arrays) {
    for (NodeId &item : rule.prefix)
      item += nodes;
    rule.rest += nodes;
    for (ArrayRule::State &state : rule.states)
      for (ArrayRule::Choice &choice : state.choices)
        choice.item += nodes;
    machine->arrays.push_back(std::move(rule));
  }
  for (ObjectRule rule : schema.objects) {
    for (ObjectRule::Member &member : rule.members)
      member.value += nodes;
    for (ObjectRule::Others &other : rule.others)
      other.value += nodes;
    machine->objects.push_back(std::move(rule));
  }
  return nodes + Machine::kRoot;
}

NodeId FrameBuilder::add(Node node) {
  machine->nodes.push_back(std::move(node));
  return NodeId(machine->nodes.size() - 1);
}

NodeId FrameBuilder::object(std::vector<ObjectRule::Member> members) {
  ObjectRule rule;
  rule.members = std::move(members);
  rule.requiredFrom.assign(rule.members.size() + 1, 0);
  for (size_t i = rule.members.size(); i-- > 0;)
    rule.requiredFrom[i] = rule.requiredFrom[i + 1] + (rule.members[i].required ? 1 : 0);
  Node node;
  node.objects.push_back(uint32_t(machine->objects.size()));
  machine->objects.push_back(std::move(rule));
  return add(std::move(node));
}

NodeId FrameBuilder::list(NodeId item, int64_t least, int64_t most) {
  Node node;
  node.arrays.push_back(uint32_t(machine->arrays.size()));
  machine->arrays.push_back(
      {.prefix = {}, .rest = item, .least = least, .most = most, .states = {}});
  return add(std::move(node));
}

NodeId FrameBuilder::word(std::string_view text) {
  Node node;
  node.strings.push_back({.texts = oneText(charactersOf(text))});
  return add(std::move(node));
}

NodeId FrameBuilder::either(std::span<const NodeId> nodes) {
  Node all;
  for (NodeId id : nodes) {
    const Node &node = machine->nodes[id];
    all.null |= node.null;
    all.yes |= node.yes;
    all.no |= node.no;
    all.numbers.insert(all.numbers.end(), node.numbers.begin(), node.numbers.end());
    all.strings.insert(all.strings.end(), node.strings.begin(), node.strings.end());
    all.arrays.insert(all.arrays.end(), node.arrays.begin(), node.arrays.end());
    all.objects.insert(all.objects.end(), node.objects.begin(), node.objects.end());
  }
  return add(std::move(all));
}

NodeId FrameBuilder::objectsOf(NodeId node) {
  Node only;
  only.objects = machine->nodes[node].objects;
  return add(std::move(only));
}

Result<Schema> FrameBuilder::finish() {
  Frame &frame = machine->frame;
  auto tooMany = [] {
    return fail(Code::kInvalidArgument, "the tools have too many arguments together");
  };
  auto edgesOf = [](const Frame::State &state) {
    return state.bytes.size() + state.marks.size() + state.values.size();
  };
  if (frame.states.size() > kMostFrameStates)
    return tooMany();
  const std::vector<Frame::State> own = frame.states;
  size_t edges = 0;
  for (State state = 0; state < own.size(); ++state) {
    std::set<State> seen{state};
    std::vector<State> open = joined[state];
    while (!open.empty()) {
      State next = open.back();
      open.pop_back();
      if (!seen.insert(next).second)
        continue;
      Frame::State &to = frame.states[state];
      to.bytes.insert(to.bytes.end(), own[next].bytes.begin(), own[next].bytes.end());
      to.marks.insert(to.marks.end(), own[next].marks.begin(), own[next].marks.end());
      to.values.insert(to.values.end(), own[next].values.begin(), own[next].values.end());
      to.mayEnd |= own[next].mayEnd;
      if (edgesOf(to) > kMostEdgesOfOne)
        return tooMany();
      open.insert(open.end(), joined[next].begin(), joined[next].end());
    }
    edges += edgesOf(frame.states[state]) + seen.size();
    if (edges > kMostEdges)
      return tooMany();
  }
  return Schema(machine);
}

} // namespace osscc::rt::schema
