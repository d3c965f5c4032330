#include "targets/cpu/matmul/Records.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace osscc::cpu {

constexpr int64_t kWords = pack::kGroup / 4; // of a plane's codes

int64_t Records::groups() const {
  return cast<MemRefType>(memory.getType()).getDimSize(1) / tile::recordWords(planes);
}

Value Records::add(Value a, Value b) {
  return arith::AddIOp::create(builder, loc, a, b);
}

Value Records::mul(Value a, int64_t b) {
  return arith::MulIOp::create(builder, loc, a, constantIndex(builder, loc, b));
}

Value Records::words() {
  SmallVector<ReassociationIndices> all = {{0, 1}};
  return memref::CollapseShapeOp::create(builder, loc, memory, all);
}

Value Records::beginOf(Value row, Value group) {
  Value sixteen = arith::DivUIOp::create(builder, loc, row, constantIndex(builder, loc, kRows));
  return add(mul(sixteen, groups() * groupWords()), mul(group, groupWords()));
}

Records::Place Records::interleavedPlace(Value row, Value group, int64_t offset, int64_t stride) {
  Value ofSixteen = arith::RemUIOp::create(builder, loc, row, constantIndex(builder, loc, kRows));
  Value at = add(mul(ofSixteen, stride), constantIndex(builder, loc, offset));
  return {words(), {add(beginOf(row, group), at)}};
}

Records::Place Records::placeInRow(Value row, Value group, int64_t word) {
  Value begin = mul(group, tile::recordWords(planes));
  return {memory, {row, add(begin, constantIndex(builder, loc, word))}};
}

Records::Place Records::codes(Value row, Value group, int64_t plane, int64_t word, int64_t behind) {
  if (interleaved)
    return interleavedPlace(row, group, (plane * kRows + behind) * kWords + word, kWords);
  return placeInRow(row, group, plane * kWords + word);
}

Records::Place Records::tail(Value row, Value group, Tail which, int64_t behind) {
  auto number = static_cast<int64_t>(which);
  if (interleaved)
    return interleavedPlace(row, group, (planes * kWords + number) * kRows + behind, 1);
  return placeInRow(row, group, planes * kWords + number);
}

Value Records::load(const Place &place) {
  return memref::LoadOp::create(builder, loc, place.memory, place.at);
}

} // namespace osscc::cpu
