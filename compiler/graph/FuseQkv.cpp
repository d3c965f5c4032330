// Query, key and value projections of one attention read the same rows. Done apart, each streams x
// from memory again and meets at its own barrier; one wider linear reads it once:
//
//   x ─ linear(q) ─ ...             x ─ linear(q ++ k ++ v) ─ split ┬ ...
//   x ─ linear(k) ─ ...     ==>                                     ├ ...
//   x ─ linear(v) ─ ...                                             └ ...
//
// Biases are joined likewise. Where only two of the three are stored alike, those two are joined.
// The gate of what attention gives is joined to them; so are all projections of the rows that a
// delta net mixes. Stage: graph (llm -> llm). Leaves projections with different inputs untouched.
#include "compiler/Passes.h"
#include "compiler/graph/JoinWeights.h"
#include "dialects/llm/Recurrence.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_FUSEQKVPASS
#include "compiler/Passes.h.inc"

namespace {

/// The projection behind a value, seen through its rotation and its norm, in any order.
llm::LinearOp projectionOf(Value value) {
  while (true) {
    if (auto rope = value.getDefiningOp<llm::RopeOp>())
      value = rope.getX();
    else if (auto norm = value.getDefiningOp<llm::RmsNormOp>())
      value = norm.getX();
    else if (auto layerNorm = value.getDefiningOp<llm::LayerNormOp>())
      value = layerNorm.getX();
    else
      return value.getDefiningOp<llm::LinearOp>();
  }
}

/// The attention of the same layer that reads what `append` wrote.
llm::AttentionOp attentionOf(llm::KvAppendOp append) {
  for (Operation *user : append.getCache().getUsers())
    if (auto attention = dyn_cast<llm::AttentionOp>(user))
      if (attention.getLayer() == append.getLayer())
        return attention;
  return {};
}

/// The projection that gates what attention gives, or null.
llm::LinearOp gateOf(llm::AttentionOp attention) {
  for (Operation *user : attention.getY().getUsers())
    if (auto gate = dyn_cast<llm::GateOp>(user); gate && gate.getX() == attention.getY())
      return gate.getGate().getDefiningOp<llm::LinearOp>();
  return {};
}

using Projections = SmallVector<llm::LinearOp, 3>;

SmallVector<Value> weightsOf(ArrayRef<llm::LinearOp> parts) {
  return llvm::map_to_vector(parts, [](llm::LinearOp part) -> Value { return part.getWeight(); });
}
SmallVector<Value> biasesOf(ArrayRef<llm::LinearOp> parts) {
  return llvm::map_to_vector(parts, [](llm::LinearOp part) -> Value { return part.getBias(); });
}

/// Whether one matmul can take the place of all of them, none of which is null.
bool canFuse(ArrayRef<llm::LinearOp> parts) {
  llm::LinearOp first = parts.front();
  return llvm::all_of(parts, [&](llm::LinearOp part) { return part.getX() == first.getX(); }) &&
         canJoin(weightsOf(parts)) && canJoin(biasesOf(parts));
}

/// All three, or the two of them that are stored alike: files in blocks often keep v in more bits.
/// None: empty. Where one projection serves as k and as v, there are only two.
Projections alikeOf(ArrayRef<llm::LinearOp> all) {
  if (all[1] == all[2]) {
    Projections two{all[0], all[1]};
    return two[0] && two[1] && canFuse(two) ? two : Projections();
  }
  for (const Projections &parts : {Projections(all), Projections{all[0], all[1]},
                                   Projections{all[0], all[2]}, Projections{all[1], all[2]}})
    if (llvm::all_of(parts, [](llm::LinearOp part) { return bool(part); }) && canFuse(parts))
      return parts;
  return {};
}

/// Puts one matmul and the split of its channels in the place of `parts`.
void fuse(ArrayRef<llm::LinearOp> parts, Location loc, PatternRewriter &rewriter) {
  llm::LinearOp first = parts.front();
  for (llm::LinearOp part : parts)
    if (part->isBeforeInBlock(first))
      first = part;
  SmallVector<Value> weights = weightsOf(parts), biases = biasesOf(parts);
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
  Value whole = joinWeights(rewriter, loc, weights);
  Value bias = joinWeights(rewriter, loc, biases);
  Value all = llm::LinearOp::create(
      rewriter, loc,
      RankedTensorType::get({activation.getDimSize(0), rows}, activation.getElementType()),
      first.getX(), whole, bias);
  auto split = llm::SplitOp::create(rewriter, loc, types, all);
  for (auto [part, result] : llvm::zip_equal(parts, split.getParts()))
    rewriter.replaceOp(part, result);
}

struct FuseQkv : OpRewritePattern<llm::KvAppendOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(llm::KvAppendOp append, PatternRewriter &rewriter) const override {
    llm::AttentionOp attention = attentionOf(append);
    if (!attention)
      return rewriter.notifyMatchFailure(append, "no attention reads this layer's cache");
    llm::LinearOp all[] = {projectionOf(attention.getQ()), projectionOf(append.getK()),
                           projectionOf(append.getV())};
    Projections parts = alikeOf(all);
    if (parts.empty())
      return rewriter.notifyMatchFailure(
          append, "no two of q, k and v are projections of one input that are stored alike");
    if (llm::LinearOp gate = gateOf(attention)) {
      Projections more = parts;
      more.push_back(gate);
      if (canFuse(more))
        parts = std::move(more);
    }
    fuse(parts, append.getLoc(), rewriter);
    return success();
  }
};

struct FuseMixer : OpRewritePattern<llm::ShortConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(llm::ShortConvOp conv, PatternRewriter &rewriter) const override {
    auto mixed = conv.getX().getDefiningOp<llm::LinearOp>();
    if (!mixed)
      return rewriter.notifyMatchFailure(conv, "convolves no projection");
    Projections parts = {mixed};
    for (Operation &op : *mixed->getBlock())
      if (auto other = dyn_cast<llm::LinearOp>(op);
          other && other != mixed && other.getX() == mixed.getX() && canFuse({mixed, other}))
        parts.push_back(other);
    if (parts.size() == 1)
      return rewriter.notifyMatchFailure(conv, "no other projection of its input is stored alike");
    fuse(parts, conv.getLoc(), rewriter);
    return success();
  }
};

struct FuseQkvPass : osscc::impl::FuseQkvPassBase<FuseQkvPass> {
  using FuseQkvPassBase::FuseQkvPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<FuseQkv>({"fuse-qkv"}, &getContext());
    patterns.addWithLabel<FuseMixer>({"fuse-mixer"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
