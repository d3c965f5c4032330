// quantize_rows as a grid: a block is up to 16 groups of one row. A norm in planes writes the same
// records, a row a block.
#include "targets/cpu/Grid.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/matmul/Records.h"
#include "targets/cpu/rows/Norm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

constexpr int64_t kGroupsOfBlock = 16;

struct QuantizeRowsKernel : OpRewritePattern<tile::QuantizeRowsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::QuantizeRowsOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    auto planes = static_cast<int64_t>(op.getPlanes());
    int64_t width = cast<MemRefType>(op.getX().getType()).getDimSize(1);
    RowRecords to{op.getOut(), planes, op.getInterleaved(), tile::recordsOfRow(width)};
    int64_t groups = to.count;
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
      emitRecords(builder, loc, to, row, begin, end, width,
                  [&](OpBuilder &inner, const ColumnChunk &chunk) {
                    return loadChunk(inner, loc, op.getX(), row, chunk);
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
    if (op.getPlanes() == 0 || !isNormInMemory(op))
      return rewriter.notifyMatchFailure(op, "does not write codes to memory");
    Location loc = op.getLoc();
    auto planes = static_cast<int64_t>(op.getPlanes());
    int64_t width = cast<MemRefType>(op.getX().getType()).getDimSize(1);
    RowRecords to{op.getOut(), planes, op.getInterleaved(), tile::recordsOfRow(width)};
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    createBlocks(rewriter, loc, rows, op.getOwn(), [&](OpBuilder &builder, Value row) {
      NormValues norm = normValues(builder, op, row);
      emitRecords(builder, loc, to, row, constantIndex(builder, loc, 0),
                  constantIndex(builder, loc, to.count), width,
                  [&](OpBuilder &inner, const ColumnChunk &chunk) {
                    Value value = loadChunk(inner, loc, op.getX(), row, chunk);
                    return applyNorm(inner, op, value, norm, chunk);
                  });
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateQuantizeRows(RewritePatternSet &patterns) {
  patterns.addWithLabel<QuantizeRowsKernel>({"quantize-rows"}, patterns.getContext());
  patterns.addWithLabel<NormInPlanesKernel>({"norm-in-planes"}, patterns.getContext());
}

} // namespace osscc::cpu
