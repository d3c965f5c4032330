#include "compiler/tile/Activation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include <cmath>
#include <numbers>

using namespace mlir;

namespace osscc {
namespace {

Value constant(OpBuilder &builder, Location loc, double value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getF32FloatAttr(static_cast<float>(value)));
}

/// gate / (1 + exp(-power))
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

/// sum_i coefficients[i] * x^(2 i)
Value emitSeries(OpBuilder &builder, Location loc, Value square, ArrayRef<double> coefficients) {
  Value sum = constant(builder, loc, coefficients.back());
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    sum = math::FmaOp::create(builder, loc, sum, square, constant(builder, loc, coefficient));
  return sum;
}

/// erf(x) as a quotient of two polynomials, to 4e-7 of 1: both its ends are clamped, behind which
/// f32 has nothing but 1. The coefficients are Eigen's (generic_fast_erf_float).
Value emitErf(OpBuilder &builder, Location loc, Value x) {
  x = emitBound(builder, loc, arith::CmpFPredicate::OGT, x, 4);
  x = emitBound(builder, loc, arith::CmpFPredicate::OLT, x, -4);
  Value square = arith::MulFOp::create(builder, loc, x, x);
  Value above = emitSeries(builder, loc, square,
                           {-1.60960333262415e-02, -2.95459980854025e-03, -7.34990630326855e-04,
                            -5.69250639462346e-05, -2.10102402082508e-06, 2.77068142495902e-08,
                            -2.72614225801306e-10});
  Value below = emitSeries(builder, loc, square,
                           {-1.42647390514189e-02, -7.37332916720468e-03, -1.68282697438203e-03,
                            -2.13374055278905e-04, -1.45660718464996e-05});
  Value numerator = arith::MulFOp::create(builder, loc, x, above);
  return arith::DivFOp::create(builder, loc, numerator, below);
}

Value emitGelu(OpBuilder &builder, Location loc, Value gate, Value up) {
  Value scaled =
      arith::MulFOp::create(builder, loc, gate, constant(builder, loc, 1 / std::numbers::sqrt2));
  Value erf = emitErf(builder, loc, scaled);
  Value half = arith::MulFOp::create(builder, loc, gate, constant(builder, loc, 0.5));
  return arith::MulFOp::create(builder, loc, math::FmaOp::create(builder, loc, half, erf, half),
                               up);
}

/// (1 + tanh(x)) / 2 is the sigmoid of 2 x.
Value emitGeluTanh(OpBuilder &builder, Location loc, Value gate, Value up) {
  double outer = 2 * std::sqrt(2 / std::numbers::pi);
  Value square = arith::MulFOp::create(builder, loc, gate, gate);
  Value slope = emitSeries(builder, loc, square, {outer, outer * 0.044715});
  Value power = arith::MulFOp::create(builder, loc, gate, slope);
  Value act = emitSigmoid(builder, loc, gate, power, constant(builder, loc, 1));
  return arith::MulFOp::create(builder, loc, act, up);
}

Value emitRelu2(OpBuilder &builder, Location loc, Value gate, Value up) {
  Value positive = emitBound(builder, loc, arith::CmpFPredicate::OLT, gate, 0);
  Value square = arith::MulFOp::create(builder, loc, positive, positive);
  return arith::MulFOp::create(builder, loc, square, up);
}

} // namespace

Value emitGate(OpBuilder &builder, Location loc, Value x, Value gate) {
  return emitSigmoid(builder, loc, x, gate, constant(builder, loc, 1));
}

Value emitActivation(OpBuilder &builder, Location loc, llm::ActivationAttr activation, Value gate,
                     Value up) {
  switch (activation.getKind()) {
  case llm::ActivationKind::Silu:
    return emitSilu(builder, loc, gate, up);
  case llm::ActivationKind::SwigluOai:
    return emitSwigluOai(builder, loc, activation, gate, up);
  case llm::ActivationKind::Gelu:
    return emitGelu(builder, loc, gate, up);
  case llm::ActivationKind::GeluTanh:
    return emitGeluTanh(builder, loc, gate, up);
  case llm::ActivationKind::Relu2:
    return emitRelu2(builder, loc, gate, up);
  }
  llvm_unreachable("no such activation");
}

Value emitSoftcap(OpBuilder &builder, Location loc, double cap, Value x) {
  Value bound = constant(builder, loc, cap);
  Value share = arith::DivFOp::create(builder, loc, x, bound);
  Value bounded = math::TanhOp::create(builder, loc, share);
  return arith::MulFOp::create(builder, loc, bounded, bound);
}

} // namespace osscc
