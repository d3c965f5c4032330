// Verifiers of the kernels that change a state. Each check cites the rule (Cn) of TileRecurrence.td
// that it enforces.
#include "dialects/tile/Recurrence.h"
#include "dialects/tile/VerifyRegion.h"

#define GET_OP_CLASSES
#include "dialects/tile/TileRecurrence.cpp.inc"

using namespace mlir;

namespace osscc::tile {

static int64_t channels(Value rows) {
  return cast<ShapedType>(rows.getType()).getDimSize(1);
}

using Effects = SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

/// What a kernel reads and writes: on tensors the state alone.
static void addEffects(Operation *op, Value out, Effects &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand, SideEffects::DefaultResource::get());
    if (operand.get() == out)
      effects.emplace_back(MemoryEffects::Write::get(), &operand,
                           SideEffects::DefaultResource::get());
  }
  effects.emplace_back(MemoryEffects::Read::get());
  effects.emplace_back(MemoryEffects::Write::get());
}

void ShortConvOp::getEffects(Effects &effects) {
  addEffects(*this, getOut(), effects);
}
void DeltaRuleOp::getEffects(Effects &effects) {
  addEffects(*this, getOut(), effects);
}

/// The shape of values that every row reads, packed or in memory.
static ArrayRef<int64_t> shapeOf(Value values) {
  if (auto block = dyn_cast<pack::BlockType>(values.getType()))
    return block.getShape();
  return cast<MemRefType>(values.getType()).getShape();
}

LogicalResult StateAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t group,
                                int64_t heads, int64_t keys, int64_t values, int64_t channels,
                                int64_t kept) {
  if (group < 0 || heads < 1 || keys < 1 || values < 1 || channels < 1 || kept < 1)
    return emitError() << "a state has rows of channels and heads of keys by values, found " << kept
                       << " of " << channels << ", and " << heads << " of " << keys << " by "
                       << values << " in group " << group;
  return success();
}

LogicalResult ShortConvOp::verify() {
  int64_t width = getState().getChannels();
  if (channels(getX()) != width || channels(getOut()) != width) // C1
    return emitOpError() << "x has " << channels(getX()) << " channels and out "
                         << channels(getOut()) << ", but the state is " << getState();
  if (shapeOf(getW()) != ArrayRef<int64_t>{getState().getKept() + 1, width}) // C2
    return emitOpError() << "w is " << getW().getType() << ", but the state is " << getState();
  return verifyRegion(*this, getEpilogue(), 1); // C3
}

LogicalResult DeltaRuleOp::verify() {
  StateAttr state = getState();
  int64_t heads = state.getHeads(), width = channels(getQ());
  bool fits = channels(getA()) == heads && channels(getB()) == heads &&
              channels(getOut()) == channels(getV());
  if (!fits || channels(getV()) != heads * state.getValues()) // C1
    return emitOpError() << "v has " << channels(getV()) << " channels, a " << channels(getA())
                         << ", b " << channels(getB()) << " and out " << channels(getOut())
                         << ", but the state is " << state;
  bool whole = channels(getK()) == width && width > 0 && width % state.getKeys() == 0;
  if (!whole || heads % (width / state.getKeys()) != 0) // C2
    return emitOpError() << "q and k have " << width << " and " << channels(getK())
                         << " channels, but the state is " << state;
  for (Value values : {getRates(), getShifts()})
    if (shapeOf(values) != ArrayRef<int64_t>{heads}) // C3
      return emitOpError() << "has " << heads << " heads, but " << values.getType();
  if (!getEps().isFinite() || getEps().isZero() || getEps().isNegative()) // C4
    return emitOpError() << "eps must be positive and finite";
  return success();
}

} // namespace osscc::tile
