// The part of the grammar of calls that one notation has: a call from behind its begin to before
// its end.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/bundle/Bundle_generated.h"
#include "runtime/schema/FrameBuilder.h"

#include <optional>
#include <string>
#include <vector>

namespace osscc::rt {

class CallWriter {
public:
  using State = schema::FrameBuilder::State;
  struct Tool {
    std::string name;
    schema::NodeId arguments; ///< Objects only.
  };

  /// \param builder  must outlive the object, as the others.
  CallWriter(const bundle::ToolCallFormatT &format, const std::vector<Tool> &tools, bool once,
             schema::FrameBuilder &builder)
      : format(format), tools(tools), once(once), builder(builder) {}

  /// A call of one of the tools, or in a notation that has lists, a list of them.
  /// \errors  as holdCalls().
  Result<State> call(State from);

private:
  using Step = Result<State>;
  struct Style; ///< How members are written.

  State jsonCall(State from);
  schema::NodeId jsonNode();
  State namedCall(State from, const Tool &tool);
  Step parametersCall(State from, const Tool &tool);
  Step pythonCalls(State from);
  Step pythonCall(State from, const Tool &tool);
  Step gemmaCall(State from, const Tool &tool);

  Result<const schema::ObjectRule *> ruleOf(const Tool &tool) const;
  /// The members of an object, in their order. `write` writes a member behind its separator.
  template <class Write>
  Step members(State from, const schema::ObjectRule &rule, std::string_view comma, Write write);
  Step parameter(State from, const schema::ObjectRule::Member &member);
  Step gemmaValue(State from, schema::NodeId node, int depth);
  Step gemmaArray(State from, uint32_t array, int depth);
  Step gemmaObject(State from, const schema::ObjectRule &rule, int depth);
  /// A text without quotes of its own, up to `stop`.
  Step bareTexts(State from, const std::vector<schema::StringRule> &rules, const std::string &stop);
  State scalars(State from, schema::NodeId node);
  /// Names the tool and the argument that are being written.
  std::unexpected<Error> refuse(std::string_view what) const;

  const bundle::ToolCallFormatT &format;
  const std::vector<Tool> &tools;
  const bool once;
  schema::FrameBuilder &builder;
  std::string tool, argument;
};

/// The name of a member, if it is one of letters, digits, '_', '-' and '.'.
std::optional<std::string> plainName(const std::u32string &name);

} // namespace osscc::rt
