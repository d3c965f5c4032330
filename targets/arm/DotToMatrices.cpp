// tile.dot of bytes and several rows by usmmla (i8mm), which multiplies two outputs of eight
// channels by two rows of them. Its operands are the layout's registers, two of four outputs and
// four channels each, zipped; its results are unzipped at the end of a group:
//
//   zip1 v2.4s, v0.4s, v1.4s         outputs 0 and 1, channels k to k + 7; zip2: 2 and 3
//   usmmla v8.4s, v2.16b, v4.16b     w0 a, w0 b, w1 a, w1 b of rows a and b
//   uzp1 v10.4s, v8.4s, v9.4s        w0 a, w1 a, w2 a, w3 a; uzp2: of b
//
// Two planes of a row are two rows like any. Sums of integers have no order, so that these are the
// bytes of any other lowering.
#include "targets/arm/Dots.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace osscc::arm {
namespace {

/// The emitter of one dot: pairs of its rows times pairs of its quads of channels.
struct MatrixDot : cpu::DotBlocks {
  int64_t pairs() { return rows() * planes() / 2; }

  Value select(Value a, Value b, ArrayRef<int64_t> lanes) {
    return selectLanes(rewriter, loc, a, b, lanes);
  }

  /// Channels 4 k to 4 k + 7 of rows 2 * pair and 2 * pair + 1.
  Value codesOf(int64_t pair, int64_t k) {
    Value first = extract(op.getA(), {2 * pair}), second = extract(op.getA(), {2 * pair + 1});
    return bytesOf(rewriter, loc, select(first, second, {k, k + 1, depth() + k, depth() + k + 1}));
  }

  Value wordsOf(int64_t k, int64_t c) {
    auto words = VectorType::get({kLanes}, rewriter.getI32Type());
    return vector::BitCastOp::create(rewriter, loc, words, extract(op.getB(), {k, c}));
  }

  Value multiply(Value acc, Value weights, Value codes) {
    return callIntrinsic(rewriter, loc, "llvm.aarch64.neon.usmmla.v4i32.v16i8", acc.getType(),
                         {acc, bytesOf(rewriter, loc, weights), codes});
  }

  /// The first quad of the `number`-th pair: as channelOf() of single quads.
  int64_t quadOf(int64_t number) {
    return depth() == pack::kRecordChannels / 4 ? number % 2 * (depth() / 2) + number / 2 * 2
                                                : 2 * number;
  }

  /// Whether all outputs of a row begin with one number, as above sums of zero.
  bool beginAlike() {
    DenseElementsAttr acc;
    return matchPattern(op.getAcc(), m_Constant(&acc)) && acc.isSplat();
  }

  /// Adds the products of chunk `c` to `sums`, [rows in planes][chunks].
  void addChunk(int64_t c, MutableArrayRef<Value> sums) {
    SmallVector<Value> low, high;
    bool alike = beginAlike();
    for (int64_t pair = 0; pair < pairs(); ++pair) {
      Value first = sums[2 * pair * chunks() + c], second = sums[(2 * pair + 1) * chunks() + c];
      low.push_back(select(first, second, {0, 4, 1, 5}));
      high.push_back(alike ? low.back() : select(first, second, {2, 6, 3, 7}));
    }
    for (int64_t number = 0; number < depth() / 2; ++number) {
      int64_t k = quadOf(number);
      Value first = wordsOf(k, c), second = wordsOf(k + 1, c);
      Value outputs01 = select(first, second, {0, 4, 1, 5});
      Value outputs23 = select(first, second, {2, 6, 3, 7});
      for (int64_t pair = 0; pair < pairs(); ++pair) {
        Value codes = codesOf(pair, k);
        low[pair] = multiply(low[pair], outputs01, codes);
        high[pair] = multiply(high[pair], outputs23, codes);
      }
    }
    for (int64_t pair = 0; pair < pairs(); ++pair)
      for (int64_t odd = 0; odd < 2; ++odd) {
        sums[(2 * pair + odd) * chunks() + c] =
            select(low[pair], high[pair], {odd, 2 + odd, 4 + odd, 6 + odd});
      }
  }
};

struct DotToMatrices : OpRewritePattern<tile::DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::DotOp op, PatternRewriter &rewriter) const override {
    MatrixDot dot{{rewriter, op}};
    if (!op.getOffsets() || dot.lanes() != kLanes || dot.depth() % 2 != 0)
      return rewriter.notifyMatchFailure(op, "is not a dot of pairs of registers of bytes");
    if (dot.rows() * dot.planes() % 2 != 0)
      return rewriter.notifyMatchFailure(op, "has no pairs of rows");
    SmallVector<Value> sums =
        dot.begin([&](int64_t m, Value acc) { return dot.startBelow(m, acc); });
    for (int64_t c = 0; c < dot.chunks(); ++c)
      dot.addChunk(c, sums);
    dot.finish(sums);
    return success();
  }
};

} // namespace

void populateDotToMatrices(RewritePatternSet &patterns) {
  patterns.addWithLabel<DotToMatrices>({"arm-dot-matrices"}, patterns.getContext(),
                                       /*benefit=*/2);
}

} // namespace osscc::arm
