// matmul as a grid: a block is `n` output channels, over whole tiles of 16 rows of the packed
// weight. Inside a block:
//
//   one row     all n channels at once: each weight is read once, n / lanes accumulators
//   more rows   for each `columns` channels, m rows at a time: accumulators stay in registers
//   up to 64    more rows at a time and fewer channels, so that a weight comes from memory once
//
// Where the weight is stored in blocks, a step is a group of 32 channels: integer dots of codes
// with the codes of quantized rows, then the group's scales.
//
// With few rows the memory is the limit: while a block is computed, the next one, which most likely
// is this worker's too, is prefetched to the second-level cache, line by line in the order of
// memory.
//
// Rows past the last are computed and not stored, so that few rows also read each weight once. Each
// accumulator runs over all of k in rising order, whatever the blocks: the number does not depend
// on them.
#include "targets/cpu/Kernels.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/pack/Blocks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// Blocks beyond this size are not prefetched: they would leave the second-level cache, of 512 KiB
/// and more, before they are used, and the hardware has time to find their streams.
constexpr int64_t kPrefetchedBytes = 160 << 10;

/// The emitter of one matmul: what stays the same in all its blocks.
struct MatmulBlocks {
  OpBuilder &builder;
  Location loc;
  tile::MatmulOp op;
  tile::ScheduleAttr schedule;
  Value rows; // T

  bool blocks() { return op.getPlanes() != 0; }
  int64_t planes() { return static_cast<int64_t>(op.getPlanes()); }
  /// Channels of a row; of quantized rows in whole groups.
  int64_t inputs() {
    int64_t width = cast<MemRefType>(op.getX().getType()).getDimSize(1);
    return blocks() ? width / tile::recordWords(planes()) * pack::kGroup : width;
  }
  int64_t outputs() { return cast<MemRefType>(op.getOut().getType()).getDimSize(1); }
  /// Tiles of one part; the parts follow each other in whole tiles.
  int64_t tilesOfPart() { return llvm::divideCeil(outputs(), pack::kTileRows); }

  Value index(int64_t value) { return constantIndex(builder, loc, value); }
  Value add(Value a, Value b) { return arith::AddIOp::create(builder, loc, a, b); }
  Value mul(Value a, int64_t b) { return arith::MulIOp::create(builder, loc, a, index(b)); }

