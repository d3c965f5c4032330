// quantize_rows as a grid: a block is up to 16 groups of one row. A group is two vectors of 16 f32:
//
//   x ─ abs, max ─▶ scale = max / limit     code = x * (limit / max), to the nearest even
//   codes ─▶ bytes ─▶ words     sums of codes ─▶ scale * sum, -128 * sum
//
// Rounding adds and subtracts 1.5 * 2^23: exact on every CPU, and no instruction set is asked for.
#include "targets/cpu/matmul/Records.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;

namespace osscc::cpu {
namespace {

constexpr int64_t kLanes = 16, kGroupsOfBlock = 16;
constexpr int64_t kCode = 127, kPlane = 255; // the largest code, and the weight of the high plane
constexpr double kRound = 12582912;          // 1.5 * 2^23: the last bit of such an f32 is one
constexpr int32_t kRoundBits = 0x4b400000;

/// The integers nearest to x as f32 with kRound added: their low bits are the integer.
Value shiftedToBits(OpBuilder &builder, Location loc, Value x) {
  return arith::AddFOp::create(builder, loc, x, constantF32(builder, loc, kRound, x.getType()));
}

/// The integers of what shiftedToBits() gave.
Value integersOf(OpBuilder &builder, Location loc, Value shifted) {
  auto type = cast<VectorType>(shifted.getType()).clone(builder.getI32Type());
  Value bits = arith::BitcastOp::create(builder, loc, type, shifted);
  auto bias = DenseElementsAttr::get(type, builder.getI32IntegerAttr(kRoundBits));
  return arith::SubIOp::create(builder, loc, bits, arith::ConstantOp::create(builder, loc, bias));
}

/// The emitter of one group of a row, whose values `load` gives 16 channels at a time.
struct GroupEmitter {
  OpBuilder &builder;
  Location loc;
  RowRecords to;
  Value row;
  int64_t width; // channels of the row
  function_ref<Value(const ColumnChunk &)> load;
  int64_t planes = to.planes;
  Records records = {builder, loc, to.memory, to.planes, to.interleaved};

  VectorType floats() { return VectorType::get({kLanes}, builder.getF32Type()); }
  Value number(double value, Type like) { return constantF32(builder, loc, value, like); }
  Value mul(Value a, Value b) { return arith::MulFOp::create(builder, loc, a, b); }
  Value splat(Value scalar) { return vector::BroadcastOp::create(builder, loc, floats(), scalar); }

  /// The two halves of a group; channels past the last are zeros.
  SmallVector<Value> loadGroup(Value k) {
    SmallVector<Value> halves;
    for (int64_t from = 0; from < pack::kGroup; from += kLanes) {
      Value begin = arith::AddIOp::create(builder, loc, k, constantIndex(builder, loc, from));
      ColumnChunk chunk{begin, kLanes, {}};
      if (width % pack::kGroup != 0) {
        Value rest = arith::SubIOp::create(builder, loc, constantIndex(builder, loc, width), begin);
        chunk.remaining =
            arith::MaxSIOp::create(builder, loc, rest, constantIndex(builder, loc, 0));
      }
      halves.push_back(load(chunk));
    }
    return halves;
  }

  Value larger(Value a, Value b) {
    Value more = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, a, b);
    return arith::SelectOp::create(builder, loc, more, a, b);
  }

  /// The largest magnitude of a group, a scalar.
  Value largest(ArrayRef<Value> halves) {
    Value lanes = larger(math::AbsFOp::create(builder, loc, halves[0]),
                         math::AbsFOp::create(builder, loc, halves[1]));
    for (int64_t width = kLanes; width > 1; width /= 2) {
      auto half = [&](int64_t from) -> Value {
        return vector::ExtractStridedSliceOp::create(builder, loc, lanes, ArrayRef<int64_t>{from},
                                                     ArrayRef<int64_t>{width / 2},
                                                     ArrayRef<int64_t>{1});
      };
      lanes = larger(half(0), half(width / 2));
    }
    return vector::ExtractOp::create(builder, loc, lanes, ArrayRef<int64_t>{0});
  }

