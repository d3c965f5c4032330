// matmul as a grid: a block is a tile of 16 rows of the packed weight in each of several streams.
// The tiles of a part are cut in as many equal runs as a block has tiles, and block b takes tile b
// of each: a worker, whose blocks follow each other, reads each run from one end to the other,
// which the hardware fetches ahead. Inside a block:
//
//   one row     the tiles of all streams at once: each weight is read once
//   more rows   `columns` channels at a time, m rows at a time: accumulators stay in registers
//   up to 64    more rows at a time and fewer channels, so that a weight comes from memory once
//
// Where the weight is stored in blocks, a step is a group of 32 channels: integer dots of codes
// with the codes of quantized rows, then the group's scales.
//
// With few rows the dots of several keep a tile so long that the next one of its stream is
// prefetched to the second-level cache, line by line in the order of memory.
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
  int64_t parts() { return static_cast<int64_t>(op.getParts()); }
  int64_t planes() { return static_cast<int64_t>(op.getPlanes()); }
  /// Channels of a row; of quantized rows in whole groups.
  int64_t inputs() {
    int64_t width = cast<MemRefType>(op.getX().getType()).getDimSize(1);
    return blocks() ? width / tile::recordWords(planes()) * pack::kGroup : width;
  }
  /// The tiles of streams [from, from + count) in block `block`: of each stream a tile a part. The
  /// parts follow each other in whole tiles, and so do the streams of a part.
  SmallVector<Value> tilesOf(Value block, int64_t from, int64_t count) {
    int64_t ofStream = op.blocks(), ofPart = ofStream * op.streams();
    SmallVector<Value> tiles;
    for (int64_t stream = from; stream < from + count; ++stream)
      for (int64_t part = 0; part < parts(); ++part)
        tiles.push_back(add(block, index(part * ofPart + stream * ofStream)));
    return tiles;
  }

  Value index(int64_t value) { return constantIndex(builder, loc, value); }
  Value add(Value a, Value b) { return arith::AddIOp::create(builder, loc, a, b); }
  Value mul(Value a, int64_t b) { return arith::MulIOp::create(builder, loc, a, index(b)); }

  /// Blocks <R x C x lanes> side by side, as <R x blocks * C x lanes>. One dot takes the columns of
  /// all tiles, or the values of `x` would be kept in registers from one tile's dot to the next.
  Value join(ArrayRef<Value> blocks) {
    auto type = cast<VectorType>(blocks[0].getType());
    int64_t chunks = type.getDimSize(1), count = blocks.size();
    if (count == 1)
      return blocks[0];
    auto whole = VectorType::get({type.getDimSize(0), count * chunks, type.getDimSize(2)},
                                 type.getElementType());
    Value joined = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(whole));
    for (auto [number, block] : llvm::enumerate(blocks))
      for (int64_t r = 0; r < type.getDimSize(0); ++r)
        for (int64_t c = 0; c < chunks; ++c) {
          Value lanes = vector::ExtractOp::create(builder, loc, block, ArrayRef<int64_t>{r, c});
          int64_t column = static_cast<int64_t>(number) * chunks + c;
          joined =
              vector::InsertOp::create(builder, loc, lanes, joined, ArrayRef<int64_t>{r, column});
        }
    return joined;
  }

  /// The columns of tile `number` of what join() gave, as a block of type `type`.
  Value columnsOf(Value joined, int64_t number, VectorType type) {
    if (joined.getType() == type)
      return joined;
    Value block = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    for (int64_t r = 0; r < type.getDimSize(0); ++r)
      for (int64_t c = 0; c < type.getDimSize(1); ++c) {
        int64_t column = number * type.getDimSize(1) + c;
        Value lanes = vector::ExtractOp::create(builder, loc, joined, ArrayRef<int64_t>{r, column});
        block = vector::InsertOp::create(builder, loc, lanes, block, ArrayRef<int64_t>{r, c});
      }
    return block;
  }

  /// One step of `depth` channels from `k` on: accs += x block * weight blocks, an accumulator a
  /// tile.
  SmallVector<Value> emitStep(Value row, Value last, ValueRange tiles, Value k, int64_t depth,
                              ValueRange accs) {
    if (blocks())
      return emitGroup(row, last, tiles, k, accs);
    auto accType = cast<VectorType>(accs[0].getType());
    auto aType = VectorType::get({accType.getDimSize(0), depth}, builder.getF32Type());
    auto bType = VectorType::get({depth, accType.getDimSize(1), accType.getDimSize(2)},
                                 builder.getF32Type());
    Value a = tile::LoadOp::create(builder, loc, aType, op.getX(), row, last, k);
    SmallVector<Value> weights, sums;
    for (Value tile : tiles)
      weights.push_back(
          tile::UnpackOp::create(builder, loc, bType, op.getW(), tile, k, pack::FormatAttr()));
    Value acc = join(llvm::to_vector(accs));
    Value sum = tile::DotOp::create(builder, loc, acc.getType(), a, join(weights), acc, Value());
    for (size_t number = 0; number < tiles.size(); ++number)
      sums.push_back(columnsOf(sum, static_cast<int64_t>(number), accType));
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
  SmallVector<Value> emitGroup(Value row, Value last, ValueRange tiles, Value k, ValueRange accs) {
    auto accType = cast<VectorType>(accs[0].getType());
    int64_t m = accType.getDimSize(0), chunks = accType.getDimSize(1),
            lanes = accType.getDimSize(2);
    int64_t count = tiles.size(), quads = pack::kGroup / 4, tail = tile::codeWords(planes());
    Type i32 = builder.getI32Type();
    auto bType = VectorType::get({quads, chunks, 4 * lanes}, builder.getI8Type());
    auto dotType = VectorType::get({m, chunks, lanes}, i32);
    auto allType = VectorType::get({m, count * chunks, lanes}, i32);
    auto scaleType = VectorType::get({chunks, lanes}, builder.getF32Type());
    pack::FormatAttr format = op.getFormatAttr();
    Value a = loadWords(row, last, k, m, quads, 0, planes());
    Value record = loadWords(row, last, k, m, 2, tail, 1);
    Value offsets = vector::ShapeCastOp::create(builder, loc, VectorType::get({m}, i32),
                                                loadWords(row, last, k, m, 1, tail + 2, 1));
    Value none = arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(allType, builder.getI32IntegerAttr(0)));
    SmallVector<Value> weights, results;
    for (Value tile : tiles)
      weights.push_back(tile::UnpackOp::create(builder, loc, bType, op.getW(), tile, k, format));
    Value dots = tile::DotOp::create(builder, loc, allType, a, join(weights), none, offsets,
                                     pack::geometryOf(format).zero);
    for (auto [number, tile, acc] : llvm::enumerate(tiles, accs)) {
      auto scalesOf = [&, tile = tile](bool minimum) -> Value {
        return tile::ScalesOp::create(builder, loc, scaleType, op.getW(), tile, k, format, minimum);
      };
      results.push_back(tile::AccumulateOp::create(
          builder, loc, accType, columnsOf(dots, static_cast<int64_t>(number), dotType), record,
          scalesOf(false), acc, format.getMinimum() ? scalesOf(true) : Value()));
    }
    return results;
  }

  int64_t bytesOfTile() {
    auto type = cast<MemRefType>(op.getW().getType());
    return type.getNumElements() / type.getDimSize(0) * type.getElementTypeBitWidth() / 8;
  }

  /// Prefetches step `k`'s share of the tiles that follow `tiles` in their streams.
  void prefetchNext(ValueRange tiles, Value k, int64_t depth) {
    auto type = cast<MemRefType>(op.getW().getType());
    int64_t bytes = bytesOfTile(), steps = inputs() / depth;
    if (bytes * static_cast<int64_t>(tiles.size()) > kPrefetchedBytes)
      return;
    int64_t lines = llvm::divideCeil(bytes, steps * abi::kLineBytes);
    int64_t line = abi::kLineBytes * 8 / type.getElementTypeBitWidth(); // in elements
    SmallVector<ReassociationIndices> all(1);
    all[0].append(llvm::to_vector(llvm::seq<int64_t>(type.getRank())));
    Value memory = memref::CollapseShapeOp::create(builder, loc, op.getW(), all);
    Value step = arith::DivUIOp::create(builder, loc, k, index(depth));
    for (Value tile : tiles) {
      Value next = add(tile, index(1));
      Value from =
          add(mul(next, type.getNumElements() / type.getDimSize(0)), mul(step, lines * line));
      for (int64_t i = 0; i < lines; ++i)
        memref::PrefetchOp::create(builder, loc, memory, add(from, index(i * line)),
                                   /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
    }
  }

  /// Rows [row, row + m) times the tiles of streams [from, from + count), all of k, through the
  /// epilogue.
  void emitTiles(Value row, Value last, int64_t m, Value block, int64_t from, int64_t count,
                 bool prefetch) {
    int64_t lanes = schedule.getLanes(), depth = blocks() ? pack::kGroup : schedule.getK(),
            whole = inputs() / depth * depth;
    SmallVector<Value> tiles = tilesOf(block, from, count);
    auto accType = VectorType::get({m, pack::kTileRows / lanes, lanes}, builder.getF32Type());
    SmallVector<Value> accs(tiles.size(), constantF32(builder, loc, 0, accType));
    if (whole > 0) {
      auto loop = scf::ForOp::create(builder, loc, index(0), index(whole), index(depth), accs);
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(loop.getBody());
      if (prefetch)
        prefetchNext(tiles, loop.getInductionVar(), depth);
      SmallVector<Value> sums =
          emitStep(row, last, tiles, loop.getInductionVar(), depth, loop.getRegionIterArgs());
      scf::YieldOp::create(builder, loc, sums);
      accs.assign(loop.getResults().begin(), loop.getResults().end());
    }
    if (whole < inputs())
      accs = emitStep(row, last, tiles, index(whole), inputs() - whole, accs);
    for (int64_t i = 0; i < count; ++i) {
      ValueRange ofStream = ValueRange(accs).slice(i * parts(), parts());
      Value column = mul(tiles[i * parts()], pack::kTileRows);
      auto store = tile::StoreOp::create(builder, loc, ofStream, op.getOut(), row, last, column);
      IRMapping mapping;
      op.getEpilogue().cloneInto(&store.getEpilogue(), mapping);
    }
  }

  /// A block's tiles, for every row of the call.
  void emitBlock(Value block) {
    Value one = index(1), last = arith::SubIOp::create(builder, loc, rows, one);
    Value single = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, rows, one);
    auto choice = scf::IfOp::create(builder, loc, single, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(choice.thenYield());
    emitTiles(index(0), last, 1, block, 0, op.streams(), /*prefetch=*/false);
    builder.setInsertionPoint(choice.elseYield());
    if (schedule.getFew() == 0)
      return emitManyRows(block, schedule.getM(), schedule.getColumns(), /*prefetch=*/false);
    auto is = [&](arith::CmpIPredicate predicate, int64_t count) -> Value {
      return arith::CmpIOp::create(builder, loc, predicate, rows, index(count));
    };
    Value isFew =
        arith::AndIOp::create(builder, loc, is(arith::CmpIPredicate::sgt, schedule.getM()),
                              is(arith::CmpIPredicate::sle, tile::kFewRows));
    auto few = scf::IfOp::create(builder, loc, isFew, /*withElseRegion=*/true);
    builder.setInsertionPoint(few.thenYield());
    emitManyRows(block, schedule.getFew(), schedule.getFewColumns(), /*prefetch=*/true);
    builder.setInsertionPoint(few.elseYield());
    emitManyRows(block, schedule.getM(), schedule.getColumns(), /*prefetch=*/false);
  }

  /// A block's tiles, `columns` channels at a time, for every row of the call, `m` at a time.
  void emitManyRows(Value block, int64_t m, int64_t columns, bool prefetch) {
    Value last = arith::SubIOp::create(builder, loc, rows, index(1));
    int64_t step = columns / pack::kTileRows;
    for (int64_t from = 0; from < op.streams(); from += step) {
      auto loop = scf::ForOp::create(builder, loc, index(0), rows, index(m));
      OpBuilder::InsertionGuard inner(builder);
      builder.setInsertionPointToStart(loop.getBody());
      emitTiles(loop.getInductionVar(), last, m, block, from, std::min(step, op.streams() - from),
                prefetch);
    }
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
    Value blocks = constantIndex(rewriter, loc, op.blocks());
    createGrid(rewriter, loc, blocks, [&](OpBuilder &builder, Value block) {
      MatmulBlocks{builder, loc, op, schedule, rows}.emitBlock(block);
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