  /// Blocks <R x C x lanes> side by side, as <R x blocks * C x lanes>. One dot takes the columns of
  /// all parts, or the values of `x` would be kept in registers from one part's dot to the next.
  Value joinParts(ArrayRef<Value> blocks) {
    auto type = cast<VectorType>(blocks[0].getType());
    int64_t chunks = type.getDimSize(1), parts = blocks.size();
    if (parts == 1)
      return blocks[0];
    auto whole = VectorType::get({type.getDimSize(0), parts * chunks, type.getDimSize(2)},
                                 type.getElementType());
    Value joined = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(whole));
    for (auto [part, block] : llvm::enumerate(blocks))
      for (int64_t r = 0; r < type.getDimSize(0); ++r)
        for (int64_t c = 0; c < chunks; ++c) {
          Value lanes = vector::ExtractOp::create(builder, loc, block, ArrayRef<int64_t>{r, c});
          int64_t column = static_cast<int64_t>(part) * chunks + c;
          joined =
              vector::InsertOp::create(builder, loc, lanes, joined, ArrayRef<int64_t>{r, column});
        }
    return joined;
  }

  /// The columns of part `part` of what joinParts() gave, as a block of type `type`.
  Value partOf(Value joined, int64_t part, VectorType type) {
    if (joined.getType() == type)
      return joined;
    Value block = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    for (int64_t r = 0; r < type.getDimSize(0); ++r)
      for (int64_t c = 0; c < type.getDimSize(1); ++c) {
        int64_t column = part * type.getDimSize(1) + c;
        Value lanes = vector::ExtractOp::create(builder, loc, joined, ArrayRef<int64_t>{r, column});
        block = vector::InsertOp::create(builder, loc, lanes, block, ArrayRef<int64_t>{r, c});
      }
    return block;
  }

  /// Where part `part` of the tiles from `tile` on begins.
  Value tileOf(int64_t part, Value tile) { return add(tile, index(part * tilesOfPart())); }

  /// One step of `depth` channels from `k` on: accs += x block * weight blocks, an accumulator a
  /// part.
  SmallVector<Value> emitStep(Value row, Value last, Value tile, Value k, int64_t depth,
                              ValueRange accs) {
    if (blocks())
      return emitGroup(row, last, tile, k, accs);
    auto accType = cast<VectorType>(accs[0].getType());
    auto aType = VectorType::get({accType.getDimSize(0), depth}, builder.getF32Type());
    auto bType = VectorType::get({depth, accType.getDimSize(1), accType.getDimSize(2)},
                                 builder.getF32Type());
    Value a = tile::LoadOp::create(builder, loc, aType, op.getX(), row, last, k);
    SmallVector<Value> weights, sums;
    for (size_t part = 0; part < accs.size(); ++part)
      weights.push_back(tile::UnpackOp::create(builder, loc, bType, op.getW(), tileOf(part, tile),
                                               k, pack::FormatAttr()));
    Value acc = joinParts(llvm::to_vector(accs));
    Value sum =
        tile::DotOp::create(builder, loc, acc.getType(), a, joinParts(weights), acc, Value());
    for (size_t part = 0; part < accs.size(); ++part)
      sums.push_back(partOf(sum, part, accType));
    return sums;
  }

  /// Words of the records of `k`'s group, from word `from` on: a row a row and plane.
  Value loadWords(Value row, Value last, Value k, int64_t rows, int64_t count, int64_t from,
                  int64_t rowsOfPlanes) {
    Value group = arith::DivUIOp::create(builder, loc, k, index(pack::kGroup));
    Value column = add(mul(group, tile::recordWords(planes())), index(from));
    auto type = VectorType::get({rows * rowsOfPlanes, count}, builder.getI32Type());
    return tile::LoadOp::create(builder, loc, type, op.getX(), row, last, column, rowsOfPlanes);
  }

  /// The group of channels from `k` on.
  SmallVector<Value> emitGroup(Value row, Value last, Value tile, Value k, ValueRange accs) {
    auto accType = cast<VectorType>(accs[0].getType());
    int64_t m = accType.getDimSize(0), chunks = accType.getDimSize(1),
            lanes = accType.getDimSize(2);
    int64_t parts = accs.size(), quads = pack::kGroup / 4, tail = tile::codeWords(planes());
    Type i32 = builder.getI32Type();
    auto bType = VectorType::get({quads, chunks, 4 * lanes}, builder.getI8Type());
    auto dotType = VectorType::get({m, chunks, lanes}, i32);
    auto allType = VectorType::get({m, parts * chunks, lanes}, i32);
    auto scaleType = VectorType::get({chunks, lanes}, builder.getF32Type());
    pack::FormatAttr format = op.getFormatAttr();
    Value a = loadWords(row, last, k, m, quads, 0, planes());
    Value record = loadWords(row, last, k, m, 2, tail, 1);
    Value offsets = vector::ShapeCastOp::create(builder, loc, VectorType::get({m}, i32),
                                                loadWords(row, last, k, m, 1, tail + 2, 1));
    Value none = arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(allType, builder.getI32IntegerAttr(0)));
    SmallVector<Value> weights, results;
    for (int64_t part = 0; part < parts; ++part)
      weights.push_back(
          tile::UnpackOp::create(builder, loc, bType, op.getW(), tileOf(part, tile), k, format));
    Value dots = tile::DotOp::create(builder, loc, allType, a, joinParts(weights), none, offsets,
                                     pack::geometryOf(format).zero);
    for (auto [part, acc] : llvm::enumerate(accs)) {
      auto scalesOf = [&](bool minimum) -> Value {
        return tile::ScalesOp::create(builder, loc, scaleType, op.getW(), tileOf(part, tile), k,
                                      format, minimum);
      };
      results.push_back(tile::AccumulateOp::create(
          builder, loc, accType, partOf(dots, part, dotType), record, scalesOf(false), acc,
          format.getMinimum() ? scalesOf(true) : Value()));
    }
    return results;
  }

  int64_t bytesOfTile() {
    auto type = cast<MemRefType>(op.getW().getType());
    return type.getNumElements() / type.getDimSize(0) * type.getElementTypeBitWidth() / 8;
  }

  /// Prefetches step `k`'s share of the `tiles` tiles that follow those from `tile` on, in each
  /// part.
  void prefetchNext(Value tile, int64_t tiles, Value k, int64_t depth) {
    auto type = cast<MemRefType>(op.getW().getType());
    int64_t bytes = tiles * bytesOfTile(), steps = inputs() / depth;
    if (bytes * static_cast<int64_t>(op.getParts()) > kPrefetchedBytes)
      return;
    int64_t lines = llvm::divideCeil(bytes, steps * abi::kLineBytes);
    int64_t line = abi::kLineBytes * 8 / type.getElementTypeBitWidth(); // in elements
    SmallVector<ReassociationIndices> all(1);
    all[0].append(llvm::to_vector(llvm::seq<int64_t>(type.getRank())));
    Value memory = memref::CollapseShapeOp::create(builder, loc, op.getW(), all);
    Value step = arith::DivUIOp::create(builder, loc, k, index(depth));
    for (int64_t part = 0; part < static_cast<int64_t>(op.getParts()); ++part) {
      Value next = tileOf(part, add(tile, index(tiles)));
      Value from =
          add(mul(next, type.getNumElements() / type.getDimSize(0)), mul(step, lines * line));
      for (int64_t i = 0; i < lines; ++i)
        memref::PrefetchOp::create(builder, loc, memory, add(from, index(i * line)),
                                   /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
    }
  }

  /// Rows [row, row + m) times `tiles` tiles from `tile` on, all of k, through the epilogue.
  void emitBlock(Value row, Value last, int64_t m, Value tile, int64_t tiles, bool prefetch) {
    int64_t lanes = schedule.getLanes(), depth = blocks() ? pack::kGroup : schedule.getK(),
            whole = inputs() / depth * depth;
    auto accType =
        VectorType::get({m, tiles * pack::kTileRows / lanes, lanes}, builder.getF32Type());
    SmallVector<Value> accs(op.getParts(), constantF32(builder, loc, 0, accType));
    if (whole > 0) {
      auto loop = scf::ForOp::create(builder, loc, index(0), index(whole), index(depth), accs);
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(loop.getBody());
      if (prefetch)
        prefetchNext(tile, tiles, loop.getInductionVar(), depth);
      SmallVector<Value> sums =
          emitStep(row, last, tile, loop.getInductionVar(), depth, loop.getRegionIterArgs());
      scf::YieldOp::create(builder, loc, sums);
      accs.assign(loop.getResults().begin(), loop.getResults().end());
    }
    if (whole < inputs())
      accs = emitStep(row, last, tile, index(whole), inputs() - whole, accs);
    auto store = tile::StoreOp::create(builder, loc, accs, op.getOut(), row, last,
                                       mul(tile, pack::kTileRows));
    IRMapping mapping;
    op.getEpilogue().cloneInto(&store.getEpilogue(), mapping);
  }

  /// `tiles` tiles from `tile` on, for every row of the call.
  void emitRows(Value tile, int64_t tiles) {
    Value one = index(1), last = arith::SubIOp::create(builder, loc, rows, one);
    Value single = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, rows, one);
    auto choice = scf::IfOp::create(builder, loc, single, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(choice.thenYield());
    emitBlock(index(0), last, 1, tile, tiles, /*prefetch=*/true);
    builder.setInsertionPoint(choice.elseYield());
    if (schedule.getFew() == 0)
      return emitManyRows(tile, tiles, schedule.getM(), schedule.getColumns(), /*prefetch=*/false);
    auto is = [&](arith::CmpIPredicate predicate, int64_t count) -> Value {
      return arith::CmpIOp::create(builder, loc, predicate, rows, index(count));
    };
    Value isFew =
        arith::AndIOp::create(builder, loc, is(arith::CmpIPredicate::sgt, schedule.getM()),
                              is(arith::CmpIPredicate::sle, tile::kFewRows));
    auto few = scf::IfOp::create(builder, loc, isFew, /*withElseRegion=*/true);
    builder.setInsertionPoint(few.thenYield());
    emitManyRows(tile, tiles, schedule.getFew(), schedule.getFewColumns(), /*prefetch=*/true);
    builder.setInsertionPoint(few.elseYield());
    emitManyRows(tile, tiles, schedule.getM(), schedule.getColumns(), /*prefetch=*/false);
  }

  /// `tiles` tiles from `tile` on, `columns` channels at a time, for every row of the call, `m` at
  /// a time.
  void emitManyRows(Value tile, int64_t tiles, int64_t m, int64_t columns, bool prefetch) {
    Value last = arith::SubIOp::create(builder, loc, rows, index(1));
    int64_t step = columns / pack::kTileRows;
    for (int64_t from = 0; from < tiles; from += step) {
      auto loop = scf::ForOp::create(builder, loc, index(0), rows, index(m));
      OpBuilder::InsertionGuard inner(builder);
      builder.setInsertionPointToStart(loop.getBody());
      emitBlock(loop.getInductionVar(), last, m, add(tile, index(from)),
                std::min(step, tiles - from), prefetch);
    }
  }

  /// The grid's body: a whole block, or the last one, which has fewer tiles.
  void emitGridBody(Value block) {
    int64_t tiles = schedule.getN() / pack::kTileRows;
    int64_t whole = tilesOfPart() / tiles, rest = tilesOfPart() % tiles;
    Value tile = mul(block, tiles);
    if (rest == 0)
      return emitRows(tile, tiles);
    if (whole == 0)
      return emitRows(tile, rest);
    Value isWhole =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, block, index(whole));
    auto choice = scf::IfOp::create(builder, loc, isWhole, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(choice.thenYield());
    emitRows(tile, tiles);
    builder.setInsertionPoint(choice.elseYield());
    emitRows(tile, rest);
  }
};

struct MatmulKernel : OpRewritePattern<tile::MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::MatmulOp op, PatternRewriter &rewriter) const override {
    tile::ScheduleAttr schedule = op.getScheduleAttr();
    if (!isa<MemRefType>(op.getOut().getType()) || !isa<MemRefType>(op.getW().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    if (!schedule)
      return rewriter.notifyMatchFailure(op, "has no schedule");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    int64_t outputs = cast<MemRefType>(op.getOut().getType()).getDimSize(1);
    Value blocks = constantIndex(rewriter, loc, llvm::divideCeil(outputs, schedule.getN()));
    createGrid(rewriter, loc, blocks, [&](OpBuilder &builder, Value block) {
      MatmulBlocks{builder, loc, op, schedule, rows}.emitGridBody(block);
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateMatmulKernel(RewritePatternSet &patterns) {
  patterns.addWithLabel<MatmulKernel>({"matmul"}, patterns.getContext());
}

} // namespace osscc::cpu
