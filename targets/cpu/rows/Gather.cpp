// gather from a table of blocks: the tile of a token's or position's row is unpacked as a matmul
// unpacks it, 32 channels at a time, and the row taken out of the 16. Of a table that lies row by
// row, a span of that row is put into a tile first, where it is the first row.
#include "targets/cpu/Chunks.h"
#include "targets/cpu/Emitter.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/rows/GatherRows.h"

#include "dialects/pack/Blocks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

constexpr int64_t kQuads = pack::kRecordChannels / 4;
constexpr int64_t kLanes = 8; // of a register that every instruction set has tables for
constexpr int64_t kStep = 16; // channels that are decoded at a time: no group is smaller

/// Memory of a worker, for 32 channels.
struct Scratch {
  Value codes;            ///< <8 x 64 x i8>: of 16 rows, quad after quad
  Value row;              ///< <32 x i8>: of the token's row
  Value scales, minimums; ///< <16 x f32>, of 16 rows; minimums or null
  Value span;             ///< <1 x bytes of a tile's span x i8>; null where the table is of tiles
};

/// The emitter of one row.
struct RowDecoder : Emitter {
  tile::GatherOp op;
  Scratch memory;
  Value row;
  Value tiles, tile, lane; ///< where the row is read
  pack::FormatAttr format = *op.getFormat();
  pack::BlockGeometry geometry = pack::geometryOf(format);

  int64_t width() { return cast<MemRefType>(op.getOut().getType()).getDimSize(1); }

  /// The codes of 32 channels of the token's row, as bytes in `memory.row`.
  void takeCodes(Value k) {
    int64_t chunks = pack::kTileRows / kLanes;
    auto type = VectorType::get({kQuads, chunks, 4 * kLanes}, builder.getI8Type());
    Value block = tile::UnpackOp::create(builder, loc, type, tiles, tile, k, format);
    for (int64_t quad = 0; quad < kQuads; ++quad) {
      for (int64_t chunk = 0; chunk < chunks; ++chunk)
        store(extract(block, {quad, chunk}), memory.codes,
              {index(quad), index(4 * kLanes * chunk)});
      VectorType bytes = vectorOf(4, builder.getI8Type());
      store(load(bytes, memory.codes, {index(quad), mul(lane, 4)}), memory.row, index(4 * quad));
    }
  }

  /// The scale of `k`'s group in the token's row, or its minimum, in every lane.
  Value takeScale(Value k, bool minimum, Value scratch) {
    int64_t chunks = pack::kTileRows / kLanes;
    auto type = VectorType::get({chunks, kLanes}, builder.getF32Type());
    Value block = tile::ScalesOp::create(builder, loc, type, tiles, tile, k, format, minimum);
    for (int64_t chunk = 0; chunk < chunks; ++chunk)
      store(extract(block, {chunk}), scratch, index(kLanes * chunk));
    Value scale = memref::LoadOp::create(builder, loc, scratch, ValueRange{lane});
    return splat(scale, floats(kStep));
  }

  /// Decodes the 32 channels from `k` of the tile on, which are those from `channel` on.
  void decode(Value k, Value channel) {
    takeCodes(k);
    VectorType words = vectorOf(kStep, builder.getI32Type());
    for (int64_t from = 0; from < pack::kRecordChannels; from += kStep) {
      Value first = add(k, from);
      Value bytes = load(vectorOf(kStep, builder.getI8Type()), memory.row, index(from));
      Value number = sub(arith::ExtUIOp::create(builder, loc, words, bytes),
                         constantInteger(builder, loc, geometry.zero, words));
      Value value = mul(takeScale(first, /*minimum=*/false, memory.scales),
                        arith::SIToFPOp::create(builder, loc, floats(kStep), number));
      if (geometry.hasMinimum)
        value = add(value, takeScale(first, /*minimum=*/true, memory.minimums));
      ColumnChunk chunk =
          chunkAt(builder, loc, add(channel, from), kStep, width(), pack::kRecordChannels);
      storeChunk(builder, loc, value, op.getOut(), row, chunk);
    }
  }

  void decodeTiles() {
    forEach(index(width()), pack::kRecordChannels, [&](Value k) { decode(k, k); });
  }

  /// Puts the span of row `token` that begins at byte `from` into the first row of the tile.
  void placeSpan(Value token, Value from) {
    for (const pack::BlockGeometry::Part &part : geometry.parts())
      forEach(index(part.count), 1, [&](Value i) {
        VectorType bytes = vectorOf(part.width, builder.getI8Type());
        Value at = add(add(from, part.begin / pack::kTileRows), mul(i, part.width));
        Value to = add(mul(i, part.width * pack::kTileRows), part.begin);
        store(load(bytes, op.getTable(), {token, at}), memory.span, {index(0), to});
      });
  }

  void decodeRow(Value token) {
    forEach(index(width()), geometry.span, [&](Value channel) {
      placeSpan(token, mul(div(channel, geometry.span), geometry.rowOfSpan()));
      Value left = smaller(sub(index(width()), channel), index(geometry.span));
      forEach(left, pack::kRecordChannels, [&](Value k) { decode(k, add(channel, k)); });
    });
  }
};

struct GatherBlocks : OpRewritePattern<tile::GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::GatherOp op, PatternRewriter &rewriter) const override {
    if (!op.getFormat() || !isa<MemRefType>(op.getTable().getType()))
      return rewriter.notifyMatchFailure(op, "does not read a table of blocks in memory");
    Location loc = op.getLoc();
    Emitter once{rewriter, loc};
    Type i8 = rewriter.getI8Type(), f32 = rewriter.getF32Type();
    bool hasMinimum = pack::geometryOf(*op.getFormat()).hasMinimum;
    bool ofRows = op.isTableOfRows();
    int64_t spanBytes = pack::geometryOf(*op.getFormat()).spanBytes;
    Scratch memory{once.allocate({kQuads, 4 * pack::kTileRows}, i8),
                   once.allocate({pack::kRecordChannels}, i8),
                   once.allocate({pack::kTileRows}, f32),
                   hasMinimum ? once.allocate({pack::kTileRows}, f32) : Value(),
                   ofRows ? once.allocate({1, spanBytes}, i8) : Value()};
    createTableGather(rewriter, op, [&](OpBuilder &builder, Value row, Value number) {
      Emitter at{builder, loc};
      if (ofRows) {
        Value first = at.index(0);
        return RowDecoder{{builder, loc}, op, memory, row, memory.span, first, first}.decodeRow(
            number);
      }
      Value tile = at.div(number, pack::kTileRows), lane = at.rem(number, pack::kTileRows);
      RowDecoder{{builder, loc}, op, memory, row, op.getTable(), tile, lane}.decodeTiles();
    });
    return success();
  }
};

} // namespace

void populateGatherBlocks(RewritePatternSet &patterns) {
  patterns.addWithLabel<GatherBlocks>({"gather-blocks"}, patterns.getContext());
}

} // namespace osscc::cpu
