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

/// What a channel adds to the sum of its lane, of which `sum` is so far.
using AddTo = function_ref<Value(OpBuilder &, const ColumnChunk &, Value value, Value sum)>;

/// A sum over a group's channels: lane l sums the channels l, l + 16, ..., then the lanes fold.
Value sumOf(OpBuilder &builder, Location loc, Value x, const ChannelGroup &group, AddTo addTo) {
  int64_t width = group.width, whole = width / tile::kSumLanes * tile::kSumLanes;
  auto type = VectorType::get({tile::kSumLanes}, builder.getF32Type());
  Value sums = constantF32(builder, loc, 0, type);
  auto accumulate = [&](OpBuilder &b, const ColumnChunk &chunk, Value acc) -> Value {
    Value value = loadChunk(b, loc, x, group.row, group.inRow(b, loc, chunk));
    return addTo(b, chunk, value, acc);
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

/// value - mean, and 0 past the end of a chunk.
Value centered(OpBuilder &builder, Location loc, Value value, Value mean,
               const ColumnChunk &chunk) {
  Value rest = arith::SubFOp::create(builder, loc, value, mean);
  if (!chunk.remaining)
    return rest;
  auto type = cast<VectorType>(rest.getType());
  Value inside = vector::CreateMaskOp::create(
      builder, loc, VectorType::get(type.getShape(), builder.getI1Type()), chunk.remaining);
  return arith::SelectOp::create(builder, loc, inside, rest, constantF32(builder, loc, 0, type));
}

/// A sum over a group's channels, divided by their number.
Value meanOfSum(OpBuilder &builder, Location loc, Value sum, const ChannelGroup &group) {
  Value width = constantF32(builder, loc, static_cast<double>(group.width), builder.getF32Type());
  return arith::DivFOp::create(builder, loc, sum, width);
}

/// The mean of a group.
Value meanOf(OpBuilder &builder, Location loc, Value x, const ChannelGroup &group) {
  Value sum = sumOf(builder, loc, x, group,
                    [&](OpBuilder &b, const ColumnChunk &, Value value, Value sum) -> Value {
                      return arith::AddFOp::create(b, loc, sum, value);
                    });
  return meanOfSum(builder, loc, sum, group);
}

Value inLanes(OpBuilder &builder, Location loc, Value value) {
  auto type = VectorType::get({tile::kSumLanes}, builder.getF32Type());
  return vector::BroadcastOp::create(builder, loc, type, value);
}

/// 1 / sqrt(mean of the squares + eps) of a group, in every one of 16 lanes. `mean` is what is
/// subtracted first, or null.
Value factorOf(OpBuilder &builder, tile::NormOp op, const ChannelGroup &group, Value mean) {
  Location loc = op.getLoc();
  Type f32 = builder.getF32Type();
  Value sum = sumOf(builder, loc, op.getX(), group,
                    [&](OpBuilder &b, const ColumnChunk &chunk, Value value, Value sum) -> Value {
                      if (mean)
                        value = centered(b, loc, value, mean, chunk);
                      return math::FmaOp::create(b, loc, value, value, sum);
                    });
  Value width = constantF32(builder, loc, static_cast<double>(group.width), f32);
  Value square = arith::DivFOp::create(builder, loc, sum, width);
  Value padded = arith::AddFOp::create(
      builder, loc, square, constantF32(builder, loc, op.getEps().convertToDouble(), f32));
  Value root = math::SqrtOp::create(builder, loc, padded);
  Value inverse = arith::DivFOp::create(builder, loc, constantF32(builder, loc, 1, f32), root);
  return vector::BroadcastOp::create(builder, loc, VectorType::get({tile::kSumLanes}, f32),
                                     inverse);
}

NormValues valuesOf(OpBuilder &builder, tile::NormOp op, const ChannelGroup &group) {
  Value mean;
  if (op.getCentered())
    mean = inLanes(builder, op.getLoc(), meanOf(builder, op.getLoc(), op.getX(), group));
  return {mean, factorOf(builder, op, group, mean)};
}

/// Writes the norm of one group.
void emitGroup(OpBuilder &builder, tile::NormOp op, const ChannelGroup &group) {
  Location loc = op.getLoc();
  NormValues norm = valuesOf(builder, op, group);
  forEachChunk(builder, loc, group.width, [&](OpBuilder &b, ColumnChunk chunk) {
    ColumnChunk place = group.inRow(b, loc, chunk);
    Value value = loadChunk(b, loc, op.getX(), group.row, place);
    storeChunk(b, loc, applyNorm(b, op, value, norm, chunk), op.getOut(), group.row, place);
  });
}

/// x * (1 / sqrt(mean(x^2) + eps)) * (w + offset), or the same of x - mean, plus bias
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

ColumnChunk ChannelGroup::inRow(OpBuilder &builder, Location loc, ColumnChunk chunk) const {
  if (first)
    chunk.begin = arith::AddIOp::create(builder, loc, first, chunk.begin);
  return chunk;
}

Value sumOfSquares(OpBuilder &builder, Location loc, Value x, const ChannelGroup &group) {
  return sumOf(builder, loc, x, group,
               [&](OpBuilder &b, const ColumnChunk &, Value value, Value sum) -> Value {
                 return math::FmaOp::create(b, loc, value, value, sum);
               });
}

Moments momentsOf(OpBuilder &builder, Location loc, Value x, const ChannelGroup &group) {
  Value mean = meanOf(builder, loc, x, group), lanes = inLanes(builder, loc, mean);
  Value squares =
      sumOf(builder, loc, x, group,
            [&](OpBuilder &b, const ColumnChunk &chunk, Value value, Value sum) -> Value {
              value = centered(b, loc, value, lanes, chunk);
              return math::FmaOp::create(b, loc, value, value, sum);
            });
  return {mean, meanOfSum(builder, loc, squares, group)};
}

bool isNormInMemory(tile::NormOp op) {
  return llvm::all_of(op->getOperands(),
                      [](Value operand) { return isa<MemRefType>(operand.getType()); });
}

NormValues normValues(OpBuilder &builder, tile::NormOp op, Value row) {
  return valuesOf(builder, op, {row, {}, channels(op.getX())});
}

/// value * (w + offset)
static Value scaleByWeight(OpBuilder &builder, tile::NormOp op, Value value,
                           const ColumnChunk &chunk) {
  Location loc = op.getLoc();
  if (!op.getW())
    return value;
  Value weight = loadChunk(builder, loc, op.getW(), {}, chunk);
  if (!op.getOffset().isZero())
    weight = arith::AddFOp::create(
        builder, loc, weight,
        constantF32(builder, loc, op.getOffset().convertToDouble(), weight.getType()));
  return arith::MulFOp::create(builder, loc, value, weight);
}

Value applyNorm(OpBuilder &builder, tile::NormOp op, Value value, const NormValues &norm,
                const ColumnChunk &chunk) {
  Location loc = op.getLoc();
  if (norm.mean)
    value = centered(builder, loc, value, norm.mean, chunk);
  Value scaled =
      scaleByWeight(builder, op, arith::MulFOp::create(builder, loc, value, norm.factor), chunk);
  if (!op.getBias())
    return scaled;
  return arith::AddFOp::create(builder, loc, scaled,
                               loadChunk(builder, loc, op.getBias(), {}, chunk));
}

void populateNorm(RewritePatternSet &patterns) {
  patterns.addWithLabel<NormKernel>({"norm"}, patterns.getContext());
}

} // namespace osscc::cpu
