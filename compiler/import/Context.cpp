#include "compiler/import/Context.h"

#include "support/UsageError.h"

using namespace llvm;

namespace osscc {

Error limitContext(ModelSpec &spec, std::optional<int64_t> context, Notes *notes) {
  if (context && (*context < 1 || *context > spec.positions))
    return usageError("--context=" + Twine(*context),
                      "expected 1 to " + Twine(spec.positions) + ", the model's own",
                      "leave the option out for the longest context");
  int64_t own = spec.positions;
  spec.positions = context.value_or(own);
  if (!spec.window || spec.window->positions >= own)
    return Error::success();
  int64_t window = spec.window->positions;
  if (window < spec.positions)
    return inputError(spec.window->where,
                      "a window of " + Twine(window) + " positions in a context of " +
                          Twine(spec.positions) + " is not supported yet",
                      "compile it with --context=" + Twine(window) +
                          ", which never leaves the window");
  if (notes)
    notes->add(spec.window->where, "a context of " + Twine(spec.positions) +
                                       " never leaves the window of " + Twine(window) +
                                       " positions");
  return Error::success();
}

} // namespace osscc
