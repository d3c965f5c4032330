// Verifiers of states and of the ops that change them. Each check cites the rule (Cn) of
// LlmRecurrence.td that it enforces.
#include "dialects/llm/Recurrence.h"

#define GET_OP_CLASSES
#include "dialects/llm/LlmRecurrence.cpp.inc"

using namespace mlir;

namespace osscc::llm {

static int64_t channels(Value rows) {
  return cast<RankedTensorType>(rows.getType()).getDimSize(1);
}

LogicalResult StateType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t group,
                                int64_t heads, int64_t keys, int64_t values, int64_t channels,
                                int64_t kept) {
  if (group < 0 || heads < 1 || keys < 1 || values < 1)
    return emitError() << "a state has heads of keys by values, found " << heads << " of " << keys
                       << " by " << values << " in group " << group;
  if (channels < 1 || kept < 1)
    return emitError() << "a state keeps rows of channels, found " << kept << " of " << channels;
  return success();
}

LogicalResult ShortConvOp::verify() {
  StateType state = getState().getType();
  ArrayRef<int64_t> weight = shapeOf(getWeight().getType());
  if (channels(getX()) != state.getChannels() ||
      weight != ArrayRef<int64_t>{state.getKept() + 1, state.getChannels()}) // C1
    return emitOpError() << "x has " << channels(getX()) << " channels and the weight is "
                         << getWeight().getType() << ", but the state is " << state;
  if (static_cast<int64_t>(getLayer()) < 0) // C2
    return emitOpError() << "layer must not be negative";
  if (getActivation() && getActivation()->getKind() == ActivationKind::SwigluOai) // C3
    return emitOpError() << "swiglu_oai needs a second operand";
  return success();
}

LogicalResult DeltaRuleOp::verify() {
  StateType state = getState().getType();
  int64_t heads = state.getHeads(), width = channels(getQ());
  if (channels(getV()) != heads * state.getValues() || channels(getA()) != heads) // C1
    return emitOpError() << "v has " << channels(getV()) << " channels and a " << channels(getA())
                         << ", but the state is " << state;
  bool whole = channels(getK()) == width && width > 0 && width % state.getKeys() == 0;
  if (!whole || heads % (width / state.getKeys()) != 0) // C2
    return emitOpError() << "q and k have " << width << " and " << channels(getK())
                         << " channels, but the state is " << state;
  for (Value values : {getRates(), getShifts()})
    if (shapeOf(values.getType()) != ArrayRef<int64_t>{heads}) // C3
      return emitOpError() << "has " << heads << " heads, but " << values.getType();
  if (!getEps().isFinite() || getEps().isZero() || getEps().isNegative()) // C4
    return emitOpError() << "eps must be positive and finite";
  if (static_cast<int64_t>(getLayer()) < 0) // C5
    return emitOpError() << "layer must not be negative";
  return success();
}

} // namespace osscc::llm
