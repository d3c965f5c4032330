// accumulate: the integer sums of one group of codes become f32, take the group's scales and join
// the accumulators. The order of roundings is part of the numerics (docs/design/numerics.md):
//
//   acc = fma(f32(dots), round(weight scale * row scale), acc), then fma(minimum, row sum, acc)
#include "targets/cpu/Emitter.h"
#include "targets/cpu/Populate.h"

#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

struct LowerAccumulate : OpRewritePattern<tile::AccumulateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tile::AccumulateOp op, PatternRewriter &rewriter) const override {
    Emitter emit{rewriter, op.getLoc()};
    VectorType type = op.getAcc().getType();
    VectorType lanes = emit.floats(type.getDimSize(2));
    auto ofRow = [&](int64_t m, int64_t word) -> Value {
      Value bits = emit.extract(op.getRecord(), {m, word});
      return emit.splat(arith::BitcastOp::create(rewriter, emit.loc, rewriter.getF32Type(), bits),
                        lanes);
    };
    Value result = emit.real(0, type);
    for (int64_t m = 0; m < type.getDimSize(0); ++m) {
      Value scale = ofRow(m, 0), sum = op.getMinimums() ? ofRow(m, 1) : Value();
      for (int64_t c = 0; c < type.getDimSize(1); ++c) {
        Value dots = emit.extract(op.getDots(), {m, c});
        Value number = arith::SIToFPOp::create(rewriter, emit.loc, lanes, dots);
        Value factor = emit.mul(emit.extract(op.getScales(), {c}), scale);
        Value acc = emit.fma(number, factor, emit.extract(op.getAcc(), {m, c}));
        if (op.getMinimums())
          acc = emit.fma(emit.extract(op.getMinimums(), {c}), sum, acc);
        result = emit.insert(acc, result, {m, c});
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
