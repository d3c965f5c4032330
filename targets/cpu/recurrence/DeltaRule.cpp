// delta_rule as a grid: a block is some channels of the values of one head, of which it takes all
// rows of the call in turn. These channels of the head's state are no other block's, and stay in
// the first cache from row to row:
//
//   m[c]    = sum_i k[i] * S[i, c]                                   i rising
//   d[c]    = beta * (v[c] - decay * nk * m[c]) * nk                 nk = 1 / |k|
//   S[i, c] = k[i] * d[c] + decay * S[i, c]
//   y[c]    = (sum_i q[i] * S[i, c]) * (nq / sqrt(keys))             nq = 1 / |q|
//
// so that the norms of k and q are two numbers, and the state is read twice and written once.
#include "targets/cpu/Chunks.h"
#include "targets/cpu/Emitter.h"
#include "targets/cpu/Grid.h"
#include "targets/cpu/recurrence/Populate.h"
#include "targets/cpu/rows/Norm.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/StateLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;

namespace osscc::cpu {
namespace {

/// Vectors of 16 channels that a block has: their sums stay in registers.
constexpr int64_t kMostVectors = 4;

int64_t vectorsOfBlock(tile::StateAttr state) {
  auto all = static_cast<int64_t>(llvm::divideCeil(state.getValues(), tile::kSumLanes));
  return std::min(all, kMostVectors);
}

int64_t blocksOfHead(tile::StateAttr state) {
  return static_cast<int64_t>(
      llvm::divideCeil(state.getValues(), vectorsOfBlock(state) * tile::kSumLanes));
}

/// The emitter of one block: channels [column, ...) of the values of `head`.
struct Rule : Emitter {
  tile::DeltaRuleOp op;
  Value head, column;
  tile::StateAttr state = op.getState();
  Type f32 = builder.getF32Type();
  int64_t keys = state.getKeys(), values = state.getValues(), vectors = vectorsOfBlock(state);

  using Lanes = SmallVector<Value>; // a vector each

  Value number(double value) { return real(value, f32); }
  Value loadScalar(Value memory, ValueRange at) {
    return memref::LoadOp::create(builder, loc, memory, at);
  }
  Value exp(Value x) { return math::ExpOp::create(builder, loc, x); }

  /// The block's v-th vector, whose channels begin at `first` + those of the block.
  ColumnChunk chunk(int64_t v, Value first = {}) {
    int64_t unit = vectors * tile::kSumLanes;
    ColumnChunk chunk =
        chunkAt(builder, loc, add(column, v * tile::kSumLanes), tile::kSumLanes, values, unit);
    if (first)
      chunk.begin = add(first, chunk.begin);
    return chunk;
  }
  Lanes load(Value rows, Value row, Value first = {}) {
    Lanes lanes;
    for (int64_t v = 0; v < vectors; ++v)
      lanes.push_back(loadChunk(builder, loc, rows, row, chunk(v, first)));
    return lanes;
  }
  void store(const Lanes &lanes, Value rows, Value row, Value first = {}) {
    for (int64_t v = 0; v < vectors; ++v)
      storeChunk(builder, loc, lanes[v], rows, row, chunk(v, first));
  }
  Value broadcast(Value scalar) { return splat(scalar, floats(tile::kSumLanes)); }

  /// 1 / sqrt(the sum of squares of a head + eps)
  Value inverseNorm(Value rows, Value row, Value first) {
    Value sum = sumOfSquares(builder, loc, rows, {row, first, keys});
    Value padded = add(sum, number(op.getEps().convertToDouble()));
    return div(number(1), math::SqrtOp::create(builder, loc, padded));
  }

  /// exp(rate * log(1 + exp(a + shift))); where exp is large, the logarithm is a + shift.
  Value decayOf(Value row) {
    constexpr double kLarge = 20;
    Value x = add(loadScalar(op.getA(), {row, head}), loadScalar(op.getShifts(), head));
    Value isLarge =
        arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, x, number(kLarge));
    Value soft = math::Log1pOp::create(builder, loc, exp(x));
    soft = arith::SelectOp::create(builder, loc, isLarge, x, soft);
    Value rate = loadScalar(op.getRates(), head);
    if (op.getLogRates())
      rate = arith::NegFOp::create(builder, loc, exp(rate));
    return exp(mul(rate, soft));
  }

