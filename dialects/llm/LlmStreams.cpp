// Verifiers of the ops of streams. Each check cites the rule (Cn) of LlmStreams.td that it
// enforces.
#include "dialects/llm/Streams.h"

#define GET_OP_CLASSES
#include "dialects/llm/LlmStreams.cpp.inc"

using namespace mlir;

namespace osscc::llm {

static int64_t channels(Value rows) {
  return cast<RankedTensorType>(rows.getType()).getDimSize(1);
}

LogicalResult MixOp::verify() {
  if (getParts().empty())
    return emitOpError() << "has no parts"; // C1
  for (Value part : getParts())
    if (channels(part) != channels(getY())) // C1
      return emitOpError() << "a part has " << channels(part) << " channels, but y has "
                           << channels(getY());
  auto first = static_cast<int64_t>(getFirst()), count = static_cast<int64_t>(getParts().size());
  if (first < 0 || first + count > channels(getWeights())) // C2
    return emitOpError() << "reads weights " << first << " to " << first + count - 1 << " of "
                         << channels(getWeights());
  return success();
}

LogicalResult MatchOp::verify() {
  if (!getLeast().isFinite() || !(getLeast().convertToFloat() > 0)) // C1
    return emitOpError() << "least must be positive and finite";
  return success();
}

LogicalResult CutoffOp::verify() {
  if (!getDeviations().isFinite()) // C1
    return emitOpError() << "deviations must be finite";
  return success();
}

LogicalResult XieluOp::verify() {
  for (Value weight : {getPositive(), getNegative(), getBeta(), getEps()})
    if (shapeOf(weight.getType()) != ArrayRef<int64_t>{1}) // C1
      return emitOpError() << "a weight is " << weight.getType() << ", not of one value";
  return success();
}

} // namespace osscc::llm
