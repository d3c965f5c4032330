// accumulate: the integer sums of one group of codes become f32, take the group's scales and join
// the accumulators. The order of roundings is part of the numerics (docs/design/numerics.md):
//
//   acc = fma(f32(dots), round(weight scale * row scale), acc), then fma(minimum, row sum, acc)
#include "targets/cpu/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

struct LowerAccumulate : OpRewritePattern<tile::AccumulateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tile::AccumulateOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    VectorType type = op.getAcc().getType();
    int64_t rows = type.getDimSize(0);
    auto lanes = VectorType::get({type.getDimSize(2)}, rewriter.getF32Type());
    auto extract = [&](Value from, ArrayRef<int64_t> at) -> Value {
      return vector::ExtractOp::create(rewriter, loc, from, at);
    };
    auto ofRow = [&](int64_t m, int64_t word) -> Value {
      Value bits = extract(op.getRecord(), {m, word});
      Value number = arith::BitcastOp::create(rewriter, loc, rewriter.getF32Type(), bits);
      return vector::BroadcastOp::create(rewriter, loc, lanes, number);
    };
    Value result = constantF32(rewriter, loc, 0, type);
    for (int64_t m = 0; m < rows; ++m) {
      Value scale = ofRow(m, 0), sum = op.getMinimums() ? ofRow(m, 1) : Value();
      for (int64_t c = 0; c < type.getDimSize(1); ++c) {
        Value number = arith::SIToFPOp::create(rewriter, loc, lanes, extract(op.getDots(), {m, c}));
        Value factor = arith::MulFOp::create(rewriter, loc, extract(op.getScales(), {c}), scale);
        Value acc =
            math::FmaOp::create(rewriter, loc, number, factor, extract(op.getAcc(), {m, c}));
        if (op.getMinimums())
          acc = math::FmaOp::create(rewriter, loc, extract(op.getMinimums(), {c}), sum, acc);
        result = vector::InsertOp::create(rewriter, loc, acc, result, ArrayRef<int64_t>{m, c});
      }
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

} // namespace

void populateAccumulate(RewritePatternSet &patterns) {
  patterns.addWithLabel<LowerAccumulate>({"accumulate"}, patterns.getContext());
}

} // namespace osscc::cpu
