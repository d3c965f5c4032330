// tile.load of words that follow each other: NEON multiplies by a lane of a register, so a row's
// values are loaded four at a time, where tile-to-vector loads a scalar each for a broadcast.
//
//   ldp q0, q1, [x0]        fmla v4.4s, v8.4s, v0.s[2]
//
// Stage: target, ARM (tile.load -> vector, arith).
#include "targets/Passes.h"
#include "targets/cpu/Emitter.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_ARMLOADROWSPASS
#include "targets/Passes.h.inc"

namespace {

constexpr int64_t kLanes = 4;

struct LoadRows : OpRewritePattern<tile::LoadOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::LoadOp op, PatternRewriter &rewriter) const override {
    VectorType type = op.getBlock().getType();
    int64_t width = type.getDimSize(1), planes = static_cast<int64_t>(op.getPlanes());
    if (width % kLanes != 0)
      return rewriter.notifyMatchFailure(op, "does not fill registers");
    cpu::Emitter emit{rewriter, op.getLoc()};
    Value block = arith::ConstantOp::create(rewriter, emit.loc, rewriter.getZeroAttr(type));
    for (int64_t i = 0; i < type.getDimSize(0); ++i) {
      Value row = op.getRow();
      if (i >= planes)
        row = emit.smaller(emit.add(row, i / planes), op.getLast());
      Value column = emit.add(op.getK(), i % planes * width);
      Value words =
          emit.load(emit.vectorOf(width, type.getElementType()), op.getX(), {row, column});
      block = emit.insert(words, block, {i});
    }
    rewriter.replaceOp(op, block);
    return success();
  }
};

struct ArmLoadRowsPass : osscc::impl::ArmLoadRowsPassBase<ArmLoadRowsPass> {
  using ArmLoadRowsPassBase::ArmLoadRowsPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<LoadRows>({"load-rows"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
