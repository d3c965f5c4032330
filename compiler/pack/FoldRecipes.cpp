// A join of weights in the graph becomes a step of a recipe: the joined matrix is stored, and no
// copy happens at run time.
//
//   %q = pack.get @q           pack.weight @"q+k" { slice, slice, concat, quantize, relayout }
//   %k = pack.get @k     ==>
//   llm.concat %q, %k          pack.get @"q+k"
//
// Weights that nobody reads any more are dropped. Stage: pack (llm + pack -> llm + pack).
#include "compiler/Passes.h"
#include "dialects/llm/Llm.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_FOLDRECIPESPASS
#include "compiler/Passes.h.inc"

namespace {

/// The rows that a recipe stores, before they are quantized and laid out.
Value sourceOf(pack::WeightOp weight) {
  Value value = cast<pack::YieldOp>(weight.getRecipe().front().back()).getValue();
  while (Operation *step = value.getDefiningOp()) {
    if (!isa<pack::QuantizeOp, pack::RelayoutOp>(step))
      break;
    value = step->getOperand(0);
  }
  return value;
}

/// The type of `rows` of which `part` has a few.
Type withShape(Type part, ArrayRef<int64_t> shape) {
  MLIRContext *context = part.getContext();
  if (auto source = dyn_cast<pack::SourceType>(part))
    return pack::SourceType::get(context, shape, source.getElement());
  auto block = cast<pack::BlockType>(part);
  return pack::BlockType::get(context, shape, block.getFormat(), block.getLayout());
}

/// Copies the steps that make `source` in front of the builder's place.
Value cloneSource(OpBuilder &builder, Value source) {
  Operation *step = source.getDefiningOp();
  IRMapping mapping;
  for (Value operand : step->getOperands())
    mapping.map(operand, cloneSource(builder, operand));
  return builder.clone(*step, mapping)->getResult(0);
}

struct FoldConcat : OpRewritePattern<llm::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(llm::ConcatOp join, PatternRewriter &rewriter) const override {
    auto block = dyn_cast<pack::BlockType>(join.getWhole().getType());
    if (!block)
      return rewriter.notifyMatchFailure(join, "no format chosen yet");
    SmallVector<pack::WeightOp> weights;
    std::string name;
    for (Value part : join.getParts()) {
      auto get = part.getDefiningOp<pack::GetOp>();
      if (!get)
        return rewriter.notifyMatchFailure(join, "a part is not a weight");
      auto weight = SymbolTable::lookupNearestSymbolFrom<pack::WeightOp>(get, get.getWeightAttr());
      if (!weight)
        return rewriter.notifyMatchFailure(join, "a part is not a weight of this module");
      weights.push_back(weight);
      name += (name.empty() ? "" : "+") + weight.getSymName().str();
    }

    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(weights.front());
    auto weight = pack::WeightOp::create(rewriter, join.getLoc(), name, block);
    Block *recipe = rewriter.createBlock(&weight.getRecipe());
    rewriter.setInsertionPointToEnd(recipe);
    SmallVector<Value> sources;
    for (pack::WeightOp part : weights)
      sources.push_back(cloneSource(rewriter, sourceOf(part)));
    Type whole = withShape(sources.front().getType(), block.getShape());
    auto rows =
        pack::BlockType::get(getContext(), block.getShape(), block.getFormat(), pack::Layout::Rows);
    Value value = pack::ConcatOp::create(rewriter, join.getLoc(), whole, sources);
    if (whole != rows)
      value = pack::QuantizeOp::create(rewriter, join.getLoc(), rows, value);
    if (block.getLayout() == pack::Layout::Tiles)
      value = pack::RelayoutOp::create(rewriter, join.getLoc(), block, value);
    pack::YieldOp::create(rewriter, join.getLoc(), value);

    rewriter.setInsertionPoint(join);
    rewriter.replaceOpWithNewOp<pack::GetOp>(join, block, name);
    return success();
  }
};

struct FoldRecipesPass : osscc::impl::FoldRecipesPassBase<FoldRecipesPass> {
  using FoldRecipesPassBase::FoldRecipesPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<FoldConcat>({"fold-concat"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      return signalPassFailure();
    llvm::StringSet<> read;
    getOperation().walk([&](pack::GetOp get) { read.insert(get.getWeight()); });
    for (auto weight : llvm::make_early_inc_range(getOperation().getOps<pack::WeightOp>()))
      if (!read.contains(weight.getSymName()))
        weight.erase();
  }
};

} // namespace
} // namespace osscc
