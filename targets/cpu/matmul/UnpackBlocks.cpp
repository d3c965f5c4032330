// unpack and scales of block formats: stored codes of whole tiles to unsigned bytes in registers,
// the same decoding as dialects/pack/Blocks, as vector code. docs/design/layout.md draws the tile:
//
//   a group   codes of 8 bits [8][16 rows][4]    a vector of rows times 4 channels is contiguous
//             or of 4 bits    [4][16 rows][4]    low halves are quads 0 to 3, high halves 4 to 7
//             scales [16 rows], minimums [16 rows]
#include "targets/cpu/Emitter.h"
#include "targets/cpu/Populate.h"

#include "dialects/pack/Blocks.h"
#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// Where the parts of a tile lie, and how a kernel walks over the rows of several in vectors.
struct BlockReader : Emitter {
  Value w, tile, k;
  pack::FormatAttr format;
  int64_t lanes;

  pack::BlockGeometry geometry() { return pack::geometryOf(format); }
  Value byte(int64_t value, VectorType type) {
    auto bytes = DenseElementsAttr::get(type, builder.getI8IntegerAttr(value));
    return arith::ConstantOp::create(builder, loc, bytes);
  }

  /// Bytes of the rows of chunk `chunk`, `bytesOfRow` a row, `base` bytes behind the begin of k's
  /// group in their tile.
  Value loadBytes(int64_t chunk, int64_t bytesOfRow, int64_t base) {
    int64_t row = chunk * lanes % pack::kTileRows;
    Value at = mul(div(k, pack::kGroup), geometry().groupBytes() * pack::kTileRows);
    at = add(at, base + row * bytesOfRow);
    Value which = add(tile, chunk * lanes / pack::kTileRows);
    return load(vectorOf(lanes * bytesOfRow, builder.getI8Type()), w, {which, at});
  }
  Value loadCodes(int64_t chunk, int64_t quad) {
    return loadBytes(chunk, 4, quad * 4 * pack::kTileRows);
  }
};

struct UnpackBlocks : OpRewritePattern<tile::UnpackOp> {
  using OpRewritePattern::OpRewritePattern;

  static Value entries(PatternRewriter &rewriter, tile::UnpackOp op, Value codes) {
    if (!isa<Float4E2M1FNType>(op.getFormat()->getCode()))
      return codes;
    ArrayRef<int8_t> table(reinterpret_cast<const int8_t *>(pack::kDoubledE2M1), 16);
    return tile::LookupOp::create(rewriter, op.getLoc(), codes, table);
  }

  LogicalResult matchAndRewrite(tile::UnpackOp op, PatternRewriter &rewriter) const override {
    if (!op.getFormat() || !op.getFormat()->isBlock())
      return rewriter.notifyMatchFailure(op, "does not store blocks");
    Location loc = op.getLoc();
    VectorType type = op.getBlock().getType();
    BlockReader reader{{rewriter, loc}, op.getW(),       op.getTile(),
                       op.getK(),       *op.getFormat(), type.getDimSize(2) / 4};
    auto bytes = VectorType::get({type.getDimSize(2)}, rewriter.getI8Type());
    Value block = arith::ConstantOp::create(
        rewriter, loc, DenseElementsAttr::get(type, rewriter.getI8IntegerAttr(0)));
    auto insert = [&](Value codes, int64_t quad, int64_t chunk) {
      block = vector::InsertOp::create(rewriter, loc, codes, block, ArrayRef<int64_t>{quad, chunk});
    };
    bool wide = reader.geometry().codeBytes == pack::kGroup;
    for (int64_t quad = 0; quad < (wide ? 8 : 4); ++quad)
      for (int64_t chunk = 0; chunk < type.getDimSize(1); ++chunk) {
        Value codes = reader.loadCodes(chunk, quad);
        if (wide) {
          insert(codes, quad, chunk);
          continue;
        }
        Value low = arith::AndIOp::create(rewriter, loc, codes, reader.byte(15, bytes));
        Value high = arith::ShRUIOp::create(rewriter, loc, codes, reader.byte(4, bytes));
        insert(entries(rewriter, op, low), quad, chunk);
        insert(entries(rewriter, op, high), quad + 4, chunk);
      }
    rewriter.replaceOp(op, block);
    return success();
  }
};

struct LowerScales : OpRewritePattern<tile::ScalesOp> {
  using OpRewritePattern::OpRewritePattern;

  static Value halves(PatternRewriter &rewriter, Location loc, Value bytes, int64_t lanes) {
    auto half = VectorType::get({lanes}, rewriter.getF16Type());
    auto wide = VectorType::get({lanes}, rewriter.getF32Type());
    Value narrow = vector::BitCastOp::create(rewriter, loc, half, bytes);
    return arith::ExtFOp::create(rewriter, loc, wide, narrow);
  }

  /// Half of 2^(code - 127) by its bits: (code - 1) << 23, a denormal below code 2.
  static Value halvedPowers(PatternRewriter &rewriter, Location loc, Value bytes, int64_t lanes) {
    auto words = VectorType::get({lanes}, rewriter.getI32Type());
    auto constant = [&](int32_t value) -> Value {
      return arith::ConstantOp::create(
          rewriter, loc, DenseElementsAttr::get(words, rewriter.getI32IntegerAttr(value)));
    };
    Value code = arith::ExtUIOp::create(rewriter, loc, words, bytes);
    Value normal = arith::ShLIOp::create(
        rewriter, loc, arith::SubIOp::create(rewriter, loc, code, constant(1)), constant(23));
    Value small =
        arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::ult, code, constant(2));
    Value shift = arith::SelectOp::create(rewriter, loc, small, code, constant(0));
    Value denormal = arith::ShLIOp::create(rewriter, loc, constant(0x00200000), shift);
    Value bits = arith::SelectOp::create(rewriter, loc, small, denormal, normal);
    return arith::BitcastOp::create(rewriter, loc, VectorType::get({lanes}, rewriter.getF32Type()),
                                    bits);
  }

  LogicalResult matchAndRewrite(tile::ScalesOp op, PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    VectorType type = op.getBlock().getType();
    int64_t lanes = type.getDimSize(1);
    BlockReader reader{{rewriter, loc}, op.getW(), op.getTile(), op.getK(), op.getFormat(), lanes};
    pack::BlockGeometry geometry = reader.geometry();
    int64_t bytes = op.getMinimum() ? geometry.minimumBytes : geometry.scaleBytes;
    int64_t before = geometry.codeBytes + (op.getMinimum() ? geometry.scaleBytes : 0);
    Value block = constantF32(rewriter, loc, 0, type);
    for (int64_t chunk = 0; chunk < type.getDimSize(0); ++chunk) {
      Value stored = reader.loadBytes(chunk, bytes, before * pack::kTileRows);
      Value scales = bytes == 1 ? halvedPowers(rewriter, loc, stored, lanes)
                                : halves(rewriter, loc, stored, lanes);
      block = vector::InsertOp::create(rewriter, loc, scales, block, ArrayRef<int64_t>{chunk});
    }
    rewriter.replaceOp(op, block);
    return success();
  }
};

} // namespace

void populateUnpackBlocks(RewritePatternSet &patterns) {
  patterns.addWithLabel<UnpackBlocks>({"unpack-blocks"}, patterns.getContext());
  patterns.addWithLabel<LowerScales>({"scales"}, patterns.getContext());
}

} // namespace osscc::cpu
