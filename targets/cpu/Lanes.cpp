#include "targets/cpu/Lanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace osscc::cpu {

Value cloneOnVectors(OpBuilder &builder, Region &region, ValueRange arguments, int64_t lanes) {
  auto onVector = [&](Type type) { return VectorType::get({lanes}, type); };
  IRMapping mapping;
  Block &block = region.front();
  mapping.map(block.getArguments(), arguments);
  // A value from outside the region, a hoisted constant, is the same for every lane.
  auto lanesOf = [&](Value value, Location loc) -> Value {
    if (Value mapped = mapping.lookupOrNull(value))
      return mapped;
    return vector::BroadcastOp::create(builder, loc, onVector(value.getType()), value);
  };
  for (Operation &op : block.without_terminator()) {
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      auto value = DenseElementsAttr::get(cast<ShapedType>(onVector(constant.getType())),
                                          Attribute(constant.getValue()));
      mapping.map(constant.getResult(),
                  arith::ConstantOp::create(builder, op.getLoc(), value).getResult());
      continue;
    }
    SmallVector<Value> operands;
    for (Value operand : op.getOperands())
      operands.push_back(lanesOf(operand, op.getLoc()));
    OperationState state(op.getLoc(), op.getName(), operands, {onVector(op.getResult(0).getType())},
                         op.getAttrs());
    mapping.map(op.getResult(0), builder.create(state)->getResult(0));
  }
  Value result = block.getTerminator()->getOperand(0);
  return lanesOf(result, block.getTerminator()->getLoc());
}

Value foldLanes(OpBuilder &builder, Location loc, Value lanes) {
  for (int64_t width = cast<VectorType>(lanes.getType()).getDimSize(0); width > 1; width /= 2) {
    auto half = [&](int64_t from) -> Value {
      return vector::ExtractStridedSliceOp::create(builder, loc, lanes, ArrayRef<int64_t>{from},
                                                   ArrayRef<int64_t>{width / 2},
                                                   ArrayRef<int64_t>{1});
    };
    lanes = arith::AddFOp::create(builder, loc, half(0), half(width / 2));
  }
  return vector::ExtractOp::create(builder, loc, lanes, ArrayRef<int64_t>{0});
}

} // namespace osscc::cpu
