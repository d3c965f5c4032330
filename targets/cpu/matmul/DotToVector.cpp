// What an instruction set does not do itself, on plain vectors: the dots and lookups that no target
// pass has lowered, fused multiply-adds of a CPU without them, and halves of one that cannot
// convert them.
//
//   dot of words and bytes   byte i of every word: widen both, multiply, add
//   lookup                   a select an entry
//   fma                      multiply, then add: two roundings
//   f16 to f32               by its bits: (h & 0x7fff) << 13 is h * 2^-112
//   f32 to f16               by its bits: rounded to the nearest, ties to even
//
// Stage: target, any CPU (tile.dot, tile.lookup, math.fma, arith.extf, arith.truncf -> vector,
// arith).
#include "targets/Passes.h"
#include "targets/cpu/Constants.h"
#include "targets/cpu/matmul/DotBlocks.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <cmath>

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_DOTTOVECTORPASS
#include "targets/Passes.h.inc"

namespace {

Value constantOf(OpBuilder &builder, Location loc, Type type, int64_t value) {
  return cpu::constantInteger(builder, loc, value, type);
}

struct PlainDotF32 : OpRewritePattern<tile::DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::DotOp op, PatternRewriter &rewriter) const override {
    if (op.getOffsets())
      return rewriter.notifyMatchFailure(op, "multiplies integers");
    Location loc = op.getLoc();
    cpu::DotBlocks{rewriter, op}.expand([](int64_t, Value acc) { return acc; },
                                        [&](Value a, Value b, Value acc) -> Value {
                                          Value lanes = vector::BroadcastOp::create(rewriter, loc,
                                                                                    b.getType(), a);
                                          return math::FmaOp::create(rewriter, loc, lanes, b, acc);
                                        });
    return success();
  }
};

struct PlainDotBytes : OpRewritePattern<tile::DotOp> {
  using OpRewritePattern::OpRewritePattern;

  /// acc + the products of a word's four signed codes with the bytes of every lane.
  static Value multiplyWord(OpBuilder &builder, Location loc, Value word, Value bytes, Value acc) {
    auto lanes = cast<VectorType>(acc.getType());
    Type i32 = builder.getI32Type();
    // A lane's four bytes as one little-endian word.
    Value words = vector::BitCastOp::create(builder, loc, lanes, bytes);
    for (int64_t i = 0; i < 4; ++i) {
      Value left =
          arith::ShLIOp::create(builder, loc, word, constantOf(builder, loc, i32, 24 - 8 * i));
      Value code = arith::ShRSIOp::create(builder, loc, left, constantOf(builder, loc, i32, 24));
      Value shifted =
          arith::ShRUIOp::create(builder, loc, words, constantOf(builder, loc, lanes, 8 * i));
      Value weight =
          arith::AndIOp::create(builder, loc, shifted, constantOf(builder, loc, lanes, 255));
      Value codes = vector::BroadcastOp::create(builder, loc, lanes, code);
      acc = arith::AddIOp::create(builder, loc, acc,
                                  arith::MulIOp::create(builder, loc, codes, weight));
    }
    return acc;
  }

  LogicalResult matchAndRewrite(tile::DotOp op, PatternRewriter &rewriter) const override {
    if (!op.getOffsets())
      return rewriter.notifyMatchFailure(op, "multiplies floats");
    Location loc = op.getLoc();
    cpu::DotBlocks dot{rewriter, op};
    dot.expand([&](int64_t m, Value acc) { return dot.startBelow(m, acc); },
               [&](Value a, Value b, Value acc) { return multiplyWord(rewriter, loc, a, b, acc); });
    return success();
  }
};

struct PlainLookup : OpRewritePattern<tile::LookupOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::LookupOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Type type = op.getCodes().getType();
    Value result = constantOf(rewriter, loc, type, op.getTable()[0]);
    for (int64_t i = 1; i < 16; ++i) {
      Value is = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::eq, op.getCodes(),
                                       constantOf(rewriter, loc, type, i));
      result = arith::SelectOp::create(rewriter, loc, is,
                                       constantOf(rewriter, loc, type, op.getTable()[i]), result);
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct SplitFma : OpRewritePattern<math::FmaOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::FmaOp op, PatternRewriter &rewriter) const override {
    Value product = arith::MulFOp::create(rewriter, op.getLoc(), op.getA(), op.getB());
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, product, op.getC());
    return success();
  }
};

