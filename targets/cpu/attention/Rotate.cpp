// rotate as a grid: a block is one row. Where they can, attend and append rotate their heads
// themselves.
#include "targets/cpu/Constants.h"
#include "targets/cpu/Grid.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/attention/Rope.h"

#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// Rotates the pairs of some channels in the head that begins at channel `head`.
void rotateInMemory(OpBuilder &builder, Location loc, tile::RotateOp op, Value row, Value head,
                    const Angles &angles) {
  auto type = VectorType::get({angles.lanes}, builder.getF32Type());
  auto at = [&](int64_t channel) -> SmallVector<Value> {
    return {row, arith::AddIOp::create(builder, loc, head, constantIndex(builder, loc, channel))};
  };
  rotatePairs(
      builder, loc, angles, static_cast<int64_t>(op.getDims()) / 2,
      [&](int64_t channel) -> Value {
        return vector::LoadOp::create(builder, loc, type, op.getX(), at(channel));
      },
      [&](int64_t channel, Value value) {
        vector::StoreOp::create(builder, loc, value, op.getOut(), at(channel));
      });
}

struct RotateKernel : OpRewritePattern<tile::RotateOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::RotateOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    int64_t channels = cast<MemRefType>(op.getX().getType()).getDimSize(1);
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    createGrid(rewriter, loc, rows, [&](OpBuilder &builder, Value row) {
      Rotation rotation{op.getFrequencies(), op.getFactor().convertToFloat()};
      SmallVector<Angles> all = emitAngles(builder, loc, row, rotation);
      auto heads = scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0),
                                      constantIndex(builder, loc, channels),
                                      constantIndex(builder, loc, op.getDims()));
      OpBuilder inner = OpBuilder::atBlockBegin(heads.getBody());
      for (const Angles &angles : all)
        rotateInMemory(inner, loc, op, row, heads.getInductionVar(), angles);
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateRotateKernel(RewritePatternSet &patterns) {
  patterns.addWithLabel<RotateKernel>({"rotate"}, patterns.getContext());
}

} // namespace osscc::cpu
