#include "targets/cpu/matmul/Codes.h"

#include "targets/cpu/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;

namespace osscc::cpu {

constexpr int32_t kRoundBits = 0x4b400000; // of kRound as f32

Value integersOf(OpBuilder &builder, Location loc, Value shifted) {
  auto type = cast<VectorType>(shifted.getType()).clone(builder.getI32Type());
  Value bits = arith::BitcastOp::create(builder, loc, type, shifted);
  auto bias = DenseElementsAttr::get(type, builder.getI32IntegerAttr(kRoundBits));
  return arith::SubIOp::create(builder, loc, bits, arith::ConstantOp::create(builder, loc, bias));
}

Scale scaleOf(OpBuilder &builder, Location loc, Value largest, double limit) {
  auto number = [&](double value) {
    return constantF32(builder, loc, value, builder.getF32Type());
  };
  Value most = number(limit), zero = number(0);
  // Below 2^-100 the inverse would leave f32; such numbers are as good as zeros.
  Value some = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, largest,
                                     number(std::ldexp(1.0, -100)));
  auto where = [&](Value value) -> Value {
    return arith::SelectOp::create(builder, loc, some, value, zero);
  };
  Value scale = where(arith::DivFOp::create(builder, loc, largest, most));
  return {scale, where(arith::DivFOp::create(builder, loc, most, largest))};
}

Value nearestIntegers(OpBuilder &builder, Location loc, Value lanes) {
  Value round = constantF32(builder, loc, kRound, lanes.getType());
  return integersOf(builder, loc, arith::AddFOp::create(builder, loc, lanes, round));
}

} // namespace osscc::cpu