/// Exact for every finite half; infinities and NaNs become 2^16 and above, as no checkpoint has
/// them.
struct WidenHalf : OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::ExtFOp op, PatternRewriter &rewriter) const override {
    Type from = op.getIn().getType(), to = op.getType();
    if (!getElementTypeOrSelf(from).isF16() || !getElementTypeOrSelf(to).isF32())
      return rewriter.notifyMatchFailure(op, "does not widen halves to f32");
    Location loc = op.getLoc();
    auto like = [&](Type type, Type element) -> Type {
      auto shaped = dyn_cast<ShapedType>(type);
      return shaped ? Type(shaped.clone(element)) : element;
    };
    Type narrow = like(from, rewriter.getI16Type()), wide = like(from, rewriter.getI32Type());
    Value bits = arith::ExtUIOp::create(
        rewriter, loc, wide, arith::BitcastOp::create(rewriter, loc, narrow, op.getIn()));
    auto constant = [&](int64_t value) { return constantOf(rewriter, loc, wide, value); };
    Value magnitude = arith::ShLIOp::create(
        rewriter, loc, arith::AndIOp::create(rewriter, loc, bits, constant(0x7fff)), constant(13));
    Value sign = arith::ShLIOp::create(
        rewriter, loc, arith::AndIOp::create(rewriter, loc, bits, constant(0x8000)), constant(16));
    Value scaled =
        arith::MulFOp::create(rewriter, loc, arith::BitcastOp::create(rewriter, loc, to, magnitude),
                              cpu::constantF32(rewriter, loc, std::ldexp(1.0, 112), to));
    Value result = arith::OrIOp::create(
        rewriter, loc, arith::BitcastOp::create(rewriter, loc, wide, scaled), sign);
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, to, result);
    return success();
  }
};

/// Exact rounding of what lies in +-65504; the kernels store nothing else.
struct NarrowHalf : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::TruncFOp op, PatternRewriter &rewriter) const override {
    Type from = op.getIn().getType(), to = op.getType();
    if (!getElementTypeOrSelf(from).isF32() || !getElementTypeOrSelf(to).isF16())
      return rewriter.notifyMatchFailure(op, "does not narrow f32 to halves");
    Location loc = op.getLoc();
    auto like = [&](Type element) -> Type {
      auto shaped = dyn_cast<ShapedType>(from);
      return shaped ? Type(shaped.clone(element)) : element;
    };
    Type wide = like(rewriter.getI32Type());
    auto constant = [&](int64_t value) { return constantOf(rewriter, loc, wide, value); };
    auto add = [&](Value a, Value b) -> Value {
      return arith::AddIOp::create(rewriter, loc, a, b);
    };
    auto bitsOf = [&](Value value) -> Value {
      return arith::BitcastOp::create(rewriter, loc, wide, value);
    };
    Value bits = bitsOf(op.getIn());
    Value magnitude = arith::AndIOp::create(rewriter, loc, bits, constant(0x7fffffff));
    // Normal: the exponent's bias changes by 112, and half of the last bit that stays is added.
    Value last = arith::AndIOp::create(
        rewriter, loc, arith::ShRUIOp::create(rewriter, loc, magnitude, constant(13)), constant(1));
    Value rounded = add(add(magnitude, constant(0xfff - (112LL << 23))), last);
    Value normal = arith::ShRUIOp::create(rewriter, loc, rounded, constant(13));
    // Below 2^-14 a half counts in 2^-24, which is the last bit of an f32 from 0.5 on.
    Value half = cpu::constantF32(rewriter, loc, 0.5, from);
    Value shifted = arith::AddFOp::create(
        rewriter, loc, arith::BitcastOp::create(rewriter, loc, from, magnitude), half);
    Value small = arith::SubIOp::create(rewriter, loc, bitsOf(shifted), bitsOf(half));
    Value isSmall = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::ult, magnitude,
                                          constant(113LL << 23));
    Value sign = arith::AndIOp::create(
        rewriter, loc, arith::ShRUIOp::create(rewriter, loc, bits, constant(16)), constant(0x8000));
    Value all = arith::OrIOp::create(
        rewriter, loc, arith::SelectOp::create(rewriter, loc, isSmall, small, normal), sign);
    Value narrow = arith::TruncIOp::create(rewriter, loc, like(rewriter.getI16Type()), all);
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, to, narrow);
    return success();
  }
};

struct DotToVectorPass : osscc::impl::DotToVectorPassBase<DotToVectorPass> {
  using DotToVectorPassBase::DotToVectorPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<PlainDotF32>({"plain-dot-f32"}, &getContext());
    patterns.addWithLabel<PlainDotBytes>({"plain-dot-bytes"}, &getContext());
    patterns.addWithLabel<PlainLookup>({"plain-lookup"}, &getContext());
    patterns.addWithLabel<SplitFma>({"split-fma"}, &getContext());
    patterns.addWithLabel<WidenHalf>({"widen-half"}, &getContext());
    patterns.addWithLabel<NarrowHalf>({"narrow-half"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
