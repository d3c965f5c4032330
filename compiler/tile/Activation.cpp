#include "compiler/tile/Activation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace osscc {
namespace {

Value constant(OpBuilder &builder, Location loc, double value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getF32FloatAttr(static_cast<float>(value)));
}

/// gate / (1 + exp(-power)), where `power` is a multiple of the gate
Value emitSigmoid(OpBuilder &builder, Location loc, Value gate, Value power, Value one) {
  Value minus = arith::NegFOp::create(builder, loc, power);
  Value exponential = math::ExpOp::create(builder, loc, minus);
  Value sum = arith::AddFOp::create(builder, loc, exponential, one);
  return arith::DivFOp::create(builder, loc, gate, sum);
}

/// `bound` where `value` lies beyond it: above with OGT, below with OLT. No number stays none.
Value emitBound(OpBuilder &builder, Location loc, arith::CmpFPredicate beyond, Value value,
                double bound) {
  Value limit = constant(builder, loc, bound);
  Value isBeyond = arith::CmpFOp::create(builder, loc, beyond, value, limit);
  return arith::SelectOp::create(builder, loc, isBeyond, limit, value);
}

Value emitSilu(OpBuilder &builder, Location loc, Value gate, Value up) {
  Value one = constant(builder, loc, 1);
  Value act = emitSigmoid(builder, loc, gate, gate, one);
  return arith::MulFOp::create(builder, loc, act, up);
}

Value emitSwigluOai(OpBuilder &builder, Location loc, llm::ActivationAttr activation, Value gate,
                    Value up) {
  double limit = activation.getLimit().getValueAsDouble();
  Value one = constant(builder, loc, 1);
  gate = emitBound(builder, loc, arith::CmpFPredicate::OGT, gate, limit);
  up = emitBound(builder, loc, arith::CmpFPredicate::OGT, up, limit);
  up = emitBound(builder, loc, arith::CmpFPredicate::OLT, up, -limit);
  Value alpha = constant(builder, loc, activation.getAlpha().getValueAsDouble());
  Value power = arith::MulFOp::create(builder, loc, gate, alpha);
  Value act = emitSigmoid(builder, loc, gate, power, one);
  Value above = arith::AddFOp::create(builder, loc, up, one);
  return arith::MulFOp::create(builder, loc, act, above);
}

} // namespace

Value emitActivation(OpBuilder &builder, Location loc, llm::ActivationAttr activation, Value gate,
                     Value up) {
  switch (activation.getKind()) {
  case llm::ActivationKind::Silu:
    return emitSilu(builder, loc, gate, up);
  case llm::ActivationKind::SwigluOai:
    return emitSwigluOai(builder, loc, activation, gate, up);
  }
  llvm_unreachable("no such activation");
}

} // namespace osscc
