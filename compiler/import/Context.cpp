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

/// Chooses the divisors of frequencies that depend on how long a context may be: those of the
/// longer ones hold for all its positions then.
static void chooseDivisors(ModelSpec &spec, Notes *notes) {
  bool isTold = false;
  for (LayerSpec &layer : spec.layers) {
    std::optional<RopeSpec> &rope = layer.attention.rope;
    if (!rope || !rope->scaling || rope->scaling->longDivisors.empty())
      continue;
    RopeScalingSpec &scaling = *rope->scaling;
    auto original = static_cast<int64_t>(scaling.original);
    bool isLong = spec.positions > original;
    if (isLong)
      scaling.divisors = scaling.longDivisors;
    scaling.longDivisors.clear();
    if (notes && !isTold)
      notes->add(scaling.where, isLong
                                    ? "the long factors, at every position: the context of " +
                                          Twine(spec.positions) + " is above " + Twine(original) +
                                          "; --context=" + Twine(original) + " takes the short ones"
                                    : "the short factors: the context of " + Twine(spec.positions) +
                                          " is not above " + Twine(original));
    isTold = true;
  }
}

Error limitContext(ModelSpec &spec, std::optional<int64_t> context, Notes *notes) {
  if (context && (*context < 1 || *context > spec.positions))
    return usageError("--context=" + Twine(*context),
                      "expected 1 to " + Twine(spec.positions) + ", the model's own",
                      "leave the option out for the longest context");
  int64_t own = spec.positions;
  spec.positions = context.value_or(own);
  chooseDivisors(spec, notes);
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
