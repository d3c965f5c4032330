// Makes a Frame, and the values in it, out of parts.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/schema/Constraint.h"
#include "runtime/schema/Machine.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace osscc::rt::schema {

/// A text as a model writes it: letters, in whatever tokens, and tokens that are marks.
struct MarkedText {
  struct Part {
    int32_t mark = -1;      ///< A token; -1: letters.
    std::string bytes = {}; ///< Of the letters, or of the mark.
  };
  std::vector<Part> parts;

  bool isMarked() const { return !parts.empty() && parts[0].mark >= 0; }
  std::string bytes() const;
};

/// States are joined by what leads from one to another. Beyond a bound nothing more is added, and
/// finish() says so.
class FrameBuilder {
public:
  using State = uint32_t;
  /// Divides a text into its marks and the letters between them.
  using Marks = std::function<MarkedText(std::string_view)>;

  explicit FrameBuilder(Marks marks);

  static constexpr State kStart = 0;
  State add();
  /// What may follow `to` may follow `from`.
  void join(State from, State to);
  void endAt(State state) { machine->frame.states[state].mayEnd = true; }

  /// \returns the state behind a text.
  State text(State from, std::string_view text);
  /// Behind `least` to `most` bytes of a set.
  State letters(State from, std::string_view set, int least, int most);
  /// Behind up to two line ends, or a space.
  State spaces(State from);
  State value(State from, NodeId node);
  /// Any text.
  struct FreeText {
    State begin;               ///< Before it.
    State within;              ///< What may follow here may follow it.
    std::vector<State> behind; ///< Each of the stops.
  };
  /// Any text up to one of `stops`, none of which is a part of another.
  /// \param first  bytes that it does not begin with.
  /// \errors  kInvalidArgument for a stop with a mark that is not its begin.
  Result<FreeText> freeText(std::span<const std::string> stops, std::string_view first = {});

  /// The nodes of a schema. \returns its root.
  NodeId take(const Machine &schema);
  const Machine &made() const { return *machine; }
  NodeId add(Node node);
  /// An object of these members and no others. \param required  all of them are.
  NodeId object(std::vector<ObjectRule::Member> members);
  NodeId list(NodeId item, int64_t least, int64_t most);
  NodeId word(std::string_view text);
  /// What any of the nodes allows.
  NodeId either(std::span<const NodeId> nodes);
  /// Of a node, what is an object.
  NodeId objectsOf(NodeId node);

  Frame &frame() { return machine->frame; }

  /// \errors  kInvalidArgument for too many states.
  Result<Schema> finish();

private:
  State behindParts(State from, std::span<const MarkedText::Part> parts);
  void addLoop(const std::vector<std::string> &spelled, const std::vector<State> &ends, State loop,
               State within);

  Marks marks;
  std::shared_ptr<Machine> machine = std::make_shared<Machine>();
  std::vector<std::vector<State>> joined; ///< [state]
};

} // namespace osscc::rt::schema
