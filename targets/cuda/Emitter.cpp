#include "targets/cuda/Emitter.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc::cuda {

static bool isFloat(Value value) {
  return getElementTypeOrSelf(value.getType()).isFloat();
}

/// The right side of an operator whose left side is `a`.
static Value right(Number a, const Operand &b) {
  return b.number ? b.number.value : a.emitter->constant(a.value.getType(), b).value;
}

/// The operation of floats or that of integers.
template <typename OfFloats, typename OfIntegers> static Number apply(Number a, const Operand &b) {
  const Emitter &at = *a.emitter;
  Value other = right(a, b);
  if (isFloat(a))
    return at.number(OfFloats::create(at.builder, at.loc, a.value, other));
  return at.number(OfIntegers::create(at.builder, at.loc, a.value, other));
}

template <typename Op> static Number applyIntegers(Number a, const Operand &b) {
  return a.emitter->number(Op::create(a.emitter->builder, a.emitter->loc, a.value, right(a, b)));
}

static Number compare(Number a, const Operand &b, arith::CmpFPredicate floats,
                      arith::CmpIPredicate integers) {
  const Emitter &at = *a.emitter;
  Value other = right(a, b);
  if (isFloat(a))
    return at.number(arith::CmpFOp::create(at.builder, at.loc, floats, a.value, other));
  return at.number(arith::CmpIOp::create(at.builder, at.loc, integers, a.value, other));
}

Number operator+(Number a, const Operand &b) {
  return apply<arith::AddFOp, arith::AddIOp>(a, b);
}
Number operator-(Number a, const Operand &b) {
  return apply<arith::SubFOp, arith::SubIOp>(a, b);
}
Number operator*(Number a, const Operand &b) {
  return apply<arith::MulFOp, arith::MulIOp>(a, b);
}
Number operator/(Number a, const Operand &b) {
  return apply<arith::DivFOp, arith::DivUIOp>(a, b);
}
Number operator%(Number a, const Operand &b) {
  return applyIntegers<arith::RemUIOp>(a, b);
}
Number operator&(Number a, const Operand &b) {
  return applyIntegers<arith::AndIOp>(a, b);
}
Number operator|(Number a, const Operand &b) {
  return applyIntegers<arith::OrIOp>(a, b);
}
Number operator<<(Number a, const Operand &b) {
  return applyIntegers<arith::ShLIOp>(a, b);
}
Number operator>>(Number a, const Operand &b) {
  return applyIntegers<arith::ShRUIOp>(a, b);
}
Number operator<(Number a, const Operand &b) {
  return compare(a, b, arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt);
}
Number operator>(Number a, const Operand &b) {
  return compare(a, b, arith::CmpFPredicate::OGT, arith::CmpIPredicate::sgt);
}
Number operator==(Number a, Number b) {
  return a == Operand(b);
}
Number operator==(Number a, const Operand &b) {
  return compare(a, b, arith::CmpFPredicate::OEQ, arith::CmpIPredicate::eq);
}

Number Emitter::constant(Type type, const Operand &value) const {
  if (type.isIndex())
    return number(arith::ConstantIndexOp::create(builder, loc, value.integer));
  if (isa<FloatType>(type))
    return number(arith::ConstantOp::create(builder, loc, builder.getFloatAttr(type, value.real)));
  return number(arith::ConstantOp::create(
      builder, loc,
      IntegerAttr::get(type, APInt(type.getIntOrFloatBitWidth(), value.integer,
                                   /*isSigned=*/true, /*implicitTrunc=*/true))));
}
Number Emitter::integer(int64_t value) const {
  return constant(i32(), value);
}
Number Emitter::wide(int64_t value) const {
  return constant(i64(), value);
}
Number Emitter::real(double value) const {
  return constant(f32(), value);
}

