// tile.dot and tile.lookup on x86. Floats: fused multiply-adds of whole registers, 8 lanes with
// AVX2 and 16 with AVX-512. The scalar of `a` becomes a broadcast, which AVX-512 folds into the
// instruction:
//
//   vfmadd231ps zmm0, zmm8, dword ptr [rax + 4]{1to16}
//
// Bytes: a lane sums four products of an unsigned weight byte and a signed code.
//
//   VNNI    vpdpbusd zmm0, zmm8, dword ptr [rax]{1to16}; the accumulator starts at -zero * sum
//   AVX2    zero 128: |w - 128| times the code with the sign of w - 128, so that pairs fit 16 bits;
//           small codes: as they are, the accumulator starts at -zero * sum; as many pairs as fit
//           are added in 16 bits
//
// Stage: target, x86 (tile.dot, tile.lookup -> math, vector, llvm intrinsics).
#include "targets/Passes.h"
#include "targets/cpu/matmul/DotBlocks.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_X86LOWERDOTPASS
#include "targets/Passes.h.inc"

namespace {

struct DotF32 : OpRewritePattern<tile::DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::DotOp op, PatternRewriter &rewriter) const override {
    cpu::DotBlocks dot{rewriter, op};
    if (op.getOffsets())
      return rewriter.notifyMatchFailure(op, "multiplies integers");
    if (dot.lanes() != 8 && dot.lanes() != 16)
      return rewriter.notifyMatchFailure(op, "is not as wide as a register");
    dot.expand([](int64_t, Value acc) { return acc; },
               [&](Value a, Value b, Value acc) -> Value {
                 Value lanes = vector::BroadcastOp::create(rewriter, dot.loc, b.getType(), a);
                 return math::FmaOp::create(rewriter, dot.loc, lanes, b, acc);
               });
    return success();
  }
};

Value callIntrinsic(OpBuilder &builder, Location loc, StringRef name, Type type, ValueRange args) {
  return LLVM::CallIntrinsicOp::create(builder, loc, type, builder.getStringAttr(name), args)
      .getResult(0);
}

/// A word of four codes in every lane, as bytes.
Value broadcastWord(cpu::DotBlocks &dot, Value word, Type bytes) {
  auto words = VectorType::get({dot.lanes()}, dot.rewriter.getI32Type());
  Value lanes = vector::BroadcastOp::create(dot.rewriter, dot.loc, words, word);
  return vector::BitCastOp::create(dot.rewriter, dot.loc, bytes, lanes);
}

struct DotVnni : OpRewritePattern<tile::DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::DotOp op, PatternRewriter &rewriter) const override {
    cpu::DotBlocks dot{rewriter, op};
    if (!op.getOffsets() || (dot.lanes() != 8 && dot.lanes() != 16))
      return rewriter.notifyMatchFailure(op, "is not a dot of registers of bytes");
    StringRef name =
        dot.lanes() == 16 ? "llvm.x86.avx512.vpdpbusd.512" : "llvm.x86.avx512.vpdpbusd.256";
    dot.expand([&](int64_t m, Value acc) { return dot.startBelow(m, acc); },
               [&](Value a, Value b, Value acc) {
                 Value codes = broadcastWord(dot, a, b.getType());
                 return callIntrinsic(rewriter, dot.loc, name, acc.getType(), {acc, b, codes});
               });
    return success();
  }
};

struct DotAvx2 : OpRewritePattern<tile::DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::DotOp op, PatternRewriter &rewriter) const override {
    cpu::DotBlocks dot{rewriter, op};
    if (!op.getOffsets() || dot.lanes() != 8)
      return rewriter.notifyMatchFailure(op, "is not a dot of registers of 32 bytes");
    auto bytes = VectorType::get({32}, rewriter.getI8Type());
    auto halves = VectorType::get({16}, rewriter.getI16Type());
    Value ones = dot.splat(halves, 1);
    auto multiply = [&](Value codes, Value b) {
      return callIntrinsic(rewriter, dot.loc, "llvm.x86.avx2.pmadd.ub.sw", halves, {b, codes});
    };
    auto widen = [&](Value pairs, Value acc) -> Value {
      Value quads =
          callIntrinsic(rewriter, dot.loc, "llvm.x86.avx2.pmadd.wd", acc.getType(), {pairs, ones});
      return arith::AddIOp::create(rewriter, dot.loc, acc, quads);
    };
    if (op.getZero() == 128) {
      dot.expand(
          [](int64_t, Value acc) { return acc; },
          [&](Value a, Value b, Value acc) -> Value {
            Value codes = broadcastWord(dot, a, bytes);
            Value number = arith::XOrIOp::create(rewriter, dot.loc, b, dot.splat(bytes, -128));
            codes =
                callIntrinsic(rewriter, dot.loc, "llvm.x86.avx2.psign.b", bytes, {codes, number});
            b = LLVM::AbsOp::create(rewriter, dot.loc, bytes, number, /*is_int_min_poison=*/false);
            return widen(multiply(codes, b), acc);
          });
      return success();
    }
    auto multiplyWord = [&](Value a, Value b) { return multiply(broadcastWord(dot, a, bytes), b); };
    cpu::DotBlocks::Narrow step{pairsTogether(static_cast<int64_t>(op.getBits())), multiplyWord,
                                widen};
    dot.expand([&](int64_t m, Value acc) { return dot.startBelow(m, acc); }, step);
    return success();
  }

  /// How many sums of two products of codes of `bits` bits with codes in +-127 fit 16 bits.
  static int64_t pairsTogether(int64_t bits) {
    return bits == 0 ? 1 : 32767 / (2 * 127 * ((1 << bits) - 1));
  }
};

/// A shuffle inside each 16 bytes of a register, the table in each of them.
struct LookupShuffle : OpRewritePattern<tile::LookupOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::LookupOp op, PatternRewriter &rewriter) const override {
    VectorType type = op.getCodes().getType();
    int64_t bytes = type.getDimSize(0);
    if (bytes != 32 && bytes != 64)
      return rewriter.notifyMatchFailure(op, "is not as wide as a register");
    SmallVector<int8_t> entries;
    for (int64_t i = 0; i < bytes; ++i)
      entries.push_back(op.getTable()[i % 16]);
    Value table = arith::ConstantOp::create(
        rewriter, op.getLoc(), DenseElementsAttr::get(type, ArrayRef<int8_t>(entries)));
    StringRef name = bytes == 64 ? "llvm.x86.avx512.pshuf.b.512" : "llvm.x86.avx2.pshuf.b";
    rewriter.replaceOp(op,
                       callIntrinsic(rewriter, op.getLoc(), name, type, {table, op.getCodes()}));
    return success();
  }
};

struct X86LowerDotPass : osscc::impl::X86LowerDotPassBase<X86LowerDotPass> {
  using X86LowerDotPassBase::X86LowerDotPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<DotF32>({"dot-f32"}, &getContext());
    if (vnni)
      patterns.addWithLabel<DotVnni>({"dot-vnni"}, &getContext());
    else
      patterns.addWithLabel<DotAvx2>({"dot-avx2"}, &getContext());
    patterns.addWithLabel<LookupShuffle>({"lookup-shuffle"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
