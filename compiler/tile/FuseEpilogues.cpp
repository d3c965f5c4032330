// An elementwise kernel after a matmul reads and writes rows that the matmul has just had in
// registers. Folded into the epilogue it costs nothing, and the barrier between the two goes:
//
//   residual    matmul(x, w) ─ map(_, old) on %hidden
//       ==>     matmul(x, w) on %hidden { yield f(acc, old) }
//
//   gated MLP   matmul(x, gate ++ up) ┬ half ┬ map(g, u)
//                                     └ half ┘
//       ==>     matmul(x, gate ++ up) in 2 parts { yield f(g, u) }
//
//   quantized   norm(x) ─ quantize_rows    ==>    norm(x) in planes
//
// Stage: tile (tile -> tile, on tensors).
#include "compiler/Passes.h"
#include "dialects/tile/Tile.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_FUSEEPILOGUESPASS
#include "compiler/Passes.h.inc"

namespace {

/// The matmul of one part whose accumulator is stored as it is, or null.
tile::MatmulOp plainMatmul(Value value) {
  auto matmul = value.getDefiningOp<tile::MatmulOp>();
  if (!matmul || matmul.getParts() != 1)
    return {};
  Block &epilogue = matmul.getEpilogue().front();
  bool plain = epilogue.getTerminator()->getOperand(0) == epilogue.getArgument(0);
  return plain ? matmul : tile::MatmulOp();
}

/// Replaces `map` by a matmul of `parts` parts whose epilogue is the map's body.
void moveBodyToEpilogue(PatternRewriter &rewriter, tile::MapOp map, tile::MatmulOp matmul,
                        int64_t parts) {
  auto fused = tile::MatmulOp::create(rewriter, map.getLoc(), map.getResultTypes(), matmul.getX(),
                                      matmul.getW(), map.getOut(), parts, matmul.getPlanes(),
                                      matmul.getFormatAttr(), matmul.getScheduleAttr(),
                                      matmul.getMostRowsAttr(), matmul.getInterleaved());
  rewriter.inlineRegionBefore(map.getBody(), fused.getEpilogue(), fused.getEpilogue().end());
  rewriter.replaceOp(map, fused.getResult());
}

struct FuseResidual : OpRewritePattern<tile::MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::MapOp map, PatternRewriter &rewriter) const override {
    if (map.getInputs().size() != 1)
      return rewriter.notifyMatchFailure(map, "does not read one input");
    tile::MatmulOp matmul = plainMatmul(map.getInputs()[0]);
    if (!matmul || !matmul->hasOneUse())
      return rewriter.notifyMatchFailure(map, "input is not a plain matmul of its own");
    moveBodyToEpilogue(rewriter, map, matmul, 1);
    return success();
  }
};

/// Whether `value` is channels [half * width, (half + 1) * width) of the 2 * width channels of some
/// rows; gives the rows.
Value halfOf(Value value, int64_t half) {
  auto slice = value.getDefiningOp<tensor::ExtractSliceOp>();
  if (!slice || slice.getStaticOffsets()[0] != 0 || !slice.hasUnitStride())
    return {};
  int64_t width = slice.getStaticSizes()[1];
  bool fits = slice.getStaticOffsets()[1] == half * width &&
              slice.getSourceType().getDimSize(1) == 2 * width;
  return fits ? slice.getSource() : Value();
}

struct FuseGlu : OpRewritePattern<tile::MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::MapOp map, PatternRewriter &rewriter) const override {
    if (map.getInputs().size() != 2)
      return rewriter.notifyMatchFailure(map, "does not read two inputs");
    Value gate = halfOf(map.getInputs()[0], 0), up = halfOf(map.getInputs()[1], 1);
    if (!gate || gate != up)
      return rewriter.notifyMatchFailure(map, "inputs are not the halves of one block of rows");
    tile::MatmulOp matmul = plainMatmul(gate);
    if (!matmul)
      return rewriter.notifyMatchFailure(map, "the halves are not a plain matmul");
    int64_t width = cast<ShapedType>(map.getOut().getType()).getDimSize(1);
    if (width % pack::kTileRows != 0)
      return rewriter.notifyMatchFailure(map, "the halves are not whole tiles");
    moveBodyToEpilogue(rewriter, map, matmul, 2);
    return success();
  }
};

struct FuseQuantize : OpRewritePattern<tile::QuantizeRowsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::QuantizeRowsOp op, PatternRewriter &rewriter) const override {
    auto norm = op.getX().getDefiningOp<tile::NormOp>();
    if (!norm || !onlyReadBy(norm, op))
      return rewriter.notifyMatchFailure(op, "does not read a norm of its own");
    rewriter.replaceOpWithNewOp<tile::NormOp>(op, op.getResultTypes(), norm.getX(), norm.getW(),
                                              op.getOut(), norm.getEpsAttr(), op.getPlanesAttr());
    return success();
  }

  /// Whether nothing else needs the rows; their number is that of the norm's destination too.
  static bool onlyReadBy(tile::NormOp norm, Operation *reader) {
    return llvm::all_of(norm->getUsers(), [&](Operation *user) { return user == reader; });
  }
};

struct FuseEpiloguesPass : osscc::impl::FuseEpiloguesPassBase<FuseEpiloguesPass> {
  using FuseEpiloguesPassBase::FuseEpiloguesPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<FuseResidual>({"fuse-residual"}, &getContext());
    patterns.addWithLabel<FuseGlu>({"fuse-glu"}, &getContext());
    patterns.addWithLabel<FuseQuantize>({"fuse-quantize"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
