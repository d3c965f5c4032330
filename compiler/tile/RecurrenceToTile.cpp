// A layer whose past is a state has two kernels more than products and norms: the convolution,
// with its activation as the epilogue, and the delta rule. Their place in the state is an offset,
// so that layers share their code.
#include "compiler/tile/RecurrenceToTile.h"

#include "compiler/tile/Activation.h"
#include "compiler/tile/Cache.h"
#include "compiler/tile/CreateKernels.h"
#include "dialects/tile/StateLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace osscc {
namespace {

/// The byte of a page where the state of a layer of the group begins.
Value offsetOf(OpBuilder &builder, Location loc, uint64_t layer, tile::StateAttr state) {
  return arith::ConstantIndexOp::create(
      builder, loc, static_cast<int64_t>(layer) * tile::StateLayout(state).bytes);
}

struct ShortConv : OpRewritePattern<llm::ShortConvOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::ShortConvOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    tile::StateAttr state = CacheSettings::layoutOf(op.getState().getType());
    auto type = cast<RankedTensorType>(op.getY().getType());
    Value offset = offsetOf(rewriter, loc, op.getLayer(), state);
    Value out = emptyLike(rewriter, loc, op.getX(), type);
    auto conv = tile::ShortConvOp::create(rewriter, loc, TypeRange{type}, op.getX(), op.getWeight(),
                                          offset, out, state);
    fillRegion(rewriter, loc, conv.getEpilogue(), 1,
               [&](OpBuilder &builder, Location loc, ValueRange values) -> Value {
                 if (!op.getActivation())
                   return values[0];
                 Value one = arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(1));
                 return emitActivation(builder, loc, *op.getActivation(), values[0], one);
               });
    rewriter.replaceOp(op, conv);
    return success();
  }
};

struct DeltaRule : OpRewritePattern<llm::DeltaRuleOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::DeltaRuleOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    tile::StateAttr state = CacheSettings::layoutOf(op.getState().getType());
    auto type = cast<RankedTensorType>(op.getY().getType());
    Value offset = offsetOf(rewriter, loc, op.getLayer(), state);
    Value out = emptyLike(rewriter, loc, op.getV(), type);
    rewriter.replaceOpWithNewOp<tile::DeltaRuleOp>(
        op, TypeRange{type}, op.getQ(), op.getK(), op.getV(), op.getA(), op.getB(), op.getRates(),
        op.getShifts(), offset, out, state, op.getEpsAttr(), op.getLogRatesAttr(),
        op.getTiledAttr());
    return success();
  }
};

} // namespace

void populateRecurrenceToTile(RewritePatternSet &patterns) {
  patterns.addWithLabel<ShortConv>({"short-conv"}, patterns.getContext());
  patterns.addWithLabel<DeltaRule>({"delta-rule"}, patterns.getContext());
}

} // namespace osscc
