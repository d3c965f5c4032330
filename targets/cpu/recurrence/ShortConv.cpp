// short_conv as a grid: a block is some channels, of which it takes all rows of the call in turn.
// The rows that it looks back at come from the state of the row's sequence, where it leaves its
// own.
#include "targets/cpu/Chunks.h"
#include "targets/cpu/Emitter.h"
#include "targets/cpu/Grid.h"
#include "targets/cpu/Lanes.h"
#include "targets/cpu/recurrence/Populate.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/StateLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// Channels of a block: few enough that every worker has some, and a row's lie in some lines.
constexpr int64_t kBlockChannels = 256;

/// The emitter of one block.
struct Convolution : Emitter {
  tile::ShortConvOp op;
  tile::StateAttr state = op.getState();

  Value loadRow(Value rows, Value row, const ColumnChunk &chunk) {
    return loadChunk(builder, loc, rows, row, chunk);
  }

  /// 16 channels of a row, whose sequence has the rows `latest` before it.
  void emitChunk(Value row, Value latest, const ColumnChunk &chunk) {
    int64_t kept = state.getKept();
    SmallVector<Value> window;
    for (int64_t j = 0; j < kept; ++j)
      window.push_back(loadRow(latest, index(j), chunk));
    window.push_back(loadRow(op.getX(), row, chunk));
    Value sum = real(0, floats(chunk.lanes));
    for (auto [j, values] : llvm::enumerate(window))
      sum = fma(loadRow(op.getW(), index(static_cast<int64_t>(j)), chunk), values, sum);
    for (int64_t j = 0; j < kept; ++j)
      storeChunk(builder, loc, window[j + 1], latest, index(j), chunk);
    Value y = cloneOnVectors(builder, op.getEpilogue(), sum, chunk.lanes);
    storeChunk(builder, loc, y, op.getOut(), row, chunk);
  }

  void emit(Value block, Value rows) {
    tile::StateLayout layout(state);
    int64_t channels = state.getChannels();
    Value begin = mul(block, kBlockChannels);
    Value end = smaller(add(begin, kBlockChannels), index(channels));
    forEach(rows, 1, [&](Value row) {
      Value sequence = abi::SequenceOp::create(builder, loc, row);
      Value latest = abi::PageOp::create(builder, loc, layout.rowsType, state.getGroup(), sequence,
                                         index(0), op.getOffset());
      auto loop = scf::ForOp::create(builder, loc, begin, end, index(tile::kSumLanes));
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      emitChunk(row, latest,
                chunkAt(builder, loc, loop.getInductionVar(), tile::kSumLanes, channels,
                        tile::kSumLanes));
    });
  }
};

struct ShortConvKernel : OpRewritePattern<tile::ShortConvOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::ShortConvOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getX().getType()) || !isa<MemRefType>(op.getW().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    auto blocks =
        static_cast<int64_t>(llvm::divideCeil(op.getState().getChannels(), kBlockChannels));
    createGrid(rewriter, loc, constantIndex(rewriter, loc, blocks),
               [&](OpBuilder &builder, Value block) {
                 Convolution{{builder, loc}, op}.emit(block, rows);
               });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateShortConv(RewritePatternSet &patterns) {
  patterns.addWithLabel<ShortConvKernel>({"short-conv"}, patterns.getContext());
}

} // namespace osscc::cpu
