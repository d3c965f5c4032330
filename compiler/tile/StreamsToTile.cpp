// Streams, sparse gates and learned activations are maps; where they depend on what a row is as a
// whole, a kernel measures that first.
#include "compiler/tile/StreamsToTile.h"

#include "compiler/tile/CreateKernels.h"
#include "dialects/llm/Streams.h"
#include "dialects/tile/Moments.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace osscc {
namespace {

/// The mean and the variance of each row, [T, 1] each.
std::pair<Value, Value> measure(OpBuilder &builder, Location loc, Value x) {
  auto type = RankedTensorType::get({ShapedType::kDynamic, 2}, builder.getF32Type());
  Value out = emptyLike(builder, loc, x, type);
  Value both = tile::MomentsOp::create(builder, loc, TypeRange{type}, x, out).getResult()[0];
  return {sliceChannels(builder, loc, both, 0, 1), sliceChannels(builder, loc, both, 1, 1)};
}

Value constant(OpBuilder &builder, Location loc, FloatAttr value) {
  return arith::ConstantOp::create(builder, loc, value);
}

/// mean^2 + variance, the mean of the squares.
Value meanOfSquares(OpBuilder &builder, Location loc, Value mean, Value variance) {
  return math::FmaOp::create(builder, loc, mean, mean, variance);
}

struct Mix : OpRewritePattern<llm::MixOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::MixOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto parts = static_cast<int64_t>(op.getParts().size());
    SmallVector<Value> inputs(op.getParts());
    for (int64_t j = 0; j < parts; ++j)
      inputs.push_back(sliceChannels(rewriter, loc, op.getWeights(),
                                     static_cast<int64_t>(op.getFirst()) + j, 1));
    Value out = emptyLike(rewriter, loc, op.getParts().front(), op.getY().getType());
    auto body = [&](OpBuilder &builder, Location loc, ValueRange values) {
      Value sum = arith::MulFOp::create(builder, loc, values[parts], values[0]);
      for (int64_t j = 1; j < parts; ++j)
        sum = math::FmaOp::create(builder, loc, values[parts + j], values[j], sum);
      return sum;
    };
    rewriter.replaceOp(op, createMap(rewriter, loc, inputs, out, body));
    return success();
  }
};

struct Match : OpRewritePattern<llm::MatchOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::MatchOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto [mean, variance] = measure(rewriter, loc, op.getX());
    auto [wantedMean, wantedVariance] = measure(rewriter, loc, op.getTarget());
    Value inputs[] = {op.getX(), mean, variance, wantedMean, wantedVariance};
    Value out = emptyLike(rewriter, loc, op.getX(), op.getY().getType());
    auto body = [&](OpBuilder &builder, Location loc, ValueRange values) -> Value {
      Value found = meanOfSquares(builder, loc, values[1], values[2]);
      Value least = constant(builder, loc, op.getLeastAttr());
      Value isLess = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLT, found, least);
      found = arith::SelectOp::create(builder, loc, isLess, least, found);
      Value wanted = meanOfSquares(builder, loc, values[3], values[4]);
      Value quotient =
          arith::DivFOp::create(builder, loc, math::SqrtOp::create(builder, loc, wanted),
                                math::SqrtOp::create(builder, loc, found));
      return arith::MulFOp::create(builder, loc, values[0], quotient);
    };
    rewriter.replaceOp(op, createMap(rewriter, loc, inputs, out, body));
    return success();
  }
};

struct Cutoff : OpRewritePattern<llm::CutoffOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::CutoffOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto [mean, variance] = measure(rewriter, loc, op.getX());
    Value inputs[] = {op.getX(), mean, variance};
    Value out = emptyLike(rewriter, loc, op.getX(), op.getY().getType());
    auto body = [&](OpBuilder &builder, Location loc, ValueRange values) -> Value {
      Value deviation = math::SqrtOp::create(builder, loc, values[2]);
      Value least = math::FmaOp::create(
          builder, loc, constant(builder, loc, op.getDeviationsAttr()), deviation, values[1]);
      Value above = arith::SubFOp::create(builder, loc, values[0], least);
      Value zero = constant(builder, loc, builder.getF32FloatAttr(0));
      Value isLess = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLT, above, zero);
      return arith::SelectOp::create(builder, loc, isLess, zero, above);
    };
    rewriter.replaceOp(op, createMap(rewriter, loc, inputs, out, body));
    return success();
  }
};

/// log(1 + exp(value))
Value softplus(OpBuilder &builder, Location loc, Value value) {
  return math::Log1pOp::create(builder, loc, math::ExpOp::create(builder, loc, value));
}

struct Xielu : OpRewritePattern<llm::XieluOp> {
  using OpRewritePattern::OpRewritePattern;

  /// values: x, positive, negative, beta, eps
  static Value emit(OpBuilder &builder, Location loc, ValueRange values) {
    Value x = values[0], beta = values[3];
    Value above = arith::MulFOp::create(builder, loc, softplus(builder, loc, values[1]), x);
    above = arith::MulFOp::create(builder, loc, above, x);
    Value isMore = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, x, values[4]);
    Value least = arith::SelectOp::create(builder, loc, isMore, values[4], x);
    Value one = constant(builder, loc, builder.getF32FloatAttr(1));
    Value power =
        arith::SubFOp::create(builder, loc, math::ExpOp::create(builder, loc, least), one);
    Value slope = arith::AddFOp::create(builder, loc, beta, softplus(builder, loc, values[2]));
    Value below =
        arith::MulFOp::create(builder, loc, arith::SubFOp::create(builder, loc, power, x), slope);
    Value zero = constant(builder, loc, builder.getF32FloatAttr(0));
    Value isAbove = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, x, zero);
    Value curve = arith::SelectOp::create(builder, loc, isAbove, above, below);
    return math::FmaOp::create(builder, loc, beta, x, curve);
  }

  LogicalResult matchAndRewrite(llm::XieluOp op, PatternRewriter &rewriter) const override {
    Value inputs[] = {op.getX(), op.getPositive(), op.getNegative(), op.getBeta(), op.getEps()};
    Value out = emptyLike(rewriter, op.getLoc(), op.getX(), op.getY().getType());
    rewriter.replaceOp(op, createMap(rewriter, op.getLoc(), inputs, out, emit));
    return success();
  }
};

} // namespace

void populateStreamsToTile(RewritePatternSet &patterns) {
  patterns.addWithLabel<Mix>({"mix"}, patterns.getContext());
  patterns.addWithLabel<Match>({"match"}, patterns.getContext());
  patterns.addWithLabel<Cutoff>({"cutoff"}, patterns.getContext());
  patterns.addWithLabel<Xielu>({"xielu"}, patterns.getContext());
}

} // namespace osscc