Number Emitter::fma(Number a, Number b, Number c) const {
  return number(math::FmaOp::create(builder, loc, a.value, b.value, c.value));
}
Number Emitter::larger(Number a, const Operand &b) const {
  return apply<arith::MaxNumFOp, arith::MaxSIOp>(a, b);
}
Number Emitter::smaller(Number a, const Operand &b) const {
  return apply<arith::MinNumFOp, arith::MinSIOp>(a, b);
}
Number Emitter::select(Number which, Number a, const Operand &b) const {
  return number(arith::SelectOp::create(builder, loc, which.value, a.value, right(a, b)));
}
Number Emitter::exp(Number x) const {
  return number(math::ExpOp::create(builder, loc, x.value));
}
Number Emitter::sqrt(Number x) const {
  return number(math::SqrtOp::create(builder, loc, x.value));
}
Number Emitter::abs(Number x) const {
  return number(math::AbsFOp::create(builder, loc, x.value));
}
Number Emitter::toFloat(Number integer) const {
  return number(arith::SIToFPOp::create(builder, loc, f32(), integer.value));
}
Number Emitter::nearest(Number x) const {
  Value whole = math::RoundEvenOp::create(builder, loc, x.value);
  return number(arith::FPToSIOp::create(builder, loc, i32(), whole));
}
Number Emitter::extend(Number integer, Type type) const {
  return number(arith::ExtUIOp::create(builder, loc, type, integer.value));
}
Number Emitter::extendSigned(Number integer, Type type) const {
  return number(arith::ExtSIOp::create(builder, loc, type, integer.value));
}
Number Emitter::truncate(Number integer, Type type) const {
  return number(arith::TruncIOp::create(builder, loc, type, integer.value));
}
Number Emitter::widen(Number narrow, Type type) const {
  if (narrow.value.getType() == type)
    return narrow;
  if (!narrow.value.getType().isBF16())
    return number(arith::ExtFOp::create(builder, loc, type, narrow.value));
  // Widening bf16 is a shift, on every device.
  Number bits = extend(bitcast(narrow, builder.getI16Type()), i32());
  return bitcast(bits << 16, f32());
}
Number Emitter::narrow(Number wide, Type type) const {
  if (wide.value.getType() == type)
    return wide;
  return number(arith::TruncFOp::create(builder, loc, type, wide.value));
}
Number Emitter::bitcast(Number x, Type type) const {
  if (x.value.getType() == type)
    return x;
  return number(LLVM::BitcastOp::create(builder, loc, type, x.value));
}
Number Emitter::lane(Number vector, int64_t at) const {
  return number(vector::ExtractOp::create(builder, loc, vector.value, ArrayRef<int64_t>{at}));
}
Number Emitter::intrinsic(StringRef name, Type type, ValueRange operands) const {
  auto call =
      LLVM::CallIntrinsicOp::create(builder, loc, type, builder.getStringAttr(name), operands);
  return number(call.getResult(0));
}

Number Emitter::fromIndex(Value index) const {
  return number(arith::IndexCastOp::create(builder, loc, i32(), index));
}
Value Emitter::toIndex(Number integer) const {
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), integer.value);
}

static gpu::Dimension dimensionOf(int64_t number) {
  return number == 0 ? gpu::Dimension::x : number == 1 ? gpu::Dimension::y : gpu::Dimension::z;
}

Number Emitter::threadId() const {
  return fromIndex(gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x));
}
Number Emitter::blockId(int64_t dimension) const {
  return fromIndex(gpu::BlockIdOp::create(builder, loc, dimensionOf(dimension)));
}
void Emitter::barrier() const {
  gpu::BarrierOp::create(builder, loc);
}
Number Emitter::shuffleXor(Number value, int64_t mask) const {
  auto shuffle = gpu::ShuffleOp::create(builder, loc, value.value, static_cast<int32_t>(mask),
                                        static_cast<int32_t>(kWarp), gpu::ShuffleMode::XOR);
  return number(shuffle.getShuffleResult());
}
Number Emitter::warpSum(Number value, int64_t width) const {
  for (int64_t mask = width / 2; mask > 0; mask /= 2)
    value = value + shuffleXor(value, mask);
  return value;
}
Number Emitter::warpMaximum(Number value, int64_t width) const {
  for (int64_t mask = width / 2; mask > 0; mask /= 2)
    value = larger(value, shuffleXor(value, mask));
  return value;
}

Number Emitter::advance(Number base, Type element, Number at) const {
  return number(LLVM::GEPOp::create(builder, loc, base.value.getType(), element, base.value,
                                    ArrayRef<LLVM::GEPArg>{at.value}));
}
Number Emitter::load(Type type, Number base, int64_t align, bool constant) const {
  auto load = LLVM::LoadOp::create(builder, loc, type, base.value, static_cast<unsigned>(align));
  load.setInvariant(constant);
  return number(load);
}
void Emitter::store(Number value, Number base, int64_t align) const {
  LLVM::StoreOp::create(builder, loc, value.value, base.value, static_cast<unsigned>(align));
}

