// tile.dot and tile.lookup on ARM, in registers of four lanes. The value of `a` is a lane of a
// register, which the instruction takes as it is:
//
//   floats    fmla v0.4s, v8.4s, v1.s[2]
//
// Bytes: a lane sums four products of a weight and a signed code.
//
//   i8mm      usdot v0.4s, v8.16b, v1.4b[2]; the accumulator starts at -zero * sum. Several rows:
//             DotToMatrices.cpp
//   dotprod   sdot: of bytes with zero 128 the top bit is turned, which takes 128 away; those below
//             128 are numbers with a sign as they are, the accumulator starts at -zero * sum
//   NEON      smull, smlal: products of 16 bits, of which as many as fit are added; sadalp adds
//             pairs of them to lanes of 32 bits, two a row, which addp joins at the end
//
// Stage: target, ARM (tile.dot, tile.lookup -> math, vector, llvm intrinsics).
#include "targets/Passes.h"
#include "targets/arm/Dots.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_ARMLOWERDOTPASS
#include "targets/Passes.h.inc"

namespace arm {

Value callIntrinsic(OpBuilder &builder, Location loc, StringRef name, Type type, ValueRange args) {
  return LLVM::CallIntrinsicOp::create(builder, loc, type, builder.getStringAttr(name), args)
      .getResult(0);
}

Value selectLanes(OpBuilder &builder, Location loc, Value a, Value b, ArrayRef<int64_t> lanes) {
  return vector::ShuffleOp::create(builder, loc, a, b, lanes);
}

Value bytesOf(OpBuilder &builder, Location loc, Value words) {
  int64_t count = cast<VectorType>(words.getType()).getDimSize(0);
  auto type = VectorType::get({4 * count}, builder.getI8Type());
  return vector::BitCastOp::create(builder, loc, type, words);
}

} // namespace arm

namespace {

/// Value `k` of row `row` of `a`, in every lane of a register.
Value laneOf(cpu::DotBlocks &dot, int64_t row, int64_t k) {
  Value values = dot.extract(dot.op.getA(), {row});
  return arm::selectLanes(dot.rewriter, dot.loc, values, values, {k, k, k, k});
}

/// Bytes of `b` as numbers with a sign: less 128 where that is what is taken away, as they are
/// where they are below 128.
Value withSign(cpu::DotBlocks &dot, Value b) {
  if (dot.op.getZero() != tile::kOffset)
    return b;
  return arith::XOrIOp::create(dot.rewriter, dot.loc, b, dot.splat(b.getType(), -128));
}

/// How an accumulator of bytes with a sign begins.
Value startOf(cpu::DotBlocks &dot, int64_t m, Value acc) {
  return dot.op.getZero() == tile::kOffset ? acc : dot.startBelow(m, acc);
}

/// Whether a dot is one of registers of four lanes, of bytes or of floats.
bool isOfRegisters(tile::DotOp op, bool bytes) {
  return static_cast<bool>(op.getOffsets()) == bytes &&
         op.getAcc().getType().getDimSize(2) == arm::kLanes;
}

struct DotF32 : OpRewritePattern<tile::DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::DotOp op, PatternRewriter &rewriter) const override {
    if (!isOfRegisters(op, /*bytes=*/false))
      return rewriter.notifyMatchFailure(op, "is not a dot of registers of floats");
    cpu::DotBlocks dot{rewriter, op};
    SmallVector<Value> sums = dot.begin([](int64_t, Value acc) { return acc; });
    for (int64_t k = 0; k < dot.depth(); ++k)
      for (int64_t m = 0; m < dot.rows(); ++m) {
        Value a = laneOf(dot, m, k);
        for (int64_t c = 0; c < dot.chunks(); ++c) {
          Value &sum = sums[m * dot.chunks() + c];
          sum = math::FmaOp::create(rewriter, dot.loc, a, dot.extract(op.getB(), {k, c}), sum);
        }
      }
    dot.finish(sums);
    return success();
  }
};

/// sdot, or usdot where there is one.
struct DotOfWords : OpRewritePattern<tile::DotOp> {
  bool unsignedWeights;

  DotOfWords(MLIRContext *context, bool unsignedWeights)
      : OpRewritePattern(context), unsignedWeights(unsignedWeights) {}

  LogicalResult matchAndRewrite(tile::DotOp op, PatternRewriter &rewriter) const override {
    if (!isOfRegisters(op, /*bytes=*/true))
      return rewriter.notifyMatchFailure(op, "is not a dot of registers of bytes");
    cpu::DotBlocks dot{rewriter, op};
    StringRef name = unsignedWeights ? "llvm.aarch64.neon.usdot.v4i32.v16i8"
                                     : "llvm.aarch64.neon.sdot.v4i32.v16i8";
    SmallVector<Value> sums = dot.begin([&](int64_t m, Value acc) {
      return unsignedWeights ? dot.startBelow(m, acc) : startOf(dot, m, acc);
    });
    for (int64_t number = 0; number < dot.depth(); ++number) { // a weight is loaded once
      int64_t k = dot.channelOf(number);
      for (int64_t c = 0; c < dot.chunks(); ++c) {
        Value b = dot.extract(op.getB(), {k, c});
        b = unsignedWeights ? b : withSign(dot, b);
        for (int64_t row = 0; row < dot.rows() * dot.planes(); ++row) {
          Value codes = arm::bytesOf(rewriter, dot.loc, laneOf(dot, row, k));
          Value &sum = sums[row * dot.chunks() + c];
          sum = arm::callIntrinsic(rewriter, dot.loc, name, sum.getType(), {sum, b, codes});
        }
      }
    }
    dot.finish(sums);
    return success();
  }
};

