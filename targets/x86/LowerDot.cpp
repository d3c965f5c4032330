// tile.dot on x86: fused multiply-adds of whole registers, 8 lanes with AVX2 and 16 with AVX-512.
// The scalar of `a` becomes a broadcast, which AVX-512 folds into the instruction:
//
//   vfmadd231ps zmm0, zmm8, dword ptr [rax + 4]{1to16}
//
// Stage: target, x86 (tile.dot -> math, vector).
#include "targets/Passes.h"
#include "targets/cpu/Kernels.h"

#include "dialects/abi/AbiDialect.h"
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
    Location loc = op.getLoc();
    VectorType type = op.getAcc().getType();
    int64_t depth = op.getB().getType().getDimSize(0), lanes = type.getDimSize(2);
    if (lanes != 8 && lanes != 16)
      return rewriter.notifyMatchFailure(op, "is not as wide as a register");
    auto registerType = VectorType::get({lanes}, rewriter.getF32Type());
    auto extract = [&](Value from, ArrayRef<int64_t> at) -> Value {
      return vector::ExtractOp::create(rewriter, loc, from, at);
    };

    SmallVector<SmallVector<Value>> sums;
    for (int64_t m = 0; m < type.getDimSize(0); ++m)
      for (sums.emplace_back(); static_cast<int64_t>(sums[m].size()) < type.getDimSize(1);)
        sums[m].push_back(extract(op.getAcc(), {m, static_cast<int64_t>(sums[m].size())}));
    for (int64_t k = 0; k < depth; ++k) // k outermost: each weight is in a register once
      for (int64_t m = 0; m < type.getDimSize(0); ++m) {
        Value a =
            vector::BroadcastOp::create(rewriter, loc, registerType, extract(op.getA(), {m, k}));
        for (int64_t c = 0; c < type.getDimSize(1); ++c)
          sums[m][c] =
              math::FmaOp::create(rewriter, loc, a, extract(op.getB(), {k, c}), sums[m][c]);
      }

    Value result = cpu::constantF32(rewriter, loc, 0, type);
    for (int64_t m = 0; m < type.getDimSize(0); ++m)
      for (int64_t c = 0; c < type.getDimSize(1); ++c)
        result =
            vector::InsertOp::create(rewriter, loc, sums[m][c], result, ArrayRef<int64_t>{m, c});
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct X86LowerDotPass : osscc::impl::X86LowerDotPassBase<X86LowerDotPass> {
  using X86LowerDotPassBase::X86LowerDotPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<DotF32>({"dot-f32"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
