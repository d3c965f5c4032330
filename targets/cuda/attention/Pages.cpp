#include "targets/cuda/attention/Pages.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace osscc::cuda {

Number Page::behind(int64_t bytes, Type element, Number at) const {
  Number part = emit.advance(base, emit.builder.getI8Type(), emit.integer(bytes));
  return emit.advance(part, element, at);
}

Number Page::key(const Operand &channel) const {
  if (cache.isLatent())
    return value(channel);
  Number step = head * (cache.getRows() / kPageStep) + slot / kPageStep;
  Number at = (step * cache.getSize() + channel) * kPageStep + slot % kPageStep;
  return behind(0, stored(), at);
}

Number Page::value(const Operand &channel) const {
  Number at = (head * cache.getRows() + slot) * cache.getSize() + channel;
  return behind(layout.values, stored(), at);
}

Number Page::keyScale() const {
  return behind(layout.keyScales, emit.f32(), head * cache.getRows() + slot);
}

Number Page::valueScale() const {
  return behind(layout.valueScales, emit.f32(), head * cache.getRows() + slot);
}

Number Page::load(Number place) const {
  Number value = emit.load(stored(), place, stored().getIntOrFloatBitWidth() / 8);
  if (codes())
    return emit.toFloat(emit.extendSigned(value, emit.i32()));
  return emit.widen(value, emit.f32());
}

void Page::store(Number value, Number place) const {
  int64_t bytes = stored().getIntOrFloatBitWidth() / 8;
  if (codes())
    return emit.store(emit.truncate(emit.nearest(value), stored()), place, bytes);
  if (stored().isF16()) { // what is beyond f16 becomes its largest, what is no number stays none
    constexpr double kLargest = 65504;
    value = emit.select(value > kLargest, emit.real(kLargest), value);
    value = emit.select(value < -kLargest, emit.real(-kLargest), value);
  }
  emit.store(emit.narrow(value, stored()), place, bytes);
}

Number pagePointer(const Emitter &emitter, int64_t group, Number sequence, Number index) {
  OpBuilder &builder = emitter.builder;
  Type anywhere = LLVM::LLVMPointerType::get(builder.getContext());
  Value page = abi::PagePointerOp::create(builder, emitter.loc, anywhere, group,
                                          emitter.toIndex(sequence), emitter.toIndex(index));
  Type global = LLVM::LLVMPointerType::get(builder.getContext(), 1);
  return emitter.number(LLVM::AddrSpaceCastOp::create(builder, emitter.loc, global, page));
}

Page pageOf(const Emitter &emitter, tile::CacheAttr cache, Number offset, Number sequence,
            Number position, Number head) {
  Number number = position / cache.getRows();
  if (cache.getRing() != 0)
    number = number % cache.getRing();
  Number page = pagePointer(emitter, cache.getGroup(), sequence, number);
  Number base = emitter.advance(page, emitter.builder.getI8Type(), offset);
  return {emitter, cache, base, head, position % cache.getRows()};
}

} // namespace osscc::cuda
