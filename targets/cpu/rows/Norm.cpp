// norm as a grid: a block is one row, all groups of it.
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

/// A group of a row's channels, whose mean is taken.
struct Group {
  Value row;
  Value first; ///< Its first channel; null: 0.
  int64_t width;

  /// The chunk of the row where `chunk` of the group lies.
  ColumnChunk inRow(OpBuilder &builder, Location loc, ColumnChunk chunk) const {
    if (first)
      chunk.begin = arith::AddIOp::create(builder, loc, first, chunk.begin);
    return chunk;
  }
};

/// The sum of a group's squares: lane l sums the channels l, l + 16, ..., then the lanes fold.
Value sumOfSquares(OpBuilder &builder, Location loc, Value x, const Group &group) {
  int64_t width = group.width, whole = width / tile::kSumLanes * tile::kSumLanes;
  auto type = VectorType::get({tile::kSumLanes}, builder.getF32Type());
  Value sums = constantF32(builder, loc, 0, type);
  auto accumulate = [&](OpBuilder &b, const ColumnChunk &chunk, Value acc) -> Value {
    Value value = loadChunk(b, loc, x, group.row, group.inRow(b, loc, chunk));
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

/// 1 / sqrt(mean of the squares + eps) of a group, in every one of 16 lanes.
Value factorOf(OpBuilder &builder, tile::NormOp op, const Group &group) {
  Location loc = op.getLoc();
  Type f32 = builder.getF32Type();
  Value sum = sumOfSquares(builder, loc, op.getX(), group);
  Value width = constantF32(builder, loc, static_cast<double>(group.width), f32);
  Value mean = arith::DivFOp::create(builder, loc, sum, width);
  Value padded = arith::AddFOp::create(
      builder, loc, mean, constantF32(builder, loc, op.getEps().convertToDouble(), f32));
  Value root = math::SqrtOp::create(builder, loc, padded);
  Value inverse = arith::DivFOp::create(builder, loc, constantF32(builder, loc, 1, f32), root);
  return vector::BroadcastOp::create(builder, loc, VectorType::get({tile::kSumLanes}, f32),
                                     inverse);
}

/// Writes the norm of one group.
void emitGroup(OpBuilder &builder, tile::NormOp op, const Group &group) {
  Location loc = op.getLoc();
  Value factor = factorOf(builder, op, group);
  forEachChunk(builder, loc, group.width, [&](OpBuilder &b, ColumnChunk chunk) {
    ColumnChunk place = group.inRow(b, loc, chunk);
    Value value = loadChunk(b, loc, op.getX(), group.row, place);
    storeChunk(b, loc, scaleByNorm(b, op, value, factor, chunk), op.getOut(), group.row, place);
  });
}

/// x * (1 / sqrt(mean(x^2) + eps)) * (w + offset)
struct NormKernel : OpRewritePattern<tile::NormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::NormOp op, PatternRewriter &rewriter) const override {
    if (!isNormInMemory(op) || op.getPlanes() != 0)
      return rewriter.notifyMatchFailure(op, "does not write f32 to memory");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    int64_t width = channels(op.getX()), size = op.groupChannels();
    createBlocks(rewriter, loc, rows, op.getOwn(), [&](OpBuilder &builder, Value row) {
      if (size == width)
        return emitGroup(builder, op, {row, {}, width});
      auto loop =
          scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0),
                             constantIndex(builder, loc, width), constantIndex(builder, loc, size));
      OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
      emitGroup(inner, op, {row, loop.getInductionVar(), size});
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

bool isNormInMemory(tile::NormOp op) {
  return isa<MemRefType>(op.getOut().getType()) &&
         (!op.getW() || isa<MemRefType>(op.getW().getType()));
}

Value normFactor(OpBuilder &builder, tile::NormOp op, Value row) {
  return factorOf(builder, op, {row, {}, channels(op.getX())});
}

Value scaleByNorm(OpBuilder &builder, tile::NormOp op, Value value, Value factor,
                  const ColumnChunk &chunk) {
  Location loc = op.getLoc();
  Value scaled = arith::MulFOp::create(builder, loc, value, factor);
  if (!op.getW())
    return scaled;
  Value weight = loadChunk(builder, loc, op.getW(), {}, chunk);
  if (!op.getOffset().isZero())
    weight = arith::AddFOp::create(
        builder, loc, weight,
        constantF32(builder, loc, op.getOffset().convertToDouble(), weight.getType()));
  return arith::MulFOp::create(builder, loc, scaled, weight);
}

void populateNorm(RewritePatternSet &patterns) {
  patterns.addWithLabel<NormKernel>({"norm"}, patterns.getContext());
}

} // namespace osscc::cpu
