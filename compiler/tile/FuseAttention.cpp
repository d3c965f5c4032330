// Kernels around attention touch rows that attention reads or has just written. Folded into it they
// cost no pass over memory, and no barrier:
//
//   keys        rotate(k) ─ append                ==>    append(k) by the frequencies
//   queries     rotate(q) ─ attend                ==>    attend(q) by the frequencies
//   quantized   attend ─ quantize_rows            ==>    attend in planes
//
// Stage: tile (tile -> tile, on tensors).
#include "compiler/Passes.h"
#include "dialects/tile/Tile.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_FUSEATTENTIONPASS
#include "compiler/Passes.h.inc"

namespace {

/// The rotation of whole heads of `size` channels that made `value`, or null.
tile::RotateOp rotationOf(Value value, int64_t size) {
  auto rotate = value.getDefiningOp<tile::RotateOp>();
  return rotate && static_cast<int64_t>(rotate.getDims()) == size ? rotate : tile::RotateOp();
}

struct FuseKeys : OpRewritePattern<tile::AppendOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::AppendOp op, PatternRewriter &rewriter) const override {
    tile::RotateOp rotate = rotationOf(op.getK(), op.getCache().keySize());
    if (!rotate || op.getFrequencies())
      return rewriter.notifyMatchFailure(op, "keys are not rotated heads");
    rewriter.modifyOpInPlace(op, [&] {
      op.getKMutable().assign(rotate.getX());
      op.setFrequencies(rotate.getFrequencies());
      op.setFactor(rotate.getFactor());
    });
    return success();
  }
};

struct FuseQueries : OpRewritePattern<tile::AttendOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::AttendOp op, PatternRewriter &rewriter) const override {
    // Over latents the channels that the value does not have are those that turn.
    OpOperand &queries = op.getRest() ? op.getRestMutable()[0] : op.getQMutable();
    tile::RotateOp rotate = rotationOf(queries.get(), op.getCache().keySize());
    if (!rotate || op.getFrequencies())
      return rewriter.notifyMatchFailure(op, "queries are not rotated heads");
    rewriter.modifyOpInPlace(op, [&] {
      queries.set(rotate.getX());
      op.setFrequencies(rotate.getFrequencies());
      op.setFactor(rotate.getFactor());
    });
    return success();
  }
};

struct FuseOutputs : OpRewritePattern<tile::QuantizeRowsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::QuantizeRowsOp op, PatternRewriter &rewriter) const override {
    auto attend = op.getX().getDefiningOp<tile::AttendOp>();
    if (!attend || !attend->hasOneUse() ||
        attend.getCache().valueSize() % pack::kRecordChannels != 0)
      return rewriter.notifyMatchFailure(op, "does not read whole groups of attention of its own");
    auto inPlanes = cast<tile::AttendOp>(rewriter.clone(*attend));
    inPlanes.getOutMutable().assign(op.getOut());
    inPlanes.getResult()[0].setType(op.getResult()[0].getType());
    inPlanes.setPlanes(op.getPlanes());
    rewriter.replaceOp(op, inPlanes);
    return success();
  }
};

struct FuseAttentionPass : osscc::impl::FuseAttentionPassBase<FuseAttentionPass> {
  using FuseAttentionPassBase::FuseAttentionPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<FuseKeys>({"fuse-keys"}, &getContext());
    patterns.addWithLabel<FuseQueries>({"fuse-queries"}, &getContext());
    patterns.addWithLabel<FuseOutputs>({"fuse-outputs"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