  Value shifted(Value x) { return shiftedToBits(builder, loc, x); }
  Value toFloat(Value shifted) {
    return arith::SubFOp::create(builder, loc, shifted, number(kRound, floats()));
  }
  Value toInteger(Value shifted) { return integersOf(builder, loc, shifted); }

  /// The codes of one half, a vector a plane, the high one first.
  SmallVector<Value> codes(Value half, Value inverse) {
    Value whole = shifted(mul(half, splat(inverse)));
    if (planes == 1)
      return {toInteger(whole)};
    Value value = toFloat(whole);
    Value high = shifted(mul(value, number(1.0 / kPlane, floats())));
    Value rest =
        arith::SubFOp::create(builder, loc, value, mul(toFloat(high), number(kPlane, floats())));
    return {toInteger(high), toInteger(shifted(rest))};
  }

  void storeTail(Value word, Value group, Tail which) {
    Records::Place place = records.tail(row, group, which);
    memref::StoreOp::create(builder, loc, word, place.memory, place.at);
  }

  /// Sixteen codes as four words, from word `word` of the group on.
  void storeCodes(Value codes, Value group, int64_t plane, int64_t word) {
    auto bytes = VectorType::get({kLanes}, builder.getI8Type());
    auto words = VectorType::get({kLanes / 4}, builder.getI32Type());
    Value narrow = arith::TruncIOp::create(builder, loc, bytes, codes);
    Records::Place place = records.codes(row, group, plane, word);
    vector::StoreOp::create(builder, loc, vector::BitCastOp::create(builder, loc, words, narrow),
                            place.memory, place.at);
  }

  /// Writes the record of group `group`.
  void emit(Value group) {
    Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
    Value k = arith::MulIOp::create(builder, loc, group, constantIndex(builder, loc, pack::kGroup));
    SmallVector<Value> halves = loadGroup(k);
    Value most = largest(halves);
    auto [scale, inverse] =
        scaleOf(builder, loc, most, planes == 1 ? kCode : kPlane * kCode + kCode);

    SmallVector<Value> low = codes(halves[0], inverse), high = codes(halves[1], inverse);
    Value total;
    for (int64_t plane = 0; plane < planes; ++plane) {
      storeCodes(low[plane], group, plane, 0);
      storeCodes(high[plane], group, plane, pack::kGroup / 8);
      Value both = arith::AddIOp::create(builder, loc, low[plane], high[plane]);
      Value sum = vector::ReductionOp::create(builder, loc, vector::CombiningKind::ADD, both);
      Value weight = arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(kPlane));
      total = !total ? sum
                     : arith::AddIOp::create(
                           builder, loc, arith::MulIOp::create(builder, loc, total, weight), sum);
    }
    Value sum = mul(scale, arith::SIToFPOp::create(builder, loc, f32, total));
    storeTail(arith::BitcastOp::create(builder, loc, i32, scale), group, Tail::Scale);
    storeTail(arith::BitcastOp::create(builder, loc, i32, sum), group, Tail::Sum);
    Value minus =
        arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(-tile::kOffset));
    storeTail(arith::MulIOp::create(builder, loc, total, minus), group, Tail::Offset);
  }
};

/// Calls `body` with every number from `begin` to `end`.
void createLoop(OpBuilder &builder, Location loc, Value begin, Value end,
                function_ref<void(OpBuilder &, Value)> body) {
  auto loop = scf::ForOp::create(builder, loc, begin, end, constantIndex(builder, loc, 1));
  OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
  body(inner, loop.getInductionVar());
}

int64_t groupsOf(Value out, int64_t planes) {
  return cast<MemRefType>(out.getType()).getDimSize(1) / tile::recordWords(planes);
}

