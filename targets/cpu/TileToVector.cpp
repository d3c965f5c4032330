// Lowers blocks to vectors and loops, all but `tile.dot` and `tile.lookup`, which each instruction
// set lowers itself:
//
//   grid    a loop that takes blocks of the worker's range, then of the others'
//   load    scalars, which a dot broadcasts; rows past the last are clamped
//   unpack  a format's codes to f32 (UnpackToVector.cpp), or to bytes (UnpackBlocks.cpp)
//   accumulate   sums of codes to f32, scaled (Accumulate.cpp)
//   store   the epilogue on vectors, rows past the last left out, columns past the end masked
//   exp     the one polynomial (Exp.cpp)
//   tanh    by exp and a polynomial near 0 (Tanh.cpp)
//   log1p   a polynomial of the mantissa (Log1p.cpp)
//
// Stage: target, any CPU (tile blocks -> scf, vector, arith, abi).
#include "targets/Passes.h"
#include "targets/cpu/Chunks.h"
#include "targets/cpu/Constants.h"
#include "targets/cpu/Lanes.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/recurrence/Populate.h"

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

#define GEN_PASS_DEF_TILETOVECTORPASS
#include "targets/Passes.h.inc"

namespace {

/// for (lap = 0; lap < workers; ++lap) {
///   owner = (worker + lap) % workers
///   begin, count = owner's range of the blocks
///   if (count > 0) while ((block = next_block(owner, count)) < count) body(begin + block)
/// }
/// finish(blocks)
///
/// A worker reads its weights in one stream from the range's begin to its end, which is what
/// hardware prefetches; who has finished helps the others.
struct LowerGrid : OpRewritePattern<tile::GridOp> {
  using OpRewritePattern::OpRewritePattern;

  /// Where the range of worker `owner` begins: owner * blocks / workers.
  static Value beginOf(OpBuilder &builder, Location loc, Value owner, Value blocks, Value workers) {
    Value product = arith::MulIOp::create(builder, loc, owner, blocks);
    return arith::DivUIOp::create(builder, loc, product, workers);
  }

  /// Takes blocks of `owner`'s range until none is left.
  static void takeBlocks(PatternRewriter &rewriter, tile::GridOp op, Value owner, Value begin,
                         Value count) {
    Location loc = op.getLoc();
    Type index = rewriter.getIndexType();
    auto loop = scf::WhileOp::create(rewriter, loc, TypeRange{index}, ValueRange{});
    rewriter.createBlock(&loop.getBefore());
    Value taken = abi::NextBlockOp::create(rewriter, loc, index, owner, count);
    Value more = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::slt, taken, count);
    Value block = arith::AddIOp::create(rewriter, loc, begin, taken);
    scf::ConditionOp::create(rewriter, loc, more, block);
    Block *body = rewriter.createBlock(&loop.getAfter(), {}, index, loc);
    auto yield = scf::YieldOp::create(rewriter, loc);
    rewriter.eraseOp(op.getBody().front().getTerminator());
    rewriter.inlineBlockBefore(&op.getBody().front(), yield, ValueRange{body->getArgument(0)});
  }

  LogicalResult matchAndRewrite(tile::GridOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value workers = abi::WorkersOp::create(rewriter, loc),
          worker = abi::WorkerOp::create(rewriter, loc);
    Value zero = cpu::constantIndex(rewriter, loc, 0), one = cpu::constantIndex(rewriter, loc, 1);
    auto laps = scf::ForOp::create(rewriter, loc, zero, workers, one);
    {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(laps.getBody());
      Value sum = arith::AddIOp::create(rewriter, loc, worker, laps.getInductionVar());
      Value owner = arith::RemUIOp::create(rewriter, loc, sum, workers);
      Value next = arith::AddIOp::create(rewriter, loc, owner, one);
      Value begin = beginOf(rewriter, loc, owner, op.getBlocks(), workers);
      Value end = beginOf(rewriter, loc, next, op.getBlocks(), workers);
      Value count = arith::SubIOp::create(rewriter, loc, end, begin);
      Value some = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::sgt, count, zero);
      auto choice = scf::IfOp::create(rewriter, loc, some, /*withElseRegion=*/false);
      rewriter.setInsertionPointToStart(choice.thenBlock());
      takeBlocks(rewriter, op, owner, begin, count);
    }
    abi::FinishOp::create(rewriter, loc, op.getBlocks());
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerLoad : OpRewritePattern<tile::LoadOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::LoadOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    VectorType type = op.getBlock().getType();
    auto planes = static_cast<int64_t>(op.getPlanes());
    int64_t width = type.getDimSize(1);
    SmallVector<Value> values;
    for (int64_t m = 0; m < type.getDimSize(0) / planes; ++m) {
      Value row = op.getRow();
      if (m > 0) {
        row = arith::AddIOp::create(rewriter, loc, row, cpu::constantIndex(rewriter, loc, m));
        row = arith::MinSIOp::create(rewriter, loc, row, op.getLast());
      }
      for (int64_t k = 0; k < planes * width; ++k) { // the planes of a row follow each other
        Value column =
            arith::AddIOp::create(rewriter, loc, op.getK(), cpu::constantIndex(rewriter, loc, k));
        values.push_back(memref::LoadOp::create(rewriter, loc, op.getX(), ValueRange{row, column}));
      }
    }
    rewriter.replaceOpWithNewOp<vector::FromElementsOp>(op, type, values);
    return success();
  }
};

