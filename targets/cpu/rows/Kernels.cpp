// Kernels whose blocks are single rows: norm, map and gather. All use vectors of 16 whatever the
// machine, so that their sums have one order everywhere.
#include "targets/cpu/Kernels.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

constexpr int64_t kLanes = 16;

int64_t channels(Value rows) {
  return cast<MemRefType>(rows.getType()).getDimSize(1);
}

/// Whether memory holds one value a channel, the same for every row.
bool isChannels(Value memory) {
  return cast<MemRefType>(memory.getType()).getRank() == 1;
}

/// The sum of squares of a row: lane l sums the channels l, l + 16, ..., then the lanes fold.
Value sumOfSquares(OpBuilder &builder, Location loc, Value x, Value row) {
  int64_t width = channels(x), whole = width / kLanes * kLanes;
  auto type = VectorType::get({kLanes}, builder.getF32Type());
  Value sums = constantF32(builder, loc, 0, type);
  auto accumulate = [&](OpBuilder &b, const ColumnChunk &chunk, Value acc) -> Value {
    Value value = loadChunk(b, loc, x, row, chunk);
    return math::FmaOp::create(b, loc, value, value, acc);
  };
  if (whole > 0) {
    auto loop = scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0),
                                   constantIndex(builder, loc, whole),
                                   constantIndex(builder, loc, kLanes), sums);
    OpBuilder inner = OpBuilder::atBlockEnd(loop.getBody());
    Value next = accumulate(inner, {loop.getInductionVar(), kLanes, {}}, loop.getRegionIterArg(0));
    scf::YieldOp::create(inner, loc, next);
    sums = loop.getResult(0);
  }
  if (whole < width)
    sums = accumulate(
        builder,
        {constantIndex(builder, loc, whole), kLanes, constantIndex(builder, loc, width - whole)},
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

/// body(inputs..., old), lane by lane; a value a channel serves every row.
struct MapKernel : OpRewritePattern<tile::MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::MapOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    createGrid(rewriter, loc, rows, [&](OpBuilder &builder, Value row) {
      forEachChunk(builder, loc, channels(op.getOut()), [&](OpBuilder &b, ColumnChunk chunk) {
        SmallVector<Value> values;
        for (Value input : op.getInputs())
          values.push_back(loadChunk(b, loc, input, isChannels(input) ? Value() : row, chunk));
        values.push_back(loadChunk(b, loc, op.getOut(), row, chunk));
        storeChunk(b, loc, cloneOnVectors(b, op.getBody(), values, chunk.lanes), op.getOut(), row,
                   chunk);
      });
    });
    rewriter.eraseOp(op);
    return success();
  }
};

/// The row's table: a packed one at the token's tile and lane, or the call's input embedding.
struct GatherTokensKernel : OpRewritePattern<tile::GatherOp> {
  using OpRewritePattern::OpRewritePattern;

  /// out[row, c] = table[token, c] for every channel, one at a time: a row of the table is
  /// scattered over its tile.
  static void copyPackedRow(OpBuilder &builder, Location loc, tile::GatherOp op, Value row) {
    auto table = cast<MemRefType>(op.getTable().getType());
    Value token = abi::TokenOp::create(builder, loc, row);
    Value height = constantIndex(builder, loc, pack::kTileRows),
          two = constantIndex(builder, loc, 2);
    Value tile = arith::DivUIOp::create(builder, loc, token, height);
    Value lane = arith::RemUIOp::create(builder, loc, token, height);
    auto loop = scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0),
                                   constantIndex(builder, loc, channels(op.getOut())),
                                   constantIndex(builder, loc, 1));
    OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
    Value c = loop.getInductionVar();
    SmallVector<Value> at = {tile, c, lane};
    if (table.getRank() == 4) // pairs of channels
      at = {tile, arith::DivUIOp::create(inner, loc, c, two), lane,
            arith::RemUIOp::create(inner, loc, c, two)};
    Value value = memref::LoadOp::create(inner, loc, op.getTable(), at);
    if (!table.getElementType().isF32())
      value = arith::ExtFOp::create(inner, loc, inner.getF32Type(), value);
    memref::StoreOp::create(inner, loc, value, op.getOut(), ValueRange{row, c});
  }

  LogicalResult matchAndRewrite(tile::GatherOp op, PatternRewriter &rewriter) const override {
    if (op.getRows() != tile::RowSource::Tokens || !isa<MemRefType>(op.getTable().getType()) ||
        op.getFormat())
      return rewriter.notifyMatchFailure(op, "does not read a packed table of floats in memory");
    Location loc = op.getLoc();
    createTokenGather(rewriter, op,
                      [&](OpBuilder &builder, Value row) { copyPackedRow(builder, loc, op, row); });
    return success();
  }
};

/// out[o] = x[output row o].
struct GatherOutputsKernel : OpRewritePattern<tile::GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::GatherOp op, PatternRewriter &rewriter) const override {
    if (op.getRows() != tile::RowSource::Outputs || !isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "does not read rows in memory");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    createBlocks(rewriter, loc, rows, op.getOwn(), [&](OpBuilder &builder, Value row) {
      Value from = abi::OutputRowOp::create(builder, loc, row);
      forEachChunk(builder, loc, channels(op.getOut()), [&](OpBuilder &b, ColumnChunk chunk) {
        storeChunk(b, loc, loadChunk(b, loc, op.getTable(), from, chunk), op.getOut(), row, chunk);
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
  return vector::BroadcastOp::create(builder, loc, VectorType::get({kLanes}, f32), inverse);
}

void createTokenGather(PatternRewriter &rewriter, tile::GatherOp op,
                       function_ref<void(OpBuilder &, Value)> fromTable) {
  Location loc = op.getLoc();
  Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
  auto inputType =
      MemRefType::get({ShapedType::kDynamic, channels(op.getOut())}, rewriter.getF32Type());
  createGrid(rewriter, loc, rows, [&](OpBuilder &builder, Value row) {
    auto input = abi::EmbeddingsOp::create(builder, loc, builder.getI1Type(), inputType, rows);
    auto choice = scf::IfOp::create(builder, loc, input.getGiven(), /*withElseRegion=*/true);
    OpBuilder given = choice.getThenBodyBuilder(), table = choice.getElseBodyBuilder();
    forEachChunk(given, loc, channels(op.getOut()), [&](OpBuilder &b, ColumnChunk chunk) {
      storeChunk(b, loc, loadChunk(b, loc, input.getValue(), row, chunk), op.getOut(), row, chunk);
    });
    fromTable(table, row);
  });
  rewriter.eraseOp(op);
}

void populateRowKernels(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.addWithLabel<NormKernel>({"norm"}, context);
  patterns.addWithLabel<MapKernel>({"map"}, context);
  patterns.addWithLabel<GatherTokensKernel>({"gather-tokens"}, context);
  patterns.addWithLabel<GatherOutputsKernel>({"gather-outputs"}, context);
}

} // namespace osscc::cpu
