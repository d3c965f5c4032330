// Verifiers of the llm ops. Each check cites the rule (Cn) of LlmOps.td that it enforces.
#include "dialects/llm/Llm.h"

#include "mlir/IR/OpImplementation.h"
#include <cmath>

#define GET_OP_CLASSES
#include "dialects/llm/LlmOps.cpp.inc"

using namespace mlir;

namespace osscc::llm {

ArrayRef<int64_t> shapeOf(Type weight) {
  if (auto block = dyn_cast<pack::BlockType>(weight))
    return block.getShape();
  return cast<RankedTensorType>(weight).getShape();
}

namespace {

/// The type of one stored value.
Type elementOf(Type weight) {
  if (auto block = dyn_cast<pack::BlockType>(weight))
    return block.getFormat().getCode();
  return cast<RankedTensorType>(weight).getElementType();
}

int64_t channels(Value rows) {
  return cast<RankedTensorType>(rows.getType()).getDimSize(1);
}

bool isMatrix(Value weight) {
  return shapeOf(weight.getType()).size() == 2;
}

/// x [T, K] times w [N, K] gives y [T, N]: rules (C1) and (C2) of `linear` and `logits`.
LogicalResult verifyProduct(Operation *op, Value x, Value weight, Value y) {
  ArrayRef<int64_t> shape = shapeOf(weight.getType());
  if (!isMatrix(weight) || shape[1] != channels(x)) // C1
    return op->emitOpError() << "x has " << channels(x) << " channels, but the weight is "
                             << weight.getType();
  if (shape[0] != channels(y)) // C2
    return op->emitOpError() << "the weight has " << shape[0] << " rows, but y has " << channels(y)
                             << " channels";
  return success();
}

bool isPositiveFinite(APFloat value) {
  return value.isFinite() && !value.isZero() && !value.isNegative();
}

} // namespace

LogicalResult EmbedOp::verify() {
  if (!isMatrix(getTable()) || shapeOf(getTable().getType())[1] != channels(getY())) // C1
    return emitOpError() << "y has " << channels(getY()) << " channels, but the table is "
                         << getTable().getType();
  return success();
}

/// x [T, G * K] times a stack [G, N, K] gives y [T, G * N].
static LogicalResult verifyGroups(LinearOp op) {
  auto groups = static_cast<int64_t>(op.getGroups());
  ArrayRef<int64_t> shape = shapeOf(op.getWeight().getType());
  if (groups < 1 || shape.size() != 3 || shape[0] != groups || op.getBias()) // C4
    return op.emitOpError() << "has " << groups << " groups, but the weight is "
                            << op.getWeight().getType()
                            << (op.getBias() ? ", and there is a bias" : "");
  if (channels(op.getX()) != groups * shape[2]) // C1
    return op.emitOpError() << "x has " << channels(op.getX()) << " channels, but the weight is "
                            << op.getWeight().getType();
  if (channels(op.getY()) != groups * shape[1]) // C2
    return op.emitOpError() << "y has " << channels(op.getY()) << " channels, but the weight is "
                            << op.getWeight().getType();
  return success();
}

LogicalResult LinearOp::verify() {
  if (getGroups() != 1)
    return verifyGroups(*this);
  if (!getBias())
    return verifyProduct(*this, getX(), getWeight(), getY());
  ArrayRef<int64_t> bias = shapeOf(getBias().getType());
  if (bias.size() != 1 || bias[0] != channels(getY())) // C3
    return emitOpError() << "bias is " << getBias().getType() << ", but y has " << channels(getY())
                         << " channels";
  return verifyProduct(*this, getX(), getWeight(), getY());
}

LogicalResult LogitsOp::verify() {
  return verifyProduct(*this, getX(), getHead(), getY());
}

/// What `rms_norm` and `layer_norm` are held to alike: rules (C1) of the scale, (C2) to (C4).
template <typename Norm> static LogicalResult verifyNorm(Norm op) {
  int64_t size = op.groupChannels();
  if (size < 1 || channels(op.getX()) % size != 0) // C3
    return op.emitOpError() << "x has " << channels(op.getX())
                            << " channels, not a whole number of groups of " << size;
  if (op.getScale() && shapeOf(op.getScale().getType()) != ArrayRef<int64_t>{size}) // C1
    return op.emitOpError() << "scale is " << op.getScale().getType() << ", but "
                            << (op.getSize() != 0 ? "a group" : "x") << " has " << size
                            << " channels";
  if (!isPositiveFinite(op.getEps())) // C2
    return op.emitOpError() << "eps must be positive and finite";
  if (!op.getOffset().isFinite() || (!op.getScale() && !op.getOffset().isZero())) // C4
    return op.emitOpError() << "an offset is finite and added to a scale";
  return success();
}

LogicalResult RmsNormOp::verify() {
  return verifyNorm(*this);
}

LogicalResult LayerNormOp::verify() {
  if (failed(verifyNorm(*this)))
    return failure();
  if (getBias() && shapeOf(getBias().getType()) != ArrayRef<int64_t>{groupChannels()}) // C1
    return emitOpError() << "bias is " << getBias().getType() << ", but "
                         << (getSize() != 0 ? "a group" : "x") << " has " << groupChannels()
                         << " channels";
  return success();
}

LogicalResult ActivateOp::verify() {
  if (getActivation().getKind() == ActivationKind::SwigluOai) // C1
    return emitOpError() << "swiglu_oai needs a second operand";
  return success();
}

LogicalResult GateOp::verify() {
  if (channels(getGate()) != 1 && channels(getGate()) != channels(getX())) // C1
    return emitOpError() << "x has " << channels(getX()) << " channels, but gate has "
                         << channels(getGate());
  return success();
}

LogicalResult ScaleOp::verify() {
  if (!getFactor().isFinite()) // C1
    return emitOpError() << "factor must be finite";
  return success();
}

LogicalResult RopeOp::verify() {
  int64_t dims = getRope().getDims();
  double theta = getRope().getTheta().getValueAsDouble();
  if (dims <= 0 || dims % 2 != 0 || !std::isfinite(theta) || theta <= 1) // C2
    return emitOpError() << "rope needs an even number of dims and theta above 1, found dims "
                         << dims << ", theta " << theta;
  if (channels(getX()) % dims != 0) // C1
    return emitOpError() << "x has " << channels(getX())
                         << " channels, not a whole number of heads of " << dims;
  return success();
}

LogicalResult KvAppendOp::verify() {
  CacheType cache = getCache().getType();
  int64_t keys = cache.getHeads() * cache.keySize(), values = cache.getHeads() * cache.valueSize();
  if (channels(getK()) != keys || channels(getV()) != values) // C1
    return emitOpError() << "k and v have " << channels(getK()) << " and " << channels(getV())
                         << " channels, but the cache holds " << keys
                         << (cache.isLatent() ? " and " + std::to_string(values) : "");
  if (static_cast<int64_t>(getLayer()) < 0) // C2
    return emitOpError() << "layer must not be negative";
  return success();
}

LogicalResult AttentionOp::verify() {
  CacheType cache = getCache().getType();
  int64_t width = cache.getHeads() * cache.valueSize();
  if (width <= 0 || channels(getQ()) % width != 0) // C1
    return emitOpError() << "q has " << channels(getQ())
                         << " channels, not a whole multiple of the cache's " << width;
  if (!isPositiveFinite(getScale())) // C2
    return emitOpError() << "scale must be positive and finite";
  if (static_cast<int64_t>(getLayer()) < 0) // C3
    return emitOpError() << "layer must not be negative";
  if (cache.getWindow() != 0 && (!getMask() || getMask()->getWindow() > cache.getWindow())) // C4
    return emitOpError() << "sees further back than the cache's window of " << cache.getWindow();
  int64_t heads = channels(getQ()) / cache.valueSize();
  int64_t others = getRest() ? channels(getRest()) : 0;
  if (others != (cache.isLatent() ? heads * cache.keySize() : 0)) // C6
    return emitOpError() << "has " << heads << " query heads over " << cache << ", but a rest of "
                         << others << " channels";
  if (getSinks() && shapeOf(getSinks().getType()) != ArrayRef<int64_t>{heads}) // C5
    return emitOpError() << "has " << heads << " query heads, but sinks are "
                         << getSinks().getType();
  if (getSoftcap() && !isPositiveFinite(*getSoftcap())) // C6
    return emitOpError() << "softcap must be positive and finite";
  return success();
}

LogicalResult MultiplyOp::verify() {
  ArrayRef<int64_t> shape = shapeOf(getWeight().getType());
  if (shape.size() != 1 || (shape[0] != 1 && shape[0] != channels(getX()))) // C1
    return emitOpError() << "x has " << channels(getX()) << " channels, but the weight is "
                         << getWeight().getType();
  return success();
}

LogicalResult SoftcapOp::verify() {
  if (!isPositiveFinite(getCap())) // C1
    return emitOpError() << "cap must be positive and finite";
  return success();
}

LogicalResult GluOp::verify() {
  if (getUp() &&
      (channels(getGate()) != channels(getY()) || channels(getUp()) != channels(getY()))) // C1
    return emitOpError() << "gate and up have " << channels(getGate()) << " and "
                         << channels(getUp()) << " channels, but y has " << channels(getY());
  if (!getUp() && channels(getGate()) != 2 * channels(getY())) // C2
    return emitOpError() << "the joined operand has " << channels(getGate())
                         << " channels, not twice the " << channels(getY()) << " of y";
  return success();
}

/// Rules (C3) to (C5) of `route`.
static LogicalResult verifyRouting(RouteOp op) {
  RoutingAttr routing = op.getRouting();
  int64_t experts = channels(op.getLogits()), groups = routing.getGroups();
  int64_t ofGroup = experts / groups;
  bool fits = experts % groups == 0 && routing.getBest() <= ofGroup;
  if (!fits || routing.getKept() * ofGroup < static_cast<int64_t>(op.getTop())) // C3
    return op.emitOpError() << "chooses " << op.getTop() << " of " << experts << " experts in "
                            << routing.getKept() << " of " << groups << " groups, by the best "
                            << routing.getBest() << " of each";
  if (op.getBias() && shapeOf(op.getBias().getType()) != ArrayRef<int64_t>{experts}) // C4
    return op.emitOpError() << "has " << experts << " experts, but a bias of "
                            << op.getBias().getType();
  if (op.getScales() && shapeOf(op.getScales().getType()) != ArrayRef<int64_t>{experts}) // C5
    return op.emitOpError() << "has " << experts << " experts, but scales of "
                            << op.getScales().getType();
  return success();
}

LogicalResult RouteOp::verify() {
  auto top = static_cast<int64_t>(getTop());
  if (top < 1 || top > channels(getLogits())) // C1
    return emitOpError() << "chooses " << top << " of " << channels(getLogits()) << " experts";
  if (channels(getIds()) != top || channels(getWeights()) != top) // C2
    return emitOpError() << "chooses " << top << " experts, but ids and weights have "
                         << channels(getIds()) << " and " << channels(getWeights()) << " channels";
  return verifyRouting(*this);
}

/// Whether there is no `bias`, or one that has a value for each row of a stack of `shape`.
static bool fitsStack(Value bias, ArrayRef<int64_t> shape) {
  return !bias || shapeOf(bias.getType()) == shape.take_front(2);
}

LogicalResult ExpertsOp::verify() {
  ArrayRef<int64_t> gateUp = shapeOf(getGateUp().getType()), down = shapeOf(getDown().getType());
  if (gateUp.size() != 3 || gateUp[1] % 2 != 0 || gateUp[2] != channels(getX())) // C1
    return emitOpError() << "x has " << channels(getX()) << " channels, but gate_up is "
                         << getGateUp().getType();
  if (down != ArrayRef<int64_t>{gateUp[0], channels(getX()), gateUp[1] / 2}) // C2
    return emitOpError() << "gate_up is " << getGateUp().getType() << ", but down is "
                         << getDown().getType();
  if (!fitsStack(getGateUpBias(), gateUp) || !fitsStack(getDownBias(), down)) // C3
    return emitOpError() << "biases do not have a value for each row of their matrices";
  if (channels(getIds()) != channels(getWeights()) || channels(getIds()) > gateUp[0]) // C4
    return emitOpError() << "ids and weights have " << channels(getIds()) << " and "
                         << channels(getWeights()) << " channels, of " << gateUp[0] << " experts";
  return success();
}

LogicalResult ConcatOp::verify() {
  ArrayRef<int64_t> whole = shapeOf(getWhole().getType());
  int64_t rows = 0;
  for (Value part : getParts()) {
    ArrayRef<int64_t> shape = shapeOf(part.getType());
    if (shape.size() != whole.size() || shape.drop_front() != whole.drop_front() ||
        elementOf(part.getType()) != elementOf(getWhole().getType())) // C1
      return emitOpError() << "part " << part.getType()
                           << " does not have the channels and element type of "
                           << getWhole().getType();
    rows += shape[0];
  }
  if (rows != whole[0]) // C2
    return emitOpError() << "the parts have " << rows << " rows, but the whole has " << whole[0];
  return success();
}

LogicalResult SplitOp::verify() {
  int64_t sum = 0;
  for (Value part : getParts())
    sum += channels(part);
  if (sum != channels(getX())) // C1
    return emitOpError() << "the parts have " << sum << " channels, but x has " << channels(getX());
  return success();
}

LogicalResult OutputRowsOp::verify() {
  if (channels(getX()) != channels(getY())) // C1
    return emitOpError() << "x has " << channels(getX()) << " channels, but y has "
                         << channels(getY());
  return success();
}

} // namespace osscc::llm
