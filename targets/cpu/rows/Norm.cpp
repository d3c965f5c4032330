// norm as a grid: a block is one row.
#include "targets/cpu/rows/Norm.h"

#include "targets/cpu/Chunks.h"
#include "targets/cpu/Constants.h"
#include "targets/cpu/Grid.h"
#include "targets/cpu/Lanes.h"
#include "targets/cpu/Populate.h"

#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

int64_t channels(Value rows) {
  return cast<MemRefType>(rows.getType()).getDimSize(1);
}

/// The sum of squares of a row: lane l sums the channels l, l + 16, ..., then the lanes fold.
Value sumOfSquares(OpBuilder &builder, Location loc, Value x, Value row) {
  int64_t width = channels(x), whole = width / tile::kSumLanes * tile::kSumLanes;
  auto type = VectorType::get({tile::kSumLanes}, builder.getF32Type());
  Value sums = constantF32(builder, loc, 0, type);
  auto accumulate = [&](OpBuilder &b, const ColumnChunk &chunk, Value acc) -> Value {
    Value value = loadChunk(b, loc, x, row, chunk);
    return math::FmaOp::create(b, loc, value, value, acc);
  };
  if (whole > 0) {
    auto loop = scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0),
                                   constantIndex(builder, loc, whole),
                                   constantIndex(builder, loc, tile::kSumLanes), sums);
    OpBuilder inner = OpBuilder::atBlockEnd(loop.getBody());
    Value next =
        accumulate(inner, {loop.getInductionVar(), tile::kSumLanes, {}}, loop.getRegionIterArg(0));
    scf::YieldOp::create(inner, loc, next);
    sums = loop.getResult(0);
  }
  if (whole < width)
    sums = accumulate(builder,
                      {constantIndex(builder, loc, whole), tile::kSumLanes,
                       constantIndex(builder, loc, width - whole)},
                      sums);
  return foldLanes(builder, loc, sums);
}

/// x * (1 / sqrt(mean(x^2) + eps)) * w
struct NormKernel : OpRewritePattern<tile::NormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::NormOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()) || !isa<MemRefType>(op.getW().getType()) ||
        op.getPlanes() != 0)
      return rewriter.notifyMatchFailure(op, "does not write f32 to memory");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    createBlocks(rewriter, loc, rows, op.getOwn(), [&](OpBuilder &builder, Value row) {
      Value factor = normFactor(builder, op, row);
      forEachChunk(builder, loc, channels(op.getX()), [&](OpBuilder &b, ColumnChunk chunk) {
        Value value = loadChunk(b, loc, op.getX(), row, chunk);
        Value weight = loadChunk(b, loc, op.getW(), {}, chunk);
        Value scaled = arith::MulFOp::create(b, loc, value, factor);
        storeChunk(b, loc, arith::MulFOp::create(b, loc, scaled, weight), op.getOut(), row, chunk);
      });
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

Value normFactor(OpBuilder &builder, tile::NormOp op, Value row) {
  Location loc = op.getLoc();
  Type f32 = builder.getF32Type();
  Value sum = sumOfSquares(builder, loc, op.getX(), row);
  Value width = constantF32(builder, loc, channels(op.getX()), f32);
  Value mean = arith::DivFOp::create(builder, loc, sum, width);
  Value padded = arith::AddFOp::create(
      builder, loc, mean, constantF32(builder, loc, op.getEps().convertToDouble(), f32));
  Value root = math::SqrtOp::create(builder, loc, padded);
  Value inverse = arith::DivFOp::create(builder, loc, constantF32(builder, loc, 1, f32), root);
  return vector::BroadcastOp::create(builder, loc, VectorType::get({tile::kSumLanes}, f32),
                                     inverse);
}

void populateNorm(RewritePatternSet &patterns) {
  patterns.addWithLabel<NormKernel>({"norm"}, patterns.getContext());
}

} // namespace osscc::cpu
