// append: a row's keys and values to the page of its position, in f16 or f32; a block is one row.
// Keys are rotated on the way where the op says so.
#include "targets/cpu/CachePages.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// The emitter of one row.
struct AppendRow : PageAccess<tile::AppendOp> {
  Value row, slot;
  Page page;

  /// Lanes of f32 as the cache holds them; what is beyond f16 becomes its largest.
  Value narrow(Value lanes) {
    if (op.getWide())
      return lanes;
    constexpr double kLargest = 65504;
    auto type = cast<VectorType>(lanes.getType());
    Value low =
        arith::MaximumFOp::create(builder, loc, lanes, constantF32(builder, loc, -kLargest, type));
    Value inside =
        arith::MinimumFOp::create(builder, loc, low, constantF32(builder, loc, kLargest, type));
    return arith::TruncFOp::create(builder, loc, type.clone(builder.getF16Type()), inside);
  }

  Value load(Value rows, Value head, const Part &part) {
    Value channel = add(mul(head, op.getSize()), index(part.begin));
    return vector::LoadOp::create(builder, loc, vector(part.lanes, builder.getF32Type()), rows,
                                  ValueRange{row, channel});
  }

  /// Keys of one position are a column of their block: one at a time.
  void storeKeys(Value lanes, Value head, int64_t channel) {
    Value narrowed = narrow(lanes);
    Value block = div(slot, tile::kAttentionStep), lane = rem(slot, tile::kAttentionStep);
    for (int64_t i = 0, count = cast<VectorType>(lanes.getType()).getDimSize(0); i < count; ++i) {
      Value key = vector::ExtractOp::create(builder, loc, narrowed, ArrayRef<int64_t>{i});
      memref::StoreOp::create(builder, loc, key, page.keys,
                              ValueRange{head, block, index(channel + i), lane});
    }
  }

  void emitHead(Value head, ArrayRef<Turn> turns) {
    for (const Turn &turn : turns)
      rotatePairs(
          builder, loc, turn, static_cast<int64_t>(op.getSize()) / 2,
          [&](int64_t channel) { return load(op.getK(), head, {channel, turn.lanes}); },
          [&](int64_t channel, Value lanes) { storeKeys(lanes, head, channel); });
    for (const Part &part : partsOf(op.getSize())) {
      if (turns.empty())
        storeKeys(load(op.getK(), head, part), head, part.begin);
      vector::StoreOp::create(builder, loc, narrow(load(op.getV(), head, part)), page.values,
                              ValueRange{head, slot, index(part.begin)});
    }
  }
};

struct AppendKernel : OpRewritePattern<tile::AppendOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::AppendOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getK().getType()) || !isa<MemRefType>(op.getV().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getK(), 0);
    createGrid(rewriter, loc, rows, [&](OpBuilder &builder, Value row) {
      PageAccess<tile::AppendOp> access{builder, loc, op};
      Value position = abi::PositionOp::create(builder, loc, row);
      Page page = access.pageOf(abi::SequenceOp::create(builder, loc, row), position);
      Value slot = access.rem(position, op.getPageRows());
      SmallVector<Turn> turns;
      if (op.getFrequencies())
        turns = emitTurns(builder, loc, row, *op.getFrequencies());
      auto heads = scf::ForOp::create(builder, loc, access.index(0), access.index(op.getHeads()),
                                      access.index(1));
      OpBuilder inner = OpBuilder::atBlockBegin(heads.getBody());
      AppendRow{{inner, loc, op}, row, slot, page}.emitHead(heads.getInductionVar(), turns);
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateAppendKernel(RewritePatternSet &patterns) {
  patterns.addWithLabel<AppendKernel>({"append"}, patterns.getContext());
}

} // namespace osscc::cpu
