// gather as a grid: a block is one row, of a packed table of floats or of hidden rows.
#include "targets/cpu/rows/GatherRows.h"

#include "targets/cpu/Chunks.h"
#include "targets/cpu/Constants.h"
#include "targets/cpu/Grid.h"
#include "targets/cpu/Populate.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

int64_t channels(Value rows) {
  return cast<MemRefType>(rows.getType()).getDimSize(1);
}

/// The row's table: a packed one at the row of its token or position, or tile and lane, or the
/// call's input embedding.
struct GatherTableKernel : OpRewritePattern<tile::GatherOp> {
  using OpRewritePattern::OpRewritePattern;

  /// out[row, c] = table[number, c] for every channel, one at a time: in tiles a row is scattered
  /// over its tile.
  static void copyPackedRow(OpBuilder &builder, tile::GatherOp op, Value row, Value number) {
    Location loc = op.getLoc();
    auto table = cast<MemRefType>(op.getTable().getType());
    Value height = constantIndex(builder, loc, pack::kTileRows),
          two = constantIndex(builder, loc, 2);
    Value tile = arith::DivUIOp::create(builder, loc, number, height);
    Value lane = arith::RemUIOp::create(builder, loc, number, height);
    auto loop = scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0),
                                   constantIndex(builder, loc, channels(op.getOut())),
                                   constantIndex(builder, loc, 1));
    OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
    Value c = loop.getInductionVar();
    SmallVector<Value> at = {tile, c, lane};
    if (op.isTableOfRows())
      at = {number, c};
    if (table.getRank() == 4) // pairs of channels
      at = {tile, arith::DivUIOp::create(inner, loc, c, two), lane,
            arith::RemUIOp::create(inner, loc, c, two)};
    Value value = memref::LoadOp::create(inner, loc, op.getTable(), at);
    if (!table.getElementType().isF32())
      value = arith::ExtFOp::create(inner, loc, inner.getF32Type(), value);
    memref::StoreOp::create(inner, loc, value, op.getOut(), ValueRange{row, c});
  }

  LogicalResult matchAndRewrite(tile::GatherOp op, PatternRewriter &rewriter) const override {
    if (op.getRows() == tile::RowSource::Outputs || !isa<MemRefType>(op.getTable().getType()) ||
        op.getFormat())
      return rewriter.notifyMatchFailure(op, "does not read a packed table of floats in memory");
    createTableGather(rewriter, op, [&](OpBuilder &builder, Value row, Value number) {
      copyPackedRow(builder, op, row, number);
    });
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

void createTableGather(PatternRewriter &rewriter, tile::GatherOp op, CopyFromTable copy) {
  Location loc = op.getLoc();
  Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
  if (op.getRows() == tile::RowSource::Positions) {
    createGrid(rewriter, loc, rows, [&](OpBuilder &builder, Value row) {
      copy(builder, row, abi::PositionOp::create(builder, loc, row));
    });
    return rewriter.eraseOp(op);
  }
  auto inputType =
      MemRefType::get({ShapedType::kDynamic, channels(op.getOut())}, rewriter.getF32Type());
  createGrid(rewriter, loc, rows, [&](OpBuilder &builder, Value row) {
    auto input = abi::EmbeddingsOp::create(builder, loc, builder.getI1Type(), inputType, rows);
    auto choice = scf::IfOp::create(builder, loc, input.getGiven(), /*withElseRegion=*/true);
    OpBuilder given = choice.getThenBodyBuilder(), table = choice.getElseBodyBuilder();
    forEachChunk(given, loc, channels(op.getOut()), [&](OpBuilder &b, ColumnChunk chunk) {
      storeChunk(b, loc, loadChunk(b, loc, input.getValue(), row, chunk), op.getOut(), row, chunk);
    });
    copy(table, row, abi::TokenOp::create(table, loc, row));
  });
  rewriter.eraseOp(op);
}

void populateGatherRows(RewritePatternSet &patterns) {
  patterns.addWithLabel<GatherTableKernel>({"gather-table"}, patterns.getContext());
  patterns.addWithLabel<GatherOutputsKernel>({"gather-outputs"}, patterns.getContext());
}

} // namespace osscc::cpu
