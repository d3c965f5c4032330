// What an answer that calls tools may be, in the model's own way of writing calls: a frame
// (runtime/schema/Frame.h) around arguments that hold to the tools' schemas.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/chat/AnswerFormat.h"
#include "runtime/schema/Constraint.h"

#include <string>
#include <vector>

namespace osscc::rt {

/// A tool that may be called.
struct HeldTool {
  std::string name;
  Schema arguments; ///< Of which only the objects are taken.
};

struct CallRules {
  std::vector<HeldTool> tools; ///< At least one.
  bool mustCall = false;       ///< Whether the answer is calls and no text.
  bool once = false;           ///< Whether one call is the most.
  Schema content = {};         ///< What an answer without calls is held to; null: any text.
};

/// What an AnswerConstraint holds answers of this format to, so that every answer that comes to its
/// end is read back as calls of these tools with arguments that are valid, or has no call. Behind
/// calls there is no text. Names that a schema does not declare are not written where the notation
/// is not JSON.
///
/// \param tokenizer  of whose tokens some are marks.
/// \errors  kInvalidArgument naming the tool and the argument for what the notation of this model
/// cannot be held to: a message in one line, without the field of the request.
Result<Schema> holdCalls(const AnswerFormat &format, const CallRules &rules,
                         const Tokenizer &tokenizer);

/// The arguments of the tools that are texts, which the notation may not tell from other values.
std::vector<TextArgument> textArguments(const std::vector<HeldTool> &tools);

} // namespace osscc::rt
