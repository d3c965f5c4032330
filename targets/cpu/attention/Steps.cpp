#include "targets/cpu/attention/Steps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {

Value SpanSteps::loadStored(Value memory, int64_t count, ValueRange at) {
  Value lanes = load(vectorOf(count, stored()), memory, at);
  if (codes()) {
    lanes = arith::ExtSIOp::create(builder, loc, vectorOf(count, builder.getI32Type()), lanes);
    return arith::SIToFPOp::create(builder, loc, floats(count), lanes);
  }
  if (stored().isF32())
    return lanes;
  return arith::ExtFOp::create(builder, loc, floats(count), lanes);
}

Value SpanSteps::firstLanes(Value count, int64_t v) {
  Value left = sub(count, index(v * kKeyLanes));
  return vector::CreateMaskOp::create(builder, loc, vectorOf(kKeyLanes, builder.getI1Type()), left);
}

Value SpanSteps::loadScales(Value scales, Value slot, int64_t v) {
  return load(lanes(), scales, {of.keyHead, add(slot, v * kKeyLanes)});
}

Value SpanSteps::emitSoftmax(ValueRange scores, int64_t h, ArrayRef<Value> valueScales,
                             Softmax &state) {
  Value highest = scores[0];
  for (Value score : scores.drop_front())
    highest = arith::MaxNumFOp::create(builder, loc, highest, score);
  highest = vector::ReductionOp::create(builder, loc, vector::CombiningKind::MAXNUMF, highest);
  Value maximum = arith::MaxNumFOp::create(builder, loc, state.maximum, highest);
  Value shift = math::ExpOp::create(builder, loc, sub(state.maximum, maximum));
  Value all = splat(maximum, lanes()), sums = mul(state.sums, splat(shift, lanes()));
  for (auto [v, score] : llvm::enumerate(scores)) {
    Value weights = math::ExpOp::create(builder, loc, sub(score, all));
    int64_t at = h * kPageStep + static_cast<int64_t>(v) * kKeyLanes;
    Value scaled = codes() ? mul(weights, valueScales[v]) : weights;
    store(scaled, scratch.weights, index(at));
    sums = add(sums, weights);
  }
  state = {maximum, sums};
  return shift;
}

} // namespace osscc::cpu
