// The one tanh of every kernel and every machine (docs/design/numerics.md), from the one exp:
//
//   |x| < 0.625    x + x^3 P(x^2), P of degree 4
//   else           1 - 2 / (exp(2 |x|) + 1), with the sign of x
//
// The relative error is below 1.5e-7 everywhere. From where exp is infinite on the result is 1. NaN
// stays NaN. The coefficients are those of Cephes tanhf.
#include "targets/cpu/Emitter.h"
#include "targets/cpu/Populate.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

struct ExpandTanh : OpRewritePattern<math::TanhOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::TanhOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "is not f32");
    Emitter emit{rewriter, loc};
    auto real = [&](double value) { return emit.real(value, type); };
    Value x = op.getOperand(), size = math::AbsFOp::create(rewriter, loc, x);

    Value square = emit.mul(x, x), p = real(-5.70498872745e-3);
    for (double coefficient :
         {2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1})
      p = emit.fma(p, square, real(coefficient));
    Value near = emit.fma(emit.mul(p, square), size, size);

    Value power = math::ExpOp::create(rewriter, loc, emit.add(size, size));
    Value far = emit.sub(real(1), emit.div(real(2), emit.add(power, real(1))));

    Value isNear =
        arith::CmpFOp::create(rewriter, loc, arith::CmpFPredicate::OLT, size, real(0.625));
    Value result = arith::SelectOp::create(rewriter, loc, isNear, near, far);
    rewriter.replaceOpWithNewOp<math::CopySignOp>(op, result, x);
    return success();
  }
};

} // namespace

void populateTanh(RewritePatternSet &patterns) {
  patterns.addWithLabel<ExpandTanh>({"tanh"}, patterns.getContext());
}

} // namespace osscc::cpu
