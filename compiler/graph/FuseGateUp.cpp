// Gate and up projections of one MLP read the same rows. Done apart, each streams x from memory
// again; one wider linear reads it once and gives the tile stage a single kernel with the GLU as
// its epilogue. Biases are joined likewise:
//
//   x ─ linear(gate) ┐                x ─ linear(gate ++ up) ─ glu
//   x ─ linear(up)   ┴ glu     ==>
//
// Stage: graph (llm -> llm). Leaves pairs with different inputs untouched.
#include "compiler/Passes.h"
#include "compiler/graph/JoinWeights.h"
#include "dialects/llm/Llm.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_FUSEGATEUPPASS
#include "compiler/Passes.h.inc"

namespace {

struct FuseGateUp : OpRewritePattern<llm::GluOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(llm::GluOp glu, PatternRewriter &rewriter) const override {
    if (!glu.getUp())
      return rewriter.notifyMatchFailure(glu, "already takes one operand");
    auto gate = glu.getGate().getDefiningOp<llm::LinearOp>();
    auto up = glu.getUp().getDefiningOp<llm::LinearOp>();
    if (!gate || !up || gate.getX() != up.getX())
      return rewriter.notifyMatchFailure(glu, "halves do not share an input");
    Value weights[] = {gate.getWeight(), up.getWeight()}, biases[] = {gate.getBias(), up.getBias()};
    if (!canJoin(weights) || !canJoin(biases))
      return rewriter.notifyMatchFailure(glu, "halves are not stored alike");

    Value whole = joinWeights(rewriter, glu.getLoc(), weights);
    Value bias = joinWeights(rewriter, glu.getLoc(), biases);
    int64_t rows = llm::shapeOf(whole.getType())[0];
    auto activation = gate.getX().getType();
    Value both = llm::LinearOp::create(
        rewriter, glu.getLoc(),
        RankedTensorType::get({activation.getDimSize(0), rows}, activation.getElementType()),
        gate.getX(), whole, bias);
    rewriter.replaceOpWithNewOp<llm::GluOp>(glu, glu.getY().getType(), glu.getActivation(), both,
                                            Value());
    return success();
  }
};

struct FuseGateUpPass : osscc::impl::FuseGateUpPassBase<FuseGateUpPass> {
  using FuseGateUpPassBase::FuseGateUpPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<FuseGateUp>({"fuse-gate-up"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
