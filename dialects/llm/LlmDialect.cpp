// Registration, types and attributes of the llm dialect.
#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <numbers>

#include "dialects/llm/LlmDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/llm/LlmDialectTypes.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/llm/LlmDialectAttrs.cpp.inc"

namespace osscc::llm {

void LlmDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/llm/LlmDialectTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/llm/LlmDialectAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/llm/LlmOps.cpp.inc"
      >();
}

mlir::LogicalResult
RopeScalingAttr::verify(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
                        mlir::StringAttr kind, mlir::FloatAttr factor, mlir::FloatAttr low,
                        mlir::FloatAttr high, mlir::FloatAttr original,
                        mlir::DenseF32ArrayAttr divisors) {
  auto isPositive = [](mlir::FloatAttr value) {
    return value && value.getValue().isFinite() && value.getValueAsDouble() > 0;
  };
  if (kind.getValue() == "divisors") {
    if (factor || low || high || original || !divisors ||
        !llvm::all_of(divisors.asArrayRef(), [](float d) { return std::isfinite(d) && d > 0; }))
      return emitError() << "divisors are positive, finite and all that their scaling has";
    return mlir::success();
  }
  bool isLlama3 = kind.getValue() == "llama3";
  if (!isLlama3 && kind.getValue() != "linear")
    return emitError() << "rope scaling is linear, llama3 or divisors, found " << kind;
  if (divisors)
    return emitError() << kind << " has no divisors";
  if (!isPositive(factor))
    return emitError() << "a rope scaling's factor is positive and finite";
  bool bounded = isPositive(low) && isPositive(high) && isPositive(original);
  if (isLlama3 && (!bounded || low.getValueAsDouble() > high.getValueAsDouble()))
    return emitError() << "llama3 needs low, high and original, positive, and low up to high";
  if (!isLlama3 && (low || high || original))
    return emitError() << "linear scaling has a factor alone";
  return mlir::success();
}

mlir::LogicalResult RopeAttr::verify(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
                                     int64_t dims, mlir::FloatAttr theta, RopeScalingAttr scaling) {
  if (scaling && scaling.getDivisors() && scaling.getDivisors().size() != dims / 2)
    return emitError() << "a rope of " << dims << " dims needs half as many divisors, found "
                       << scaling.getDivisors().size();
  return mlir::success();
}

/// The frequency that `scaling` makes of `frequency`, the `index`-th, in radians a position.
static double scaled(RopeScalingAttr scaling, int64_t index, double frequency) {
  if (scaling.getDivisors())
    return frequency / scaling.getDivisors()[index];
  double factor = scaling.getFactor().getValueAsDouble();
  if (scaling.getKind().getValue() == "linear")
    return frequency / factor;
  double low = scaling.getLow().getValueAsDouble(), high = scaling.getHigh().getValueAsDouble();
  double original = scaling.getOriginal().getValueAsDouble();
  double wave = 2 * std::numbers::pi / frequency;
  if (wave < original / high)
    return frequency;
  if (wave > original / low || low == high)
    return frequency / factor;
  double kept = (original / wave - low) / (high - low);
  return (1 - kept) * frequency / factor + kept * frequency;
}

llvm::SmallVector<float> RopeAttr::inverseFrequencies() const {
  llvm::SmallVector<float> frequencies;
  double theta = getTheta().getValueAsDouble(), dims = static_cast<double>(getDims());
  for (int64_t i = 0; i < getDims() / 2; ++i) {
    double frequency = std::pow(theta, -2.0 * static_cast<double>(i) / dims);
    frequencies.push_back(
        static_cast<float>(getScaling() ? scaled(getScaling(), i, frequency) : frequency));
  }
  return frequencies;
}

} // namespace osscc::llm
