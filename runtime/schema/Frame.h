// What stands around the values of a text: letters, and tokens that are marks.
//
//   <tool_call>  \n  {"name": "f", "arguments": {}}  \n  </tool_call>
//   mark         bytes  value                        bytes  mark
#pragma once

#include <cstdint>
#include <vector>

namespace osscc::rt::schema {

using NodeId = uint32_t;

/// An automaton over bytes, marks and values. At each state the next byte alone tells whether a
/// value begins.
struct Frame {
  struct Edge {
    uint8_t first, last; ///< Bytes, both included.
    uint32_t next;
  };
  /// A token that is no text but itself: the same letters in other tokens are none of it.
  struct Mark {
    int32_t token;
    uint32_t next;
  };
  struct Value {
    NodeId node;
    uint32_t next;
  };
  struct State {
    std::vector<Edge> bytes = {};
    std::vector<Mark> marks = {};
    std::vector<Value> values = {};
    bool mayEnd = false;
  };

  std::vector<State> states; ///< 0 is the start; none: one value is all of the text.
  /// Whether strings are written without the escapes that Python reads otherwise: \/ and halves of
  /// surrogate pairs.
  bool plainEscapes = false;
  /// Whether the frame begins with the answer's first token, whatever that is a part of; else with
  /// the first behind the thoughts.
  bool holdsAll = false;

  bool empty() const { return states.empty(); }
};

} // namespace osscc::rt::schema