/// Products of 16 bits. A register of weights has two of products; a row's sum is two lanes of 32
/// bits until the end.
struct DotByWidening : OpRewritePattern<tile::DotOp> {
  using OpRewritePattern::OpRewritePattern;

  /// How many products of a weight with a code in +-127 fit 16 bits.
  static int64_t productsTogether(tile::DotOp op) {
    if (op.getZero() == tile::kOffset)
      return 32767 / (128 * 127);
    return op.getBits() == 0 ? 1 : 32767 / (127 * ((1 << op.getBits()) - 1));
  }

  /// The products of 16 bytes each.
  static Value multiply(cpu::DotBlocks &dot, Value a, Value b) {
    auto wide = VectorType::get({4 * arm::kLanes}, dot.rewriter.getI16Type());
    return arith::MulIOp::create(dot.rewriter, dot.loc,
                                 arith::ExtSIOp::create(dot.rewriter, dot.loc, wide, b),
                                 arith::ExtSIOp::create(dot.rewriter, dot.loc, wide, a));
  }

  /// Lanes [from, from + 8) of products, their pairs added.
  static Value pairsOf(cpu::DotBlocks &dot, Value products, int64_t from) {
    Value half = vector::ExtractStridedSliceOp::create(dot.rewriter, dot.loc, products,
                                                       ArrayRef<int64_t>{from},
                                                       ArrayRef<int64_t>{8}, ArrayRef<int64_t>{1});
    auto words = VectorType::get({arm::kLanes}, dot.rewriter.getI32Type());
    return arm::callIntrinsic(dot.rewriter, dot.loc, "llvm.aarch64.neon.saddlp.v4i32.v8i16", words,
                              half);
  }

  /// The sums of row `row` and chunk `c`, onto `acc`.
  static Value sumOf(cpu::DotBlocks &dot, int64_t row, int64_t c, Value acc) {
    PatternRewriter &rewriter = dot.rewriter;
    int64_t together = productsTogether(dot.op);
    Value products, pairs[2];
    for (int64_t number = 0; number < dot.depth(); ++number) {
      int64_t k = dot.channelOf(number);
      Value codes = arm::bytesOf(rewriter, dot.loc, laneOf(dot, row, k));
      Value product = multiply(dot, codes, withSign(dot, dot.extract(dot.op.getB(), {k, c})));
      products = products ? arith::AddIOp::create(rewriter, dot.loc, products, product) : product;
      if ((number + 1) % together != 0 && number + 1 != dot.depth())
        continue;
      for (int64_t half = 0; half < 2; ++half) {
        Value sum = pairsOf(dot, products, 8 * half);
        pairs[half] = pairs[half]
                          ? arith::AddIOp::create(rewriter, dot.loc, pairs[half], sum).getResult()
                          : sum;
      }
      products = Value();
    }
    Value sums = arm::callIntrinsic(rewriter, dot.loc, "llvm.aarch64.neon.addp.v4i32",
                                    acc.getType(), {pairs[0], pairs[1]});
    return arith::AddIOp::create(rewriter, dot.loc, acc, sums);
  }

  LogicalResult matchAndRewrite(tile::DotOp op, PatternRewriter &rewriter) const override {
    if (!isOfRegisters(op, /*bytes=*/true))
      return rewriter.notifyMatchFailure(op, "is not a dot of registers of bytes");
    cpu::DotBlocks dot{rewriter, op};
    SmallVector<Value> sums = dot.begin([&](int64_t m, Value acc) { return startOf(dot, m, acc); });
    for (int64_t c = 0; c < dot.chunks(); ++c)
      for (int64_t row = 0; row < dot.rows() * dot.planes(); ++row) {
        Value &sum = sums[row * dot.chunks() + c];
        sum = sumOf(dot, row, c, sum);
      }
    dot.finish(sums);
    return success();
  }
};

struct LookupTable : OpRewritePattern<tile::LookupOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::LookupOp op, PatternRewriter &rewriter) const override {
    constexpr int64_t kBytes = 4 * arm::kLanes;
    VectorType type = op.getCodes().getType();
    int64_t bytes = type.getDimSize(0);
    if (bytes % kBytes != 0)
      return rewriter.notifyMatchFailure(op, "is no whole number of registers");
    Location loc = op.getLoc();
    auto part = VectorType::get({kBytes}, type.getElementType());
    Value table =
        arith::ConstantOp::create(rewriter, loc, DenseElementsAttr::get(part, op.getTable()));
    auto lookUp = [&](Value codes) {
      return arm::callIntrinsic(rewriter, loc, "llvm.aarch64.neon.tbl1.v16i8", part,
                                {table, codes});
    };
    if (bytes == kBytes) {
      rewriter.replaceOp(op, lookUp(op.getCodes()));
      return success();
    }
    Value all = arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(type));
    for (int64_t first = 0; first < bytes; first += kBytes) {
      Value codes = vector::ExtractStridedSliceOp::create(rewriter, loc, op.getCodes(), first,
                                                          kBytes, int64_t(1));
      all = vector::InsertStridedSliceOp::create(rewriter, loc, lookUp(codes), all, first,
                                                 int64_t(1));
    }
    rewriter.replaceOp(op, all);
    return success();
  }
};

struct ArmLowerDotPass : osscc::impl::ArmLowerDotPassBase<ArmLowerDotPass> {
  using ArmLowerDotPassBase::ArmLowerDotPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<DotF32>({"arm-dot-f32"}, &getContext());
    if (dotprod || i8mm)
      patterns.addWithLabel<DotOfWords>({"arm-dot-words"}, &getContext(), i8mm.getValue());
    else
      patterns.addWithLabel<DotByWidening>({"arm-dot-widening"}, &getContext());
    if (i8mm)
      arm::populateDotToMatrices(patterns);
    patterns.addWithLabel<LookupTable>({"arm-lookup"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
