// The tools of a chat request, and which of them an answer may or must call.
#pragma once

#include "runtime/serve/Fields.h"

#include <string>
#include <vector>

namespace osscc::rt::serve {

/// A tool that may be called.
struct CallableTool {
  std::string name;
  std::string path;          ///< Of its parameters in the request.
  Value parameters = None{}; ///< A JSON Schema; none: it takes no arguments.
  bool isStrict = false;     ///< Its calls are held to the schema, wherever they come.
  bool isFree = false;       ///< They are not, wherever they come: `strict` is false.
};

struct Tools {
  Value list = None{};                     ///< For the template; none: no tools.
  std::vector<CallableTool> callable = {}; ///< Of the list, those that tool_choice allows.
  bool callsOnce = false; ///< parallel_tool_calls is false, or one tool is prescribed.
  bool mustCall = false;  ///< tool_choice is "required", or prescribes a tool.
  bool isPart = false;    ///< Whether tool_choice leaves some of the list out.

  /// Whether calls are held to something by masks of tokens.
  bool areHeld() const;
};

/// The tools that the model is told of; none where tool_choice is "none". Throws ApiError naming
/// the field.
Tools readTools(const Fields &request);

} // namespace osscc::rt::serve
