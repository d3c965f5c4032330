// Registration, types and attributes of the llm dialect.
#include "dialects/llm/Recurrence.h"
#include "dialects/llm/Streams.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"
#include <algorithm>
#include <cmath>
#include <numbers>

#include "dialects/llm/LlmDialect.cpp.inc"
#include "dialects/llm/LlmDialectEnums.cpp.inc"

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
  addOperations<
#define GET_OP_LIST
#include "dialects/llm/LlmRecurrence.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/llm/LlmStreams.cpp.inc"
      >();
}

mlir::LogicalResult ConfigAttr::verify(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
                                       mlir::StringAttr family, int64_t layers, int64_t hidden,
                                       int64_t vocabulary, int64_t positions, int64_t maxRows,
                                       mlir::DenseI64ArrayAttr carried) {
  for (int64_t channels : carried ? carried.asArrayRef() : llvm::ArrayRef<int64_t>())
    if (channels < 1)
      return emitError() << "a carried value has channels, found " << channels;
  return mlir::success();
}

llvm::SmallVector<int64_t> ConfigAttr::handedOn() const {
  llvm::SmallVector<int64_t> channels = {getHidden()};
  if (getCarried())
    llvm::append_range(channels, getCarried().asArrayRef());
  return channels;
}

/// [T, channels] of f32, where T is the call's.
static bool isRows(mlir::RankedTensorType type) {
  return type.getRank() == 2 && type.isDynamicDim(0) && type.getElementType().isF32();
}

/// Whether the rows among `types` have these channels, in this order.
static bool areRowsOf(mlir::TypeRange types, llvm::ArrayRef<int64_t> channels) {
  llvm::SmallVector<int64_t> found;
  for (mlir::Type type : types)
    if (auto rows = mlir::dyn_cast<mlir::RankedTensorType>(type); rows && isRows(rows))
      found.push_back(rows.getDimSize(1));
  return llvm::ArrayRef(found) == channels;
}

/// A segment takes what the one before it hands on: the hidden rows and what the module carries.
mlir::LogicalResult LlmDialect::verifyOperationAttribute(mlir::Operation *op,
                                                         mlir::NamedAttribute attribute) {
  auto segment = mlir::dyn_cast<mlir::FunctionOpInterface>(op);
  auto kind = mlir::dyn_cast<mlir::StringAttr>(attribute.getValue());
  if (attribute.getName() != "llm.segment" || !segment || !kind || !op->getParentOp())
    return mlir::success();
  auto config = op->getParentOp()->getAttrOfType<ConfigAttr>("llm.config");
  if (!config)
    return mlir::success();
  llvm::SmallVector<int64_t> handedOn = config.handedOn();
  if (kind.getValue() != "embed" && !areRowsOf(segment.getArgumentTypes(), handedOn))
    return op->emitOpError() << "takes other rows than the segment before hands on, of " << handedOn
                             << " channels";
  if (kind.getValue() != "head" && !areRowsOf(segment.getResultTypes(), handedOn))
    return op->emitOpError() << "hands on other rows than the next segment takes, of " << handedOn
                             << " channels";
  return mlir::success();
}

mlir::LogicalResult CacheType::verify(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
                                      int64_t group, int64_t heads, int64_t size, int64_t window,
                                      int64_t values) {
  if (window < 0)
    return emitError() << "a cache's window has positions, found " << window;
  if (values < 0 || (values > 0 && values >= size))
    return emitError() << "a latent of " << size << " channels has " << values
                       << " that are the value, expected some and not all";
  return mlir::success();
}

mlir::LogicalResult MaskAttr::verify(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
                                     int64_t window, bool /*chunked*/) {
  if (window < 1)
    return emitError() << "a window has a position at least, found " << window;
  return mlir::success();
}

mlir::LogicalResult
TemperatureAttr::verify(llvm::function_ref<mlir::InFlightDiagnostic()> emitError, int64_t step,
                        mlir::FloatAttr scale, int64_t offset) {
  bool fits = step > 0 && offset >= 0 && scale && scale.getValue().isFinite() &&
              !scale.getValue().isNegative();
  if (!fits)
    return emitError() << "a temperature has a step of positions, an offset and a finite scale, "
                          "none of them negative";
  return mlir::success();
}

