#include "compiler/import/Context.h"

#include "support/UsageError.h"

using namespace llvm;

namespace osscc {

/// Null where no layer has a window.
static const WindowSpec *narrowestWindow(const ModelSpec &spec) {
  const WindowSpec *narrowest = nullptr;
  for (const LayerSpec &layer : spec.layers)
    if (const std::optional<WindowSpec> &window = layer.attention.window)
      if (!narrowest || window->positions < narrowest->positions)
        narrowest = &*window;
  return narrowest;
}

Error limitContext(ModelSpec &spec, std::optional<int64_t> context, Notes *notes) {
  if (context && (*context < 1 || *context > spec.positions))
    return usageError("--context=" + Twine(*context),
                      "expected 1 to " + Twine(spec.positions) + ", the model's own",
                      "leave the option out for the longest context");
  int64_t own = spec.positions;
  spec.positions = context.value_or(own);
  const WindowSpec *narrowest = narrowestWindow(spec);
  if (!narrowest || narrowest->positions >= own || narrowest->positions < spec.positions)
    return Error::success();
  if (notes)
    notes->add(narrowest->where, "a context of " + Twine(spec.positions) +
                                     " never leaves the window of " + Twine(narrowest->positions) +
                                     " positions");
  return Error::success();
}

} // namespace osscc
