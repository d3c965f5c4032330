#include "targets/cpu/Emitter.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {

static bool isFloats(Value value) {
  return getElementTypeOrSelf(value.getType()).isFloat();
}

Value Emitter::add(Value a, Value b) const {
  if (isFloats(a))
    return arith::AddFOp::create(builder, loc, a, b);
  return arith::AddIOp::create(builder, loc, a, b);
}

Value Emitter::sub(Value a, Value b) const {
  if (isFloats(a))
    return arith::SubFOp::create(builder, loc, a, b);
  return arith::SubIOp::create(builder, loc, a, b);
}

Value Emitter::mul(Value a, Value b) const {
  if (isFloats(a))
    return arith::MulFOp::create(builder, loc, a, b);
  return arith::MulIOp::create(builder, loc, a, b);
}

Value Emitter::div(Value a, Value b) const {
  if (isFloats(a))
    return arith::DivFOp::create(builder, loc, a, b);
  return arith::DivUIOp::create(builder, loc, a, b);
}

Value Emitter::rem(Value a, Value b) const {
  return arith::RemUIOp::create(builder, loc, a, b);
}

Value Emitter::smaller(Value a, Value b) const {
  return arith::MinSIOp::create(builder, loc, a, b);
}
Value Emitter::larger(Value a, Value b) const {
  return arith::MaxSIOp::create(builder, loc, a, b);
}

Value Emitter::fma(Value a, Value b, Value c) const {
  return math::FmaOp::create(builder, loc, a, b, c);
}

Value Emitter::splat(Value scalar, Type type) const {
  return vector::BroadcastOp::create(builder, loc, type, scalar);
}

Value Emitter::extract(Value from, ArrayRef<int64_t> at) const {
  return vector::ExtractOp::create(builder, loc, from, at);
}

Value Emitter::insert(Value value, Value from, ArrayRef<int64_t> at) const {
  return vector::InsertOp::create(builder, loc, value, from, at);
}

Value Emitter::load(VectorType type, Value memory, ValueRange at) const {
  return vector::LoadOp::create(builder, loc, type, memory, at);
}

void Emitter::store(Value lanes, Value memory, ValueRange at) const {
  vector::StoreOp::create(builder, loc, lanes, memory, at);
}

Value Emitter::allocate(ArrayRef<int64_t> shape, Type element) const {
  return memref::AllocaOp::create(builder, loc, MemRefType::get(shape, element),
                                  builder.getI64IntegerAttr(abi::kLineBytes));
}

void Emitter::forEach(Value end, int64_t step, function_ref<void(Value)> body) const {
  auto loop = scf::ForOp::create(builder, loc, index(0), end, index(step));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

} // namespace osscc::cpu
