// Verifiers of the kernels of experts. Each check cites the rule (Cn) of TileExperts.td that it
// enforces.
#include "dialects/tile/VerifyRegion.h"

using namespace mlir;

namespace osscc::tile {

static int64_t channels(Value rows) {
  return cast<ShapedType>(rows.getType()).getDimSize(1);
}

bool isPlan(Value plan) {
  int64_t words = channels(plan);
  return words > planWords(0) && words == planWords(chosenOf(plan));
}

int64_t chosenOf(Value plan) {
  return (channels(plan) - planWords(0)) / (planWords(1) - planWords(0));
}

static LogicalResult verifyPlan(Operation *op, Value plan) {
  if (!isPlan(plan))
    return op->emitOpError() << plan.getType() << " is no plan";
  return success();
}

/// Rules (C3) to (C5) of `route`.
static LogicalResult verifyGroups(RouteOp op) {
  int64_t experts = channels(op.getLogits()), groups = op.getGroups();
  auto kept = static_cast<int64_t>(op.getKept()), best = static_cast<int64_t>(op.getBest());
  bool fits = groups >= 1 && experts % groups == 0 && kept >= 1 && kept <= groups && best >= 1 &&
              best <= experts / groups &&
              kept * (experts / groups) >= static_cast<int64_t>(op.getTop());
  if (!fits || !op.getScale().isFinite() || !(op.getScale().convertToFloat() > 0)) // C3
    return op.emitOpError() << "chooses " << op.getTop() << " of " << experts << " experts in "
                            << kept << " of " << groups << " groups by the best " << best
                            << " of each, times " << op.getScale().convertToDouble();
  if (op.getBias() && packedShape(op.getBias().getType()) != ArrayRef<int64_t>{experts}) // C4
    return op.emitOpError() << "has " << experts << " experts, but a bias of "
                            << op.getBias().getType();
  if (op.getScales() && packedShape(op.getScales().getType()) != ArrayRef<int64_t>{experts}) // C5
    return op.emitOpError() << "has " << experts << " experts, but scales of "
                            << op.getScales().getType();
  return success();
}

LogicalResult RouteOp::verify() {
  auto top = static_cast<int64_t>(getTop());
  if (top < 1 || top > channels(getLogits())) // C1
    return emitOpError() << "chooses " << top << " of " << channels(getLogits()) << " experts";
  if (channels(getOut()) != planWords(top)) // C2
    return emitOpError() << "chooses " << top << " experts, so the plan has " << planWords(top)
                         << " words a row, found " << channels(getOut());
  return verifyGroups(*this);
}

LogicalResult GatherSlotsOp::verify() {
  auto elementOf = [](Value rows) { return getElementTypeOrSelf(rows.getType()); };
  if (channels(getX()) != channels(getOut()) || elementOf(getX()) != elementOf(getOut())) // C1
    return emitOpError() << "x is " << getX().getType() << ", but out is " << getOut().getType();
  if (getWeighed() && !elementOf(getX()).isF32()) // C3
    return emitOpError() << "weighs " << getX().getType() << ", which is not f32";
  return verifyPlan(*this, getPlan()); // C2
}

LogicalResult CombineOp::verify() {
  if (channels(getX()) != channels(getOut())) // C1
    return emitOpError() << "x has " << channels(getX()) << " channels, but out has "
                         << channels(getOut());
  if (failed(verifyPlan(*this, getPlan()))) // C2
    return failure();
  return verifyRegion(*this, getEpilogue(), 2); // C3
}

} // namespace osscc::tile
