// The verifier and effects of the kernel that measures rows. The check cites the rule (Cn) of
// TileMoments.td that it enforces.
#include "dialects/tile/Moments.h"

#define GET_OP_CLASSES
#include "dialects/tile/TileMoments.cpp.inc"

using namespace mlir;

namespace osscc::tile {

void MomentsOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand, SideEffects::DefaultResource::get());
    if (operand.get() == getOut())
      effects.emplace_back(MemoryEffects::Write::get(), &operand,
                           SideEffects::DefaultResource::get());
  }
}

LogicalResult MomentsOp::verify() {
  int64_t channels = cast<ShapedType>(getOut().getType()).getDimSize(1);
  if (channels != 2) // C1
    return emitOpError() << "out has " << channels << " channels, not two";
  return success();
}

} // namespace osscc::tile