/// What is wrong with the numbers of a scaling by yarn, or null.
static const char *faultOfYarn(mlir::FloatAttr low, mlir::FloatAttr high,
                               mlir::FloatAttr original) {
  if (original || !low || !high)
    return "yarn has a factor, low and high";
  double from = low.getValueAsDouble(), to = high.getValueAsDouble();
  bool rises = std::isfinite(from) && std::isfinite(to) && from >= 0 && from < to;
  return rises ? nullptr : "yarn goes from low, which is not negative, up to high";
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
  bool isYarn = kind.getValue() == "yarn";
  bool isProportional = kind.getValue() == "proportional";
  if (!isLlama3 && !isYarn && !isProportional && kind.getValue() != "linear")
    return emitError() << "rope scaling is linear, llama3, yarn, proportional or divisors, found "
                       << kind;
  if (divisors)
    return emitError() << kind << " has no divisors";
  if (!isPositive(factor))
    return emitError() << "a rope scaling's factor is positive and finite";
  if (isYarn) {
    const char *fault = faultOfYarn(low, high, original);
    return fault ? mlir::LogicalResult(emitError() << fault) : mlir::success();
  }
  if (isProportional) {
    if (!isPositive(low) || high || original)
      return emitError() << "proportional needs the number of the first frequency that is none, "
                            "and has a factor besides";
    return mlir::success();
  }
  bool bounded = isPositive(low) && isPositive(high) && isPositive(original);
  if (isLlama3 && (!bounded || low.getValueAsDouble() > high.getValueAsDouble()))
    return emitError() << "llama3 needs low, high and original, positive, and low up to high";
  if (!isLlama3 && (low || high || original))
    return emitError() << "linear scaling has a factor alone";
  return mlir::success();
}

mlir::LogicalResult RopeAttr::verify(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
                                     int64_t dims, mlir::FloatAttr theta, RopeScalingAttr scaling,
                                     mlir::FloatAttr factor, int64_t turned) {
  if (turned < 0 || turned % 2 != 0 || turned > dims)
    return emitError() << "a rope turns an even number of its " << dims << " dims, found "
                       << turned;
  if (turned != 0)
    dims = turned;
  if (scaling && scaling.getDivisors() && scaling.getDivisors().size() != dims / 2)
    return emitError() << "a rope of " << dims << " dims needs half as many divisors, found "
                       << scaling.getDivisors().size();
  if (factor && !(factor.getValue().isFinite() && factor.getValueAsDouble() > 0))
    return emitError() << "a rope's factor is positive and finite";
  return mlir::success();
}

mlir::LogicalResult ActivationAttr::verify(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
                                           ActivationKind kind, mlir::FloatAttr alpha,
                                           mlir::FloatAttr limit) {
  llvm::StringRef name = stringifyActivationKind(kind);
  if (kind != ActivationKind::SwigluOai && (alpha || limit))
    return emitError() << name << " has neither alpha nor limit";
  if (kind != ActivationKind::SwigluOai)
    return mlir::success();
  bool fits = alpha && limit && alpha.getValue().isFinite() && limit.getValue().isFinite() &&
              limit.getValueAsDouble() > 0;
  if (!fits)
    return emitError() << name << " needs a finite alpha and a positive, finite limit";
  return mlir::success();
}

mlir::LogicalResult RoutingAttr::verify(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
                                        RoutingKind kind, int64_t groups, int64_t kept,
                                        int64_t best, mlir::FloatAttr scale) {
  if (groups < 1 || kept < 1 || kept > groups || best < 1)
    return emitError() << "keeps " << kept << " of " << groups << " groups, by the best " << best
                       << " of each";
  if (scale && !(scale.getValue().isFinite() && scale.getValueAsDouble() > 0))
    return emitError() << "a routing's scale is positive and finite";
  return mlir::success();
}

float RoutingAttr::factor() const {
  return getScale() ? static_cast<float>(getScale().getValueAsDouble()) : 1;
}

/// The frequency that `scaling` makes of `frequency`, the `index`-th, in radians a position.
static double scaled(RopeScalingAttr scaling, int64_t index, double frequency) {
  if (scaling.getDivisors())
    return frequency / scaling.getDivisors()[index];
  double factor = scaling.getFactor().getValueAsDouble();
  if (scaling.getKind().getValue() == "linear")
    return frequency / factor;
  double low = scaling.getLow().getValueAsDouble();
  if (scaling.getKind().getValue() == "proportional")
    return static_cast<double>(index) < low ? frequency / factor : 0;
  double high = scaling.getHigh().getValueAsDouble();
  if (scaling.getKind().getValue() == "yarn") {
    double share = std::clamp((static_cast<double>(index) - low) / (high - low), 0.0, 1.0);
    return share * frequency / factor + (1 - share) * frequency;
  }
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
  double theta = getTheta().getValueAsDouble(), dims = static_cast<double>(turnedDims());
  for (int64_t i = 0; i < turnedDims() / 2; ++i) {
    double frequency = std::pow(theta, -2.0 * static_cast<double>(i) / dims);
    frequencies.push_back(
        static_cast<float>(getScaling() ? scaled(getScaling(), i, frequency) : frequency));
  }
  frequencies.resize(getDims() / 2, 0.0F);
  return frequencies;
}

float RopeAttr::turnFactor() const {
  return getFactor() ? static_cast<float>(getFactor().getValueAsDouble()) : 1;
}

} // namespace osscc::llm
