#include "targets/cpu/experts/Plan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace osscc::cpu {

Plan Plan::in(const Emitter &emitter, Value memory) {
  OpBuilder &builder = emitter.builder;
  SmallVector<ReassociationIndices> all = {{0, 1}};
  Value words = memref::CollapseShapeOp::create(builder, emitter.loc, memory, all);
  Value rows = memref::DimOp::create(builder, emitter.loc, memory, 0);
  int64_t top = tile::chosenOf(memory);
  return {emitter, words, emitter.mul(rows, top), top};
}

Value Plan::placeOf(Part part, Value index) const {
  return add(add(mul(slots, static_cast<int64_t>(part)), 1), index);
}

Value Plan::load(Part part, Value index) const {
  Value word = memref::LoadOp::create(builder, loc, words, placeOf(part, index));
  return arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(), word);
}

void Plan::store(Value number, Part part, Value index) const {
  Value word = arith::IndexCastOp::create(builder, loc, builder.getI32Type(), number);
  memref::StoreOp::create(builder, loc, word, words, placeOf(part, index));
}

Value Plan::active(int64_t most) const {
  Value word = memref::LoadOp::create(builder, loc, words, index(0));
  Value number = arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(), word);
  return arith::MinUIOp::create(builder, loc, number, index(most));
}

void Plan::storeActive(Value number) const {
  Value word = arith::IndexCastOp::create(builder, loc, builder.getI32Type(), number);
  memref::StoreOp::create(builder, loc, word, words, index(0));
}

Value Plan::end(Value number) const {
  Value next = add(number, 1);
  Value word = memref::LoadOp::create(builder, loc, words, index(0));
  Value active = arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(), word);
  Value more = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, next, active);
  // Behind the last begin lie other words of the plan.
  return arith::SelectOp::create(builder, loc, more, begin(next), slots);
}

Value Plan::ofRow(Value row, Value chosen) const {
  return add(mul(row, top), chosen);
}

Value Plan::loadWeight(Value index) const {
  Value word = memref::LoadOp::create(builder, loc, words, placeOf(Part::Weights, index));
  return arith::BitcastOp::create(builder, loc, builder.getF32Type(), word);
}

void Plan::storeWeight(Value weight, Value index) const {
  Value word = arith::BitcastOp::create(builder, loc, builder.getI32Type(), weight);
  memref::StoreOp::create(builder, loc, word, words, placeOf(Part::Weights, index));
}

} // namespace osscc::cpu
