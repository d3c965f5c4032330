// A group of a row is two vectors of 16 f32:
//
//   x ─ abs, max ─▶ scale = max / limit     code = x * (limit / max), to the nearest even
//   codes ─▶ bytes ─▶ words     sums of codes ─▶ scale * sum, -128 * sum
#include "targets/cpu/matmul/Records.h"

#include "targets/cpu/matmul/Codes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {

constexpr int64_t kWords = pack::kRecordChannels / 4; // of a plane's codes

int64_t Records::recordWords() const {
  return cast<MemRefType>(memory.getType()).getDimSize(1) / count;
}

Value Records::words() {
  SmallVector<ReassociationIndices> all = {{0, 1}};
  return memref::CollapseShapeOp::create(builder, loc, memory, all);
}

Value Records::beginOf(Value row, Value group) {
  return add(mul(div(row, kRows), count * groupWords()), mul(group, groupWords()));
}

Records::Place Records::interleavedPlace(Value row, Value group, int64_t offset, int64_t stride) {
  Value at = add(mul(rem(row, kRows), stride), offset);
  return {words(), {add(beginOf(row, group), at)}};
}

Records::Place Records::placeInRow(Value row, Value group, int64_t word) {
  Value begin = mul(group, recordWords());
  return {memory, {row, add(begin, word)}};
}

Records::Place Records::codes(Value row, Value group, int64_t plane, int64_t word, int64_t behind) {
  if (interleaved)
    return interleavedPlace(row, group, (plane * kRows + behind) * kWords + word, kWords);
  return placeInRow(row, group, plane * kWords + word);
}

Records::Place Records::tail(Value row, Value group, Tail which, int64_t half, int64_t behind) {
  int64_t number = static_cast<int64_t>(which) + half;
  if (interleaved)
    return interleavedPlace(row, group, (planes * kWords + number) * kRows + behind, 1);
  return placeInRow(row, group, planes * kWords + number);
}

Value Records::loadWord(const Place &place) {
  return memref::LoadOp::create(builder, loc, place.memory, place.at);
}

namespace {

constexpr int64_t kLanes = tile::kSumLanes;
constexpr int64_t kCode = 127, kPlane = 255; // the largest code, and the weight of the high plane

/// The emitter of one group of a row, whose values `loadChannels` gives 16 channels at a time.
struct GroupEmitter : Emitter {
  RowRecords to;
  Value row;
  int64_t width; // channels of the row
  function_ref<Value(OpBuilder &, const ColumnChunk &)> loadChannels;
  int64_t planes = to.planes;
  Records records = {{builder, loc}, to.memory, to.planes, to.interleaved, to.count};

  VectorType lanes() { return floats(kLanes); }

  /// The two halves of a group; channels past the last are zeros.
  SmallVector<Value> loadGroup(Value k) {
    SmallVector<Value> halves;
    for (int64_t from = 0; from < pack::kRecordChannels; from += kLanes) {
      ColumnChunk chunk = chunkAt(builder, loc, add(k, from), kLanes, width, pack::kRecordChannels);
      halves.push_back(loadChannels(builder, chunk));
    }
    return halves;
  }

  Value larger(Value a, Value b) {
    Value more = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, a, b);
    return arith::SelectOp::create(builder, loc, more, a, b);
  }

  /// The largest magnitude of a group, a scalar.
  Value largest(ArrayRef<Value> halves) {
    Value most = larger(math::AbsFOp::create(builder, loc, halves[0]),
                        math::AbsFOp::create(builder, loc, halves[1]));
    for (int64_t width = kLanes; width > 1; width /= 2) {
      auto half = [&](int64_t from) -> Value {
        return vector::ExtractStridedSliceOp::create(builder, loc, most, ArrayRef<int64_t>{from},
                                                     ArrayRef<int64_t>{width / 2},
                                                     ArrayRef<int64_t>{1});
      };
      most = larger(half(0), half(width / 2));
    }
    return extract(most, {0});
  }

