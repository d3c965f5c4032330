#include "targets/cpu/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace osscc::cpu {

Value constantIndex(OpBuilder &builder, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value constantF32(OpBuilder &builder, Location loc, double value, Type like) {
  FloatAttr scalar = builder.getF32FloatAttr(value);
  if (auto vector = dyn_cast<VectorType>(like))
    return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(vector, scalar));
  return arith::ConstantOp::create(builder, loc, scalar);
}

Value constantInteger(OpBuilder &builder, Location loc, int64_t value, Type like) {
  TypedAttr scalar = builder.getIntegerAttr(getElementTypeOrSelf(like), value);
  if (auto shaped = dyn_cast<ShapedType>(like))
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(shaped, Attribute(scalar)));
  return arith::ConstantOp::create(builder, loc, scalar);
}

} // namespace osscc::cpu
