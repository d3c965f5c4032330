// The one log(1 + x) of every kernel and every machine (docs/design/numerics.md):
//
//   x < sqrt(2) - 1    x - x^2 / 2 + x^3 P(x), P of degree 8
//   else               the same of m - 1, plus e ln 2 in two steps, where 1 + x = 2^e m and m is
//                      from sqrt(1/2) to sqrt(2)
//
// The relative error is below 2e-7 for x from 0 on, which is all that is asked of it. NaN stays
// NaN, infinity stays itself. The coefficients are those of Cephes logf.
#include "targets/cpu/Emitter.h"
#include "targets/cpu/Populate.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

struct ExpandLog1p : OpRewritePattern<math::Log1pOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::Log1pOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "is not f32");
    Emitter emit{rewriter, loc};
    auto real = [&](double value) { return emit.real(value, type); };
    Type integer = rewriter.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      integer = vector.clone(integer);
    auto word = [&](int32_t value) { return constantInteger(rewriter, loc, value, integer); };
    Value x = op.getOperand();

    // 1 + x = 2^e m: the bits of sqrt(1/2) are taken from those of the sum, so that e counts from
    // there on.
    constexpr int32_t kRootOfHalf = 0x3F3504F3, kMantissa = 0x007FFFFF;
    Value sum = emit.add(x, real(1));
    Value bits = arith::BitcastOp::create(rewriter, loc, integer, sum);
    Value above = emit.sub(bits, word(kRootOfHalf));
    Value exponent = arith::ShRSIOp::create(rewriter, loc, above, word(23));
    Value mantissa =
        emit.add(arith::AndIOp::create(rewriter, loc, above, word(kMantissa)), word(kRootOfHalf));
    Value reduced = emit.sub(arith::BitcastOp::create(rewriter, loc, type, mantissa), real(1));
    Value isSmall = arith::CmpFOp::create(rewriter, loc, arith::CmpFPredicate::OLT, x,
                                          real(0.41421356237309504880));
    Value m = arith::SelectOp::create(rewriter, loc, isSmall, x, reduced);
    Value e = arith::SelectOp::create(rewriter, loc, isSmall, real(0),
                                      arith::SIToFPOp::create(rewriter, loc, type, exponent));

    Value p = real(7.0376836292e-2);
    for (double coefficient :
         {-1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
          2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1})
      p = emit.fma(p, m, real(coefficient));
    Value square = emit.mul(m, m);
    Value tail = emit.mul(emit.mul(p, m), square);
    tail = emit.fma(e, real(-2.12194440e-4), tail);
    tail = emit.fma(square, real(-0.5), tail);
    Value result = emit.fma(e, real(0.693359375), emit.add(m, tail));

    Value infinity = real(std::numeric_limits<double>::infinity());
    Value isFinite = arith::CmpFOp::create(rewriter, loc, arith::CmpFPredicate::OLT, x, infinity);
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, isFinite, result, x);
    return success();
  }
};

} // namespace

void populateLog1p(RewritePatternSet &patterns) {
  patterns.addWithLabel<ExpandLog1p>({"log1p"}, patterns.getContext());
}

} // namespace osscc::cpu