  /// 1 / (1 + exp(-b))
  Value betaOf(Value row) {
    Value minus = arith::NegFOp::create(builder, loc, loadScalar(op.getB(), {row, head}));
    return div(number(1), add(exp(minus), number(1)));
  }

  /// Calls `step` with each key's number and what goes round, one number a vector, from 0 on.
  Lanes sumOverKeys(function_ref<Lanes(Value, ValueRange)> step) {
    Lanes zeros(vectors, real(0, floats(tile::kSumLanes)));
    auto loop = scf::ForOp::create(builder, loc, index(0), index(keys), index(1), zeros);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(loop.getBody());
    scf::YieldOp::create(builder, loc, step(loop.getInductionVar(), loop.getRegionIterArgs()));
    return Lanes(loop.getResults());
  }

  void emitRow(Value row, Value keyHead) {
    Value sequence = abi::SequenceOp::create(builder, loc, row);
    tile::StateLayout layout(state);
    Value heads = abi::PageOp::create(builder, loc, layout.headsType, state.getGroup(), sequence,
                                      index(0), add(op.getOffset(), layout.heads));
    Value firstKey = mul(keyHead, keys), firstRow = mul(head, keys);
    Value ofKey = inverseNorm(op.getK(), row, firstKey);
    Value ofQuery = mul(inverseNorm(op.getQ(), row, firstKey),
                        number(1 / std::sqrt(static_cast<double>(keys))));
    Value decay = decayOf(row), beta = betaOf(row);
    auto channel = [&](Value rows, Value key) {
      return broadcast(loadScalar(rows, {row, add(firstKey, key)}));
    };

    Lanes found = sumOverKeys([&](Value key, ValueRange sums) {
      Value k = channel(op.getK(), key);
      Lanes next = load(heads, add(firstRow, key));
      for (int64_t v = 0; v < vectors; ++v)
        next[v] = fma(k, next[v], sums[v]);
      return next;
    });
    Value share = broadcast(mul(decay, ofKey)), weight = broadcast(mul(beta, ofKey));
    Lanes change = load(op.getV(), row, mul(head, values));
    for (int64_t v = 0; v < vectors; ++v)
      change[v] = mul(weight, sub(change[v], mul(share, found[v])));

    Value decays = broadcast(decay);
    Lanes read = sumOverKeys([&](Value key, ValueRange sums) {
      Value k = channel(op.getK(), key), q = channel(op.getQ(), key);
      Lanes next = load(heads, add(firstRow, key));
      for (int64_t v = 0; v < vectors; ++v)
        next[v] = fma(k, change[v], mul(decays, next[v]));
      store(next, heads, add(firstRow, key));
      for (int64_t v = 0; v < vectors; ++v)
        next[v] = fma(q, next[v], sums[v]);
      return next;
    });
    for (Value &lanes : read)
      lanes = mul(lanes, broadcast(ofQuery));
    store(read, op.getOut(), row, mul(head, values));
  }
};

struct DeltaRuleKernel : OpRewritePattern<tile::DeltaRuleOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::DeltaRuleOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getQ().getType()) || !isa<MemRefType>(op.getRates().getType()) ||
        !isa<MemRefType>(op.getShifts().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    tile::StateAttr state = op.getState();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    int64_t ofHead = blocksOfHead(state), columns = vectorsOfBlock(state) * tile::kSumLanes;
    int64_t keyHeads = cast<MemRefType>(op.getK().getType()).getDimSize(1) / state.getKeys();
    createGrid(rewriter, loc, constantIndex(rewriter, loc, state.getHeads() * ofHead),
               [&](OpBuilder &builder, Value block) {
                 Emitter emit{builder, loc};
                 Value head = emit.div(block, ofHead);
                 Value column = emit.mul(emit.rem(block, ofHead), columns);
                 Value keyHead = op.getTiled() ? emit.rem(head, keyHeads)
                                               : emit.div(head, state.getHeads() / keyHeads);
                 Rule rule{{builder, loc}, op, head, column};
                 emit.forEach(rows, 1, [&](Value row) { rule.emitRow(row, keyHead); });
               });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateDeltaRule(RewritePatternSet &patterns) {
  patterns.addWithLabel<DeltaRuleKernel>({"delta-rule"}, patterns.getContext());
}

} // namespace osscc::cpu
