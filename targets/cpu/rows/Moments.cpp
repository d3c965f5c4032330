// moments as a grid: a block is one row.
#include "targets/cpu/Constants.h"
#include "targets/cpu/Grid.h"
#include "targets/cpu/rows/Norm.h"
#include "targets/cpu/rows/Populate.h"

#include "dialects/tile/Moments.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

struct MomentsKernel : OpRewritePattern<tile::MomentsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::MomentsOp op, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<MemRefType>(op.getX().getType());
    if (!type || !isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    createGrid(rewriter, loc, rows, [&](OpBuilder &builder, Value row) {
      Moments found = momentsOf(builder, loc, op.getX(), {row, {}, type.getDimSize(1)});
      for (auto [channel, value] : llvm::enumerate(ArrayRef<Value>{found.mean, found.variance})) {
        Value place = constantIndex(builder, loc, static_cast<int64_t>(channel));
        memref::StoreOp::create(builder, loc, value, op.getOut(), ValueRange{row, place});
      }
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateMoments(RewritePatternSet &patterns) {
  patterns.addWithLabel<MomentsKernel>({"moments"}, patterns.getContext());
}

} // namespace osscc::cpu
