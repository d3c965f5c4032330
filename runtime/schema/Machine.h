// A compiled schema: nodes of values, whose arrays and objects lead to further nodes. From all of
// it a valid value can be reached; what cannot be has been left out.
#pragma once

#include "runtime/schema/Automaton.h"
#include "runtime/schema/Frame.h"
#include "runtime/schema/Numbers.h"

#include <cstdint>
#include <string>
#include <vector>

namespace osscc::rt::schema {

/// Texts of an automaton, or (none) of a length.
struct StringRule {
  DfaPtr texts;
  int64_t least = 0, most = INT64_MAX; ///< Characters; only without an automaton.
};

/// How an array goes on: an automaton over its items where their number or kind is counted, else
/// positions.
struct ArrayRule {
  std::vector<NodeId> prefix;
  NodeId rest = 0; ///< Behind those.
  int64_t least = 0, most = INT64_MAX;

  /// A state of an array with `contains`, which counts.
  struct Choice {
    NodeId item;
    uint32_t next;
  };
  struct State {
    std::vector<Choice> choices;
    bool mayEnd;
  };
  std::vector<State> states; ///< Empty: positions.

  NodeId itemAt(int64_t index) const {
    return index < int64_t(prefix.size()) ? prefix[size_t(index)] : rest;
  }
};

struct ObjectRule {
  struct Member {
    std::u32string name;
    NodeId value;
    bool required;
  };
  std::vector<Member> members;        ///< In the order in which they are written.
  std::vector<uint32_t> requiredFrom; ///< [members + 1] how many of the members from there on are.

  /// Members without a name of their own, whose names an automaton has.
  struct Others {
    DfaPtr names;
    NodeId value;
  };
  std::vector<Others> others; ///< Apart from each other and from the members' names.
  int64_t least = 0, most = INT64_MAX;

  bool isCounted() const { return least > 0 || most < INT64_MAX; }
};

struct Node {
  bool null = false, yes = false, no = false;
  std::vector<Numbers> numbers;
  std::vector<StringRule> strings;
  std::vector<uint32_t> arrays, objects; ///< Into those of the machine.
};

struct Machine {
  static constexpr NodeId kRoot = 0;
  std::vector<Node> nodes;
  std::vector<ArrayRule> arrays;
  std::vector<ObjectRule> objects;
  Frame frame; ///< Around values; if it is empty, the root is all.
};

} // namespace osscc::rt::schema
