// gather of tokens from a table of blocks: the token's tile is unpacked as a matmul unpacks it, 32
// channels at a time, and its row taken out of the 16.
#include "targets/cpu/Chunks.h"
#include "targets/cpu/Emitter.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/rows/GatherRows.h"

#include "dialects/abi/AbiDialect.h"
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
};

/// The emitter of one row.
struct RowDecoder : Emitter {
  tile::GatherOp op;
  Scratch memory;
  Value row, tile, lane;
  pack::FormatAttr format = *op.getFormat();
  pack::BlockGeometry geometry = pack::geometryOf(format);

  int64_t width() { return cast<MemRefType>(op.getOut().getType()).getDimSize(1); }

  /// The codes of 32 channels of the token's row, as bytes in `memory.row`.
  void takeCodes(Value k) {
    int64_t chunks = pack::kTileRows / kLanes;
    auto type = VectorType::get({kQuads, chunks, 4 * kLanes}, builder.getI8Type());
    Value block = tile::UnpackOp::create(builder, loc, type, op.getTable(), tile, k, format);
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
    Value block =
        tile::ScalesOp::create(builder, loc, type, op.getTable(), tile, k, format, minimum);
    for (int64_t chunk = 0; chunk < chunks; ++chunk)
      store(extract(block, {chunk}), scratch, index(kLanes * chunk));
    Value scale = memref::LoadOp::create(builder, loc, scratch, ValueRange{lane});
    return splat(scale, floats(kStep));
  }

  /// Decodes the 32 channels from `k` on.
  void decode(Value k) {
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
      ColumnChunk chunk = chunkAt(builder, loc, first, kStep, width(), pack::kRecordChannels);
      storeChunk(builder, loc, value, op.getOut(), row, chunk);
    }
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
    Scratch memory{once.allocate({kQuads, 4 * pack::kTileRows}, i8),
                   once.allocate({pack::kRecordChannels}, i8),
                   once.allocate({pack::kTileRows}, f32),
                   hasMinimum ? once.allocate({pack::kTileRows}, f32) : Value()};
    createTokenGather(rewriter, op, [&](OpBuilder &builder, Value row) {
      Emitter at{builder, loc};
      Value token = abi::TokenOp::create(builder, loc, row);
      RowDecoder decoder{{builder, loc},
                         op,
                         memory,
                         row,
                         at.div(token, pack::kTileRows),
                         at.rem(token, pack::kTileRows)};
      at.forEach(at.index(decoder.width()), pack::kRecordChannels,
                 [&](Value k) { decoder.decode(k); });
    });
    return success();
  }
};

} // namespace

void populateGatherBlocks(RewritePatternSet &patterns) {
  patterns.addWithLabel<GatherBlocks>({"gather-blocks"}, patterns.getContext());
}

} // namespace osscc::cpu
