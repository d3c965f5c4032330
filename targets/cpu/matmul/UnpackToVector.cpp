// unpack: stored codes of whole tiles to f32 in registers, one pattern a format. The same decoding
// as dialects/pack/Formats, as vector code. docs/design/layout.md draws the tiles:
//
//   f32, f16   [tile][k][16 rows]           a vector of rows is contiguous
//   bf16       [tile][k / 2][16 rows][2]    a vector holds pairs of channels
//
// Of a pair of bf16, the even channel is the low half of a 32-bit lane.
#include "targets/cpu/Emitter.h"
#include "targets/cpu/Populate.h"

#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// What every format shares: the walk over the rows of a block in vectors of `lanes`.
struct UnpackBlock : Emitter {
  tile::UnpackOp op;

  VectorType type() { return op.getBlock().getType(); }
  int64_t depth() { return type().getDimSize(0); }
  int64_t chunks() { return type().getDimSize(1); }
  int64_t lanes() { return type().getDimSize(2); }
  Type stored() { return cast<MemRefType>(op.getW().getType()).getElementType(); }

  Value tileOf(int64_t chunk) { return add(op.getTile(), chunk * lanes() / pack::kTileRows); }
  Value rowOf(int64_t chunk) { return index(chunk * lanes() % pack::kTileRows); }

  Value start() { return real(0, type()); }
};

struct UnpackFloat : OpRewritePattern<tile::UnpackOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::UnpackOp op, PatternRewriter &rewriter) const override {
    UnpackBlock unpack{{rewriter, op.getLoc()}, op};
    if (!unpack.stored().isF32() && !unpack.stored().isF16())
      return rewriter.notifyMatchFailure(op, "does not store f32 or f16");
    Value block = unpack.start();
    auto stored = VectorType::get({unpack.lanes()}, unpack.stored());
    auto wide = VectorType::get({unpack.lanes()}, rewriter.getF32Type());
    for (int64_t k = 0; k < unpack.depth(); ++k)
      for (int64_t chunk = 0; chunk < unpack.chunks(); ++chunk) {
        Value at[] = {unpack.tileOf(chunk), unpack.add(op.getK(), k), unpack.rowOf(chunk)};
        Value codes = vector::LoadOp::create(rewriter, op.getLoc(), stored, op.getW(), at);
        if (unpack.stored().isF16())
          codes = arith::ExtFOp::create(rewriter, op.getLoc(), wide, codes);
        block = unpack.insert(codes, block, {k, chunk});
      }
    rewriter.replaceOp(op, block);
    return success();
  }
};

struct UnpackBf16 : OpRewritePattern<tile::UnpackOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tile::UnpackOp op, PatternRewriter &rewriter) const override {
    UnpackBlock unpack{{rewriter, op.getLoc()}, op};
    if (!unpack.stored().isBF16())
      return rewriter.notifyMatchFailure(op, "does not store bf16");
    Location loc = op.getLoc();
    int64_t lanes = unpack.lanes();
    auto flat = VectorType::get({2 * lanes}, rewriter.getBF16Type());
    auto words = VectorType::get({lanes}, rewriter.getI32Type());
    auto wide = VectorType::get({lanes}, rewriter.getF32Type());
    auto splat = [&](uint32_t bits) -> Value {
      auto value =
          DenseElementsAttr::get(words, rewriter.getI32IntegerAttr(static_cast<int32_t>(bits)));
      return arith::ConstantOp::create(rewriter, loc, cast<TypedAttr>(Attribute(value)));
    };
    // Rows and pairs are contiguous: seen as [tile][k / 2][32], one load takes `lanes` rows of a
    // pair of channels.
    SmallVector<ReassociationIndices> joined = {{0}, {1}, {2, 3}};
    Value memory = memref::CollapseShapeOp::create(rewriter, loc, op.getW(), joined);
    Value two = constantIndex(rewriter, loc, 2);
    Value firstPair = arith::DivUIOp::create(rewriter, loc, op.getK(), two);
    Value block = unpack.start();
    for (int64_t k = 0; k < unpack.depth(); k += 2)
      for (int64_t chunk = 0; chunk < unpack.chunks(); ++chunk) {
        Value column = constantIndex(rewriter, loc, 2 * (chunk * lanes % pack::kTileRows));
        Value at[] = {unpack.tileOf(chunk), unpack.add(firstPair, k / 2), column};
        Value codes = vector::LoadOp::create(rewriter, loc, flat, memory, at);
        Value bits = vector::BitCastOp::create(rewriter, loc, words, codes);
        Value even = arith::ShLIOp::create(rewriter, loc, bits, splat(16));
        block =
            unpack.insert(arith::BitcastOp::create(rewriter, loc, wide, even), block, {k, chunk});
        if (k + 1 == unpack.depth())
          continue;
        Value odd = arith::AndIOp::create(rewriter, loc, bits, splat(0xffff0000u));
        block = unpack.insert(arith::BitcastOp::create(rewriter, loc, wide, odd), block,
                              {k + 1, chunk});
      }
    rewriter.replaceOp(op, block);
    return success();
  }
};

} // namespace

void populateUnpack(RewritePatternSet &patterns) {
  patterns.addWithLabel<UnpackFloat>({"unpack-float"}, patterns.getContext());
  patterns.addWithLabel<UnpackBf16>({"unpack-bf16"}, patterns.getContext());
}

} // namespace osscc::cpu