struct LowerStore : OpRewritePattern<tile::StoreOp> {
  using OpRewritePattern::OpRewritePattern;

  /// The values of a chunk's channels in the part that begins at channel `begin`.
  static Value loadOfPart(OpBuilder &builder, Location loc, Value memory, int64_t begin,
                          cpu::ColumnChunk chunk) {
    if (begin != 0)
      chunk.begin =
          arith::AddIOp::create(builder, loc, chunk.begin, cpu::constantIndex(builder, loc, begin));
    return cpu::loadChunk(builder, loc, memory, {}, chunk);
  }

  /// Row `m` of the blocks, vector after vector, through the epilogue.
  static void storeRow(OpBuilder &builder, tile::StoreOp op, int64_t m, Value row) {
    Location loc = op.getLoc();
    auto type = cast<VectorType>(op.getBlocks()[0].getType());
    int64_t lanes = type.getDimSize(2), width = op.getOut().getType().getDimSize(1);
    for (int64_t c = 0; c < type.getDimSize(1); ++c) {
      Value column = arith::AddIOp::create(builder, loc, op.getColumn(),
                                           cpu::constantIndex(builder, loc, c * lanes));
      // Nothing of a row may be left in the last vectors of a tile.
      cpu::ColumnChunk chunk = cpu::chunkAt(builder, loc, column, lanes, width, pack::kTileRows);
      SmallVector<Value> values;
      for (Value block : op.getBlocks())
        values.push_back(vector::ExtractOp::create(builder, loc, block, ArrayRef<int64_t>{m, c}));
      for (Value memory : op.getChannels())
        for (size_t part = 0; part < op.getBlocks().size(); ++part)
          values.push_back(
              loadOfPart(builder, loc, memory, static_cast<int64_t>(part) * width, chunk));
      bool readsOld = !op.getEpilogue().front().getArguments().back().use_empty();
      values.push_back(readsOld ? cpu::loadChunk(builder, loc, op.getOut(), row, chunk)
                                : values.front());
      cpu::storeChunk(builder, loc, cpu::cloneOnVectors(builder, op.getEpilogue(), values, lanes),
                      op.getOut(), row, chunk);
    }
  }

  LogicalResult matchAndRewrite(tile::StoreOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    int64_t rows = cast<VectorType>(op.getBlocks()[0].getType()).getDimSize(0);
    storeRow(rewriter, op, 0, op.getRow());
    for (int64_t m = 1; m < rows; ++m) {
      Value row =
          arith::AddIOp::create(rewriter, loc, op.getRow(), cpu::constantIndex(rewriter, loc, m));
      Value exists =
          arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::sle, row, op.getLast());
      auto guarded = scf::IfOp::create(rewriter, loc, exists, /*withElseRegion=*/false);
      OpBuilder inner = guarded.getThenBodyBuilder();
      storeRow(inner, op, m, row);
    }
    rewriter.eraseOp(op);
    return success();
  }
};

struct TileToVectorPass : osscc::impl::TileToVectorPassBase<TileToVectorPass> {
  using TileToVectorPassBase::TileToVectorPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<LowerGrid>({"grid"}, &getContext());
    patterns.addWithLabel<LowerLoad>({"load"}, &getContext());
    patterns.addWithLabel<LowerStore>({"store"}, &getContext());
    cpu::populateUnpack(patterns);
    cpu::populateUnpackBlocks(patterns);
    cpu::populateAccumulate(patterns);
    cpu::populateExp(patterns);
    cpu::populateTanh(patterns);
    cpu::populateLog1p(patterns);
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