  /// The integers nearest to x as f32 with kRound added.
  Value shifted(Value x) { return add(x, real(kRound, x.getType())); }
  Value toFloat(Value shifted) { return sub(shifted, real(kRound, lanes())); }
  Value toInteger(Value shifted) { return integersOf(builder, loc, shifted); }

  /// The codes of one half, a vector a plane, the high one first.
  SmallVector<Value> codes(Value half, Value inverse) {
    Value whole = shifted(mul(half, splat(inverse, lanes())));
    if (planes == 1)
      return {toInteger(whole)};
    Value value = toFloat(whole);
    Value high = shifted(mul(value, real(1.0 / kPlane, lanes())));
    Value rest = sub(value, mul(toFloat(high), real(kPlane, lanes())));
    return {toInteger(high), toInteger(shifted(rest))};
  }

  void storeTail(Value word, Value group, Tail which, int64_t half = 0) {
    Records::Place place = records.tail(row, group, which, half);
    memref::StoreOp::create(builder, loc, word, place.memory, place.at);
  }

  /// Sixteen codes as four words, from word `word` of the group on.
  void storeCodes(Value codes, Value group, int64_t plane, int64_t word) {
    VectorType bytes = vectorOf(kLanes, builder.getI8Type());
    VectorType words = vectorOf(kLanes / 4, builder.getI32Type());
    Value narrow = arith::TruncIOp::create(builder, loc, bytes, codes);
    Records::Place place = records.codes(row, group, plane, word);
    store(vector::BitCastOp::create(builder, loc, words, narrow), place.memory, place.at);
  }

  /// The sum of codes, of a vector a plane: 255 * high + low.
  Value total(ArrayRef<Value> codes) {
    Value result;
    for (Value plane : codes) {
      Value sum = vector::ReductionOp::create(builder, loc, vector::CombiningKind::ADD, plane);
      Value weight = constantInteger(builder, loc, kPlane, builder.getI32Type());
      result = !result ? sum : add(mul(result, weight), sum);
    }
    return result;
  }

  /// Sums of codes as the words of the record that stand for them.
  void storeSums(Value total, Value scale, Value group, Tail sum, Tail offset, int64_t half) {
    Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
    Value scaled = mul(scale, arith::SIToFPOp::create(builder, loc, f32, total));
    storeTail(arith::BitcastOp::create(builder, loc, i32, scaled), group, sum, half);
    Value minus = constantInteger(builder, loc, -tile::kOffset, i32);
    storeTail(mul(total, minus), group, offset, half);
  }

  /// Writes the record of group `group`.
  void emit(Value group) {
    SmallVector<Value> halves = loadGroup(mul(group, pack::kRecordChannels));
    Value most = largest(halves);
    auto [scale, inverse] =
        scaleOf(builder, loc, most, planes == 1 ? kCode : kPlane * kCode + kCode);

    SmallVector<Value> low = codes(halves[0], inverse), high = codes(halves[1], inverse), both;
    for (int64_t plane = 0; plane < planes; ++plane) {
      storeCodes(low[plane], group, plane, 0);
      storeCodes(high[plane], group, plane, pack::kRecordChannels / 8);
      both.push_back(add(low[plane], high[plane]));
    }
    Value all = total(both);
    Value bits = arith::BitcastOp::create(builder, loc, builder.getI32Type(), scale);
    storeTail(bits, group, Tail::Scale);
    storeSums(all, scale, group, Tail::Sum, Tail::Offset, 0);
    if (!records.hasHalves())
      return;
    storeSums(total(low), scale, group, Tail::SumOfHalf, Tail::OffsetOfHalf, 0);
    storeSums(total(high), scale, group, Tail::SumOfHalf, Tail::OffsetOfHalf, 1);
  }
};

} // namespace

void emitRecords(OpBuilder &builder, Location loc, const RowRecords &to, Value row, Value first,
                 Value end, int64_t width,
                 function_ref<Value(OpBuilder &, const ColumnChunk &)> load) {
  auto loop = scf::ForOp::create(builder, loc, first, end, constantIndex(builder, loc, 1));
  OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
  GroupEmitter{{inner, loc}, to, row, width, load}.emit(loop.getInductionVar());
}

} // namespace osscc::cpu
