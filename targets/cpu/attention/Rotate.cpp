// RoPE: one block a row; attend and append rotate their heads with the same turns. The sine and
// cosine of a row's angles are computed once and serve every head of it.
//
// The angle is f32(position) * f32(frequency), rounded to f32 as the reference does; it is reduced
// to [-pi, pi] and its sine and cosine are summed in f64, so that no library and no table is needed
// and the error is below f32's last bit.
#include "targets/cpu/Kernels.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"
#include <numbers>

using namespace mlir;

namespace osscc::cpu {
namespace {

/// Emits sine and cosine of f32 angles.
struct Trigonometry {
  OpBuilder &builder;
  Location loc;
  int64_t lanes;

  Type f64() const { return VectorType::get({lanes}, builder.getF64Type()); }
  Value constant(double value) {
    auto type = cast<VectorType>(f64());
    return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, value));
  }

  /// x - 2 pi round(x / 2 pi)
  Value reduce(Value x) {
    Value turns = arith::MulFOp::create(builder, loc, x, constant(0.5 / std::numbers::pi));
    Value whole = math::RoundEvenOp::create(builder, loc, turns);
    return math::FmaOp::create(builder, loc, whole, constant(-2 * std::numbers::pi), x);
  }

  /// first * sum_i (-1)^i square^i / (start + 2 i)! * start!: Taylor's series, to 1e-13 on [-pi,
  /// pi].
  Value series(Value square, Value first, int start) {
    constexpr int kTerms = 13;
    double coefficients[kTerms];
    double value = 1;
    for (int i = 0; i < kTerms; ++i) {
      coefficients[i] = value;
      value /= -1.0 * (start + 2 * i + 1) * (start + 2 * i + 2);
    }
    Value sum = constant(coefficients[kTerms - 1]);
    for (int i = kTerms - 2; i >= 0; --i)
      sum = math::FmaOp::create(builder, loc, sum, square, constant(coefficients[i]));
    return first ? Value(arith::MulFOp::create(builder, loc, sum, first)) : sum;
  }

  std::pair<Value, Value> cosSin(Value angle) {
    Value x = reduce(arith::ExtFOp::create(builder, loc, f64(), angle));
    Value square = arith::MulFOp::create(builder, loc, x, x);
    Type f32 = VectorType::get({lanes}, builder.getF32Type());
    Value cos = arith::TruncFOp::create(builder, loc, f32, series(square, {}, 0));
    Value sin = arith::TruncFOp::create(builder, loc, f32, series(square, x, 1));
    return {cos, sin};
  }
};

/// Rotates the pairs of one turn in the head that begins at channel `head`.
void rotateInMemory(OpBuilder &builder, Location loc, tile::RotateOp op, Value row, Value head,
                    const Turn &turn) {
  auto type = VectorType::get({turn.lanes}, builder.getF32Type());
  auto at = [&](int64_t channel) -> SmallVector<Value> {
    return {row, arith::AddIOp::create(builder, loc, head, constantIndex(builder, loc, channel))};
  };
  rotatePairs(
      builder, loc, turn, static_cast<int64_t>(op.getDims()) / 2,
      [&](int64_t channel) -> Value {
        return vector::LoadOp::create(builder, loc, type, op.getX(), at(channel));
      },
      [&](int64_t channel, Value value) {
        vector::StoreOp::create(builder, loc, value, op.getOut(), at(channel));
      });
}

struct RotateKernel : OpRewritePattern<tile::RotateOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::RotateOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    int64_t channels = cast<MemRefType>(op.getX().getType()).getDimSize(1);
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    createGrid(rewriter, loc, rows, [&](OpBuilder &builder, Value row) {
      SmallVector<Turn> turns = emitTurns(builder, loc, row, op.getFrequencies());
      auto heads = scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0),
                                      constantIndex(builder, loc, channels),
                                      constantIndex(builder, loc, op.getDims()));
      OpBuilder inner = OpBuilder::atBlockBegin(heads.getBody());
      for (const Turn &turn : turns)
        rotateInMemory(inner, loc, op, row, heads.getInductionVar(), turn);
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

SmallVector<Turn> emitTurns(OpBuilder &builder, Location loc, Value row,
                            ArrayRef<float> frequencies) {
  Value position = abi::PositionOp::create(builder, loc, row);
  Value integer = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), position);
  Value place = arith::SIToFPOp::create(builder, loc, builder.getF32Type(), integer);
  SmallVector<Turn> turns;
  for (int64_t begin = 0, half = frequencies.size(); begin < half;) {
    auto lanes = static_cast<int64_t>(
        llvm::bit_floor(static_cast<uint64_t>(std::min<int64_t>(half - begin, 16))));
    auto type = VectorType::get({lanes}, builder.getF32Type());
    Value steps = arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(type, frequencies.slice(begin, lanes)));
    Value angle = arith::MulFOp::create(
        builder, loc, vector::BroadcastOp::create(builder, loc, type, place), steps);
    auto [cos, sin] = Trigonometry{builder, loc, lanes}.cosSin(angle);
    turns.push_back({begin, lanes, cos, sin});
    begin += lanes;
  }
  return turns;
}

void rotatePairs(OpBuilder &builder, Location loc, const Turn &turn, int64_t half,
                 function_ref<Value(int64_t)> load, function_ref<void(int64_t, Value)> store) {
  Value a = load(turn.begin), b = load(turn.begin + half);
  auto product = [&](Value x, Value y) -> Value {
    return arith::MulFOp::create(builder, loc, x, y);
  };
  store(turn.begin,
        arith::SubFOp::create(builder, loc, product(a, turn.cos), product(b, turn.sin)));
  store(turn.begin + half,
        arith::AddFOp::create(builder, loc, product(b, turn.cos), product(a, turn.sin)));
}

void populateRotateKernel(RewritePatternSet &patterns) {
  patterns.addWithLabel<RotateKernel>({"rotate"}, patterns.getContext());
}

} // namespace osscc::cpu
