// The one exp of every kernel and every machine (docs/design/numerics.md): no library is called,
// and all instruction sets give the same bits.
//
//   n = round(x / ln 2), r = x - n ln 2 in two steps
//   exp(x) = 2^n P(r), P of degree 6 on |r| <= ln 2 / 2
//
// The relative error is below 2e-7 from -87 to 88.37. Above, up to 88.72, the result is exp(88.37);
// beyond that it is infinity. Below -87 it is zero. NaN stays NaN. The coefficients are those of
// Cephes expf.
#include "targets/cpu/Constants.h"
#include "targets/cpu/Populate.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

struct ExpandExp : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ExpOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "is not f32");
    Type integer = rewriter.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      integer = vector.clone(integer);
    auto real = [&](double value) { return constantF32(rewriter, loc, value, type); };
    auto word = [&](int32_t value) -> Value {
      TypedAttr attr = rewriter.getI32IntegerAttr(value);
      if (auto vector = dyn_cast<VectorType>(integer))
        attr = DenseElementsAttr::get(vector, Attribute(attr));
      return arith::ConstantOp::create(rewriter, loc, attr);
    };
    auto fma = [&](Value a, Value b, Value c) -> Value {
      return math::FmaOp::create(rewriter, loc, a, b, c);
    };

    // Beyond these bounds the result is fixed below; within them 2^n is a normal number.
    Value x = op.getOperand();
    Value inside = arith::MaximumFOp::create(
        rewriter, loc, arith::MinimumFOp::create(rewriter, loc, x, real(88.37)), real(-87.0));
    Value n = math::RoundEvenOp::create(
        rewriter, loc, arith::MulFOp::create(rewriter, loc, inside, real(1.44269504088896341)));
    Value r = fma(n, real(-0.693359375), inside);
    r = fma(n, real(2.12194440e-4), r);
    Value p = real(1.9875691500e-4);
    for (double coefficient :
         {1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1})
      p = fma(p, r, real(coefficient));
    Value square = arith::MulFOp::create(rewriter, loc, r, r);
    p = arith::AddFOp::create(rewriter, loc, fma(p, square, r), real(1));

    Value exponent = arith::AddIOp::create(
        rewriter, loc, arith::FPToSIOp::create(rewriter, loc, integer, n), word(127));
    Value bits = arith::ShLIOp::create(rewriter, loc, exponent, word(23));
    Value power = arith::BitcastOp::create(rewriter, loc, type, bits);
    Value result = arith::MulFOp::create(rewriter, loc, p, power);
    auto choose = [&](arith::CmpFPredicate predicate, double bound, double value) {
      Value beyond = arith::CmpFOp::create(rewriter, loc, predicate, x, real(bound));
      result = arith::SelectOp::create(rewriter, loc, beyond, real(value), result);
    };
    choose(arith::CmpFPredicate::OLT, -87.0, 0);
    choose(arith::CmpFPredicate::OGT, 88.72, std::numeric_limits<double>::infinity());
    rewriter.replaceOp(op, result);
    return success();
  }
};

} // namespace

void populateExp(RewritePatternSet &patterns) {
  patterns.addWithLabel<ExpandExp>({"exp"}, patterns.getContext());
}

} // namespace osscc::cpu
