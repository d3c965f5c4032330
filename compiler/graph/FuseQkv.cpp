// Query, key and value projections of one attention read the same rows. Done apart, each streams x
// from memory again and meets at its own barrier; one wider linear reads it once:
//
//   x ─ linear(q) ─ ...             x ─ linear(q ++ k ++ v) ─ split ┬ ...
//   x ─ linear(k) ─ ...     ==>                                     ├ ...
//   x ─ linear(v) ─ ...                                             └ ...
//
// Biases are joined likewise. Stage: graph (llm -> llm). Leaves projections with different inputs
// untouched.
#include "compiler/Passes.h"
#include "compiler/graph/JoinWeights.h"
#include "dialects/llm/Llm.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_FUSEQKVPASS
#include "compiler/Passes.h.inc"

namespace {

/// The projection behind a value, seen through its rotation.
llm::LinearOp projectionOf(Value value) {
  if (auto rope = value.getDefiningOp<llm::RopeOp>())
    value = rope.getX();
  return value.getDefiningOp<llm::LinearOp>();
}

/// The attention of the same layer that reads what `append` wrote.
llm::AttentionOp attentionOf(llm::KvAppendOp append) {
  for (Operation *user : append.getCache().getUsers())
    if (auto attention = dyn_cast<llm::AttentionOp>(user))
      if (attention.getLayer() == append.getLayer())
        return attention;
  return {};
}

struct FuseQkv : OpRewritePattern<llm::KvAppendOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(llm::KvAppendOp append, PatternRewriter &rewriter) const override {
    llm::AttentionOp attention = attentionOf(append);
    if (!attention)
      return rewriter.notifyMatchFailure(append, "no attention reads this layer's cache");
    llm::LinearOp parts[] = {projectionOf(attention.getQ()), projectionOf(append.getK()),
                             projectionOf(append.getV())};
    if (!parts[0] || !parts[1] || !parts[2])
      return rewriter.notifyMatchFailure(append, "not all of q, k and v are projections");
    if (parts[0].getX() != parts[1].getX() || parts[0].getX() != parts[2].getX())
      return rewriter.notifyMatchFailure(append, "projections do not share an input");
    SmallVector<Value> weights, biases;
    for (llm::LinearOp part : parts) {
      weights.push_back(part.getWeight());
      biases.push_back(part.getBias());
    }
    if (!canJoin(weights) || !canJoin(biases))
      return rewriter.notifyMatchFailure(append, "projections are not stored alike");

    llm::LinearOp first = parts[0];
    for (llm::LinearOp part : parts)
      if (part->isBeforeInBlock(first))
        first = part;
    for (Value weight : llvm::concat<Value>(weights, biases)) {
      Operation *get = weight ? weight.getDefiningOp() : nullptr;
      if (get && get->getNumOperands() == 0 && first->isBeforeInBlock(get))
        rewriter.moveOpBefore(get, first);
    }
    SmallVector<Type> types;
    int64_t rows = 0;
    for (llm::LinearOp part : parts) {
      types.push_back(part.getY().getType());
      rows += part.getY().getType().getDimSize(1);
    }
    rewriter.setInsertionPoint(first);
    auto activation = first.getX().getType();
    Value whole = joinWeights(rewriter, append.getLoc(), weights);
    Value bias = joinWeights(rewriter, append.getLoc(), biases);
    Value all = llm::LinearOp::create(
        rewriter, append.getLoc(),
        RankedTensorType::get({activation.getDimSize(0), rows}, activation.getElementType()),
        first.getX(), whole, bias);
    auto split = llm::SplitOp::create(rewriter, append.getLoc(), types, all);
    for (auto [part, result] : llvm::zip_equal(parts, split.getParts()))
      rewriter.replaceOp(part, result);
    return success();
  }
};

struct FuseQkvPass : osscc::impl::FuseQkvPassBase<FuseQkvPass> {
  using FuseQkvPassBase::FuseQkvPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<FuseQkv>({"fuse-qkv"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
