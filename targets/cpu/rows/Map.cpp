// map as a grid: a block is one row.
#include "targets/cpu/Chunks.h"
#include "targets/cpu/Constants.h"
#include "targets/cpu/Grid.h"
#include "targets/cpu/Lanes.h"
#include "targets/cpu/Populate.h"

#include "dialects/tile/Tile.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

int64_t channels(Value rows) {
  return cast<MemRefType>(rows.getType()).getDimSize(1);
}

/// Whether memory holds one value a channel, the same for every row.
bool isChannels(Value memory) {
  return cast<MemRefType>(memory.getType()).getRank() == 1;
}

/// The lanes of an input: a value a channel serves every row; one channel serves every channel of
/// `width`.
Value loadInput(OpBuilder &builder, Location loc, Value input, Value row, const ColumnChunk &chunk,
                int64_t width) {
  bool ofChannels = isChannels(input);
  if (cast<MemRefType>(input.getType()).getShape().back() == width)
    return loadChunk(builder, loc, input, ofChannels ? Value() : row, chunk);
  SmallVector<Value> at = {constantIndex(builder, loc, 0)};
  if (!ofChannels)
    at.insert(at.begin(), row);
  Value one = memref::LoadOp::create(builder, loc, input, at);
  return vector::BroadcastOp::create(builder, loc, VectorType::get({chunk.lanes}, one.getType()),
                                     one);
}

/// body(inputs..., old), lane by lane.
struct MapKernel : OpRewritePattern<tile::MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::MapOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    createGrid(rewriter, loc, rows, [&](OpBuilder &builder, Value row) {
      forEachChunk(builder, loc, channels(op.getOut()), [&](OpBuilder &b, ColumnChunk chunk) {
        SmallVector<Value> values;
        for (Value input : op.getInputs())
          values.push_back(loadInput(b, loc, input, row, chunk, channels(op.getOut())));
        values.push_back(loadChunk(b, loc, op.getOut(), row, chunk));
        storeChunk(b, loc, cloneOnVectors(b, op.getBody(), values, chunk.lanes), op.getOut(), row,
                   chunk);
      });
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateMap(RewritePatternSet &patterns) {
  patterns.addWithLabel<MapKernel>({"map"}, patterns.getContext());
}

} // namespace osscc::cpu
