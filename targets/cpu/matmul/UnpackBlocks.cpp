// unpack and scales of block formats: stored codes of whole tiles to unsigned bytes in registers,
// scales and minimums to f32. The same decoding as dialects/pack/Blocks, as vector code; a test
// holds the two equal (test/e2e/gguf.py, whose tables of tokens come out of tiles).
#include "targets/cpu/Populate.h"
#include "targets/cpu/matmul/BlockReader.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

struct UnpackBlocks : OpRewritePattern<tile::UnpackOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::UnpackOp op, PatternRewriter &rewriter) const override {
    if (!op.getFormat() || !op.getFormat()->isBlock())
      return rewriter.notifyMatchFailure(op, "does not store blocks");
    VectorType type = op.getBlock().getType();
    BlockReader reader{{rewriter, op.getLoc()}, op.getW(), op.getTile(), op.getK(), *op.getFormat(),
                       type.getDimSize(2) / 4};
    Value block = constantInteger(rewriter, op.getLoc(), 0, type);
    reader.forEachQuad(type.getDimSize(1), [&](Value codes, int64_t quad, int64_t chunk) {
      block = reader.insert(codes, block, {quad, chunk});
    });
    rewriter.replaceOp(op, block);
    return success();
  }
};

struct LowerScales : OpRewritePattern<tile::ScalesOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::ScalesOp op, PatternRewriter &rewriter) const override {
    VectorType type = op.getBlock().getType();
    BlockReader reader{{rewriter, op.getLoc()}, op.getW(),         op.getTile(), op.getK(),
                       op.getFormat(),          type.getDimSize(1)};
    Value block = constantF32(rewriter, op.getLoc(), 0, type);
    for (int64_t chunk = 0; chunk < type.getDimSize(0); ++chunk)
      block = reader.insert(reader.loadScales(chunk, op.getMinimum()), block, {chunk});
    rewriter.replaceOp(op, block);
    return success();
  }
};

} // namespace

void populateUnpackBlocks(RewritePatternSet &patterns) {
  patterns.addWithLabel<UnpackBlocks>({"unpack-blocks"}, patterns.getContext());
  patterns.addWithLabel<LowerScales>({"scales"}, patterns.getContext());
}

} // namespace osscc::cpu