static Number toWide(const Emitter &at, Number integer) {
  return integer.value.getType().isInteger(64) ? integer : at.extend(integer, at.i64());
}

Number Emitter::place(const Rows &rows, Number row, const Operand &column) const {
  Number at = toWide(*this, row) * rows.stride;
  at = at + (column.number ? Operand(toWide(*this, column.number)) : column);
  return advance(rows.base, rows.element, at);
}
Number Emitter::load(const Rows &rows, Number row, const Operand &column) const {
  return load(rows.element, place(rows, row, column), rows.element.getIntOrFloatBitWidth() / 8);
}
void Emitter::store(Number value, const Rows &rows, Number row, const Operand &column) const {
  store(value, place(rows, row, column), rows.element.getIntOrFloatBitWidth() / 8);
}

static SmallVector<Value> valuesOf(ArrayRef<Number> numbers) {
  return llvm::map_to_vector(numbers, [](Number number) { return number.value; });
}

Emitter::Numbers Emitter::loop(Number begin, const Operand &end, const Operand &step,
                               const Numbers &start, Body body) const {
  auto loop = scf::ForOp::create(builder, loc, begin.value, right(begin, end), right(begin, step),
                                 valuesOf(start));
  OpBuilder::InsertionGuard guard(builder);
  Block *block = loop.getBody();
  if (start.empty())
    builder.setInsertionPoint(block->getTerminator());
  else
    builder.setInsertionPointToEnd(block);
  auto wrap = [&](ValueRange values) {
    return llvm::map_to_vector(values, [&](Value value) { return number(value); });
  };
  Numbers next = body(number(loop.getInductionVar()), Numbers(wrap(loop.getRegionIterArgs())));
  if (!start.empty())
    scf::YieldOp::create(builder, loc, valuesOf(next));
  return Numbers(wrap(loop.getResults()));
}

void Emitter::forEach(Number begin, const Operand &end, const Operand &step,
                      function_ref<void(Number)> body) const {
  loop(begin, end, step, {}, [&](Number at, ArrayRef<Number>) -> Numbers {
    body(at);
    return {};
  });
}

void Emitter::when(Number condition, function_ref<void()> body) const {
  auto branch = scf::IfOp::create(builder, loc, condition.value, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(branch.thenYield());
  body();
}

Emitter::Numbers Emitter::choose(Number condition, function_ref<Numbers()> yes,
                                 function_ref<Numbers()> no) const {
  Numbers values;
  OpBuilder::InsertionGuard guard(builder);
  // The types are those of the values: the two sides are emitted before what holds them.
  auto emit = [&](Region &region, function_ref<Numbers()> side) {
    builder.createBlock(&region);
    Numbers results = side();
    scf::YieldOp::create(builder, loc, valuesOf(results));
    return results;
  };
  Region first, second;
  auto place = builder.saveInsertionPoint();
  Numbers results = emit(first, yes);
  (void)emit(second, no);
  builder.restoreInsertionPoint(place);
  SmallVector<Type> types =
      llvm::map_to_vector(results, [](Number n) { return n.value.getType(); });
  auto branch = scf::IfOp::create(builder, loc, types, condition.value, /*withElseRegion=*/true);
  branch.getThenRegion().takeBody(first);
  branch.getElseRegion().takeBody(second);
  for (Value value : branch.getResults())
    values.push_back(number(value));
  return values;
}

Number Emitter::token(Number row) const {
  return fromIndex(abi::TokenOp::create(builder, loc, toIndex(row)));
}
Number Emitter::position(Number row) const {
  return fromIndex(abi::PositionOp::create(builder, loc, toIndex(row)));
}
Number Emitter::sequence(Number row) const {
  return fromIndex(abi::SequenceOp::create(builder, loc, toIndex(row)));
}
Number Emitter::outputRow(Number row) const {
  return fromIndex(abi::OutputRowOp::create(builder, loc, toIndex(row)));
}

} // namespace osscc::cuda