struct QuantizeRowsKernel : OpRewritePattern<tile::QuantizeRowsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::QuantizeRowsOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    auto planes = static_cast<int64_t>(op.getPlanes());
    int64_t width = cast<MemRefType>(op.getX().getType()).getDimSize(1);
    RowRecords to{op.getOut(), planes, op.getInterleaved()};
    int64_t groups = groupsOf(op.getOut(), planes);
    auto slabs = static_cast<int64_t>(llvm::divideCeil(groups, kGroupsOfBlock));
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    Value slabCount = constantIndex(rewriter, loc, slabs);
    Value blocks = arith::MulIOp::create(rewriter, loc, rows, slabCount);
    createBlocks(rewriter, loc, blocks, op.getOwn(), [&](OpBuilder &builder, Value block) {
      Value row = arith::DivUIOp::create(builder, loc, block, slabCount);
      Value slab = arith::RemUIOp::create(builder, loc, block, slabCount);
      Value step = constantIndex(builder, loc, kGroupsOfBlock);
      Value begin = arith::MulIOp::create(builder, loc, slab, step);
      Value end = arith::AddIOp::create(builder, loc, begin, step);
      end = arith::MinSIOp::create(builder, loc, end, constantIndex(builder, loc, groups));
      createLoop(builder, loc, begin, end, [&](OpBuilder &inner, Value group) {
        auto load = [&](const ColumnChunk &chunk) {
          return loadChunk(inner, loc, op.getX(), row, chunk);
        };
        GroupEmitter{inner, loc, to, row, width, load}.emit(group);
      });
    });
    rewriter.eraseOp(op);
    return success();
  }
};

/// The norm's rows as codes, each row a block.
struct NormInPlanesKernel : OpRewritePattern<tile::NormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::NormOp op, PatternRewriter &rewriter) const override {
    if (op.getPlanes() == 0 || !isa<MemRefType>(op.getOut().getType()) ||
        !isa<MemRefType>(op.getW().getType()))
      return rewriter.notifyMatchFailure(op, "does not write codes to memory");
    Location loc = op.getLoc();
    auto planes = static_cast<int64_t>(op.getPlanes());
    int64_t width = cast<MemRefType>(op.getX().getType()).getDimSize(1);
    RowRecords to{op.getOut(), planes, op.getInterleaved()};
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    createBlocks(rewriter, loc, rows, op.getOwn(), [&](OpBuilder &builder, Value row) {
      Value factor = normFactor(builder, op, row);
      Value groups = constantIndex(builder, loc, groupsOf(op.getOut(), planes));
      createLoop(builder, loc, constantIndex(builder, loc, 0), groups,
                 [&](OpBuilder &inner, Value group) {
                   auto load = [&](const ColumnChunk &chunk) -> Value {
                     Value value = loadChunk(inner, loc, op.getX(), row, chunk);
                     Value weight = loadChunk(inner, loc, op.getW(), {}, chunk);
                     Value scaled = arith::MulFOp::create(inner, loc, value, factor);
                     return arith::MulFOp::create(inner, loc, scaled, weight);
                   };
                   GroupEmitter{inner, loc, to, row, width, load}.emit(group);
                 });
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

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
  return integersOf(builder, loc, shiftedToBits(builder, loc, lanes));
}

void emitRecords(OpBuilder &builder, Location loc, const RowRecords &to, Value row, Value first,
                 int64_t count, int64_t width,
                 function_ref<Value(OpBuilder &, const ColumnChunk &)> load) {
  Value end = arith::AddIOp::create(builder, loc, first, constantIndex(builder, loc, count));
  createLoop(builder, loc, first, end, [&](OpBuilder &inner, Value group) {
    auto loadHere = [&](const ColumnChunk &chunk) { return load(inner, chunk); };
    GroupEmitter{inner, loc, to, row, width, loadHere}.emit(group);
  });
}

void populateQuantizeRows(RewritePatternSet &patterns) {
  patterns.addWithLabel<QuantizeRowsKernel>({"quantize-rows"}, patterns.getContext());
  patterns.addWithLabel<NormInPlanesKernel>({"norm-in-planes"}, patterns.getContext());
}

} // namespace osscc::cpu
