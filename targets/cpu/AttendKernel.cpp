// attend: a block is one row and one key-value head, with the query heads that share it.
//
// Online softmax (Milakov and Gimelshein, 2018) walks the past in steps of 64 positions aligned to
// the absolute position, so a row's numbers do not depend on how its past was fed. In a step:
//
//   scores    4 vectors of 16 positions for up to 4 heads in registers: a key is read once for all
//   softmax   maximum, weights and running sums of each head; weights go to scratch
//   values    the heads' outputs in registers: a value is read once for all
//
// Running sums stay in 16 lanes and fold once, at the end. Outputs wait in scratch between steps.
#include "targets/cpu/CachePages.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;

namespace osscc::cpu {

SmallVector<Part> partsOf(int64_t size) {
  SmallVector<Part> parts;
  for (int64_t begin = 0; begin < size;) {
    auto lanes = static_cast<int64_t>(
        llvm::bit_floor(static_cast<uint64_t>(std::min<int64_t>(size - begin, 16))));
    parts.push_back({begin, lanes});
    begin += lanes;
  }
  return parts;
}

namespace {

constexpr int64_t kStep = tile::kAttentionStep, kVectors = kStep / kKeyLanes;
constexpr int64_t kHeadsTogether = 4;  // at most, in scores
constexpr int64_t kOutputVectors = 16; // at most, of the heads together

/// Scratch of one worker: f32 queries and outputs of the key-value head's group [group * size], and
/// weights of a step [heads together][64].
struct Scratch {
  Value queries, outputs, weights;
};

/// A head's running maximum, a scalar, and running sums, 16 lanes.
struct Softmax {
  Value maximum, sums;
};

/// Emits the attention of one row and `count` query heads from `head` of one key-value head's on.
struct AttendHeads : PageAccess<tile::AttendOp> {
  Value position, sequence, keyHead;
  Scratch scratch;
  int64_t head, count;

  int64_t size() { return static_cast<int64_t>(op.getSize()); }
  Type f32() { return builder.getF32Type(); }
  VectorType lanes() { return vector(kKeyLanes, f32()); }
  Value splat(Value scalar, Type type) {
    return vector::BroadcastOp::create(builder, loc, type, scalar);
  }
  Value fma(Value a, Value b, Value c) { return math::FmaOp::create(builder, loc, a, b, c); }
  Value multiply(Value a, Value b) { return arith::MulFOp::create(builder, loc, a, b); }

  /// Lanes of a page, widened.
  Value loadStored(Value memory, int64_t count, ValueRange at) {
    Value lanes = vector::LoadOp::create(builder, loc, vector(count, stored()), memory, at);
    if (op.getWide())
      return lanes;
    return arith::ExtFOp::create(builder, loc, vector(count, f32()), lanes);
  }

  /// Calls `body` with every number below `end`; what it gives goes round.
  SmallVector<Value> loop(Value end, ValueRange start,
                          function_ref<SmallVector<Value>(Value, ValueRange)> body) {
    auto loop = scf::ForOp::create(builder, loc, index(0), end, index(1), start);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(loop.getBody());
    SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
    scf::YieldOp::create(builder, loc, next);
    return SmallVector<Value>(loop.getResults());
  }

  /// Asks for `count` stored elements from `offset` behind `at` on: the past lies in short runs,
  /// one a page, and the hardware finds none of them in time.
  void prefetch(Value memory, SmallVector<Value> at, Value offset, int64_t count) {
    int64_t line = abi::kLineBytes / (op.getWide() ? 4 : 2);
    at.push_back(offset);
    for (int64_t i = 0; i < count; i += line) {
      at.back() = add(offset, index(i));
      memref::PrefetchOp::create(builder, loc, memory, at, /*isWrite=*/false, /*localityHint=*/3,
                                 /*isDataCache=*/true);
    }
  }

  /// scale * q . k of the step's positions for every head, `kVectors` vectors each; -inf past the
  /// row's own position, of which `seen` are left.
  SmallVector<Value> emitScores(const Page &page, Value slot, Value seen) {
    SmallVector<Value> zeros(count * kVectors, constantF32(builder, loc, 0, lanes()));
    SmallVector<Value> sums = loop(index(size()), zeros, [&](Value channel, ValueRange accs) {
      SmallVector<Value> keys, next;
      for (int64_t v = 0; v < kVectors; ++v)
        keys.push_back(loadStored(page.keys, kKeyLanes,
                                  {keyHead, div(slot, kStep), channel, index(v * kKeyLanes)}));
      prefetch(page.values, {keyHead, slot}, mul(channel, kStep), kStep);
      for (int64_t h = 0; h < count; ++h) {
        Value at = add(index((head + h) * size()), channel);
        Value q = splat(memref::LoadOp::create(builder, loc, scratch.queries, at), lanes());
        for (int64_t v = 0; v < kVectors; ++v)
          next.push_back(fma(q, keys[v], accs[h * kVectors + v]));
      }
      return next;
    });
    Value scale = constantF32(builder, loc, op.getScale().convertToDouble(), lanes());
    Value never = constantF32(builder, loc, -std::numeric_limits<double>::infinity(), lanes());
    for (int64_t i = 0; i < count * kVectors; ++i) {
      Value left = arith::SubIOp::create(builder, loc, seen, index(i % kVectors * kKeyLanes));
      Value mask =
          vector::CreateMaskOp::create(builder, loc, vector(kKeyLanes, builder.getI1Type()), left);
      sums[i] = arith::SelectOp::create(builder, loc, mask, multiply(sums[i], scale), never);
    }
    return sums;
  }

  /// One head's softmax of a step: weights to the scratch. \returns the factor of what came before.
  Value emitSoftmax(ValueRange scores, int64_t h, Softmax &state) {
    Value highest = scores[0];
    for (Value score : scores.drop_front())
      highest = arith::MaxNumFOp::create(builder, loc, highest, score);
    highest = vector::ReductionOp::create(builder, loc, vector::CombiningKind::MAXNUMF, highest);
    Value maximum = arith::MaxNumFOp::create(builder, loc, state.maximum, highest);
    Value shift = math::ExpOp::create(builder, loc,
                                      arith::SubFOp::create(builder, loc, state.maximum, maximum));
    Value all = splat(maximum, lanes()), sums = multiply(state.sums, splat(shift, lanes()));
    for (auto [v, score] : llvm::enumerate(scores)) {
      Value weights =
          math::ExpOp::create(builder, loc, arith::SubFOp::create(builder, loc, score, all));
      int64_t at = h * kStep + static_cast<int64_t>(v) * kKeyLanes;
      vector::StoreOp::create(builder, loc, weights, scratch.weights, ValueRange{index(at)});
      sums = arith::AddFOp::create(builder, loc, sums, weights);
    }
    state = {maximum, sums};
    return shift;
  }

  /// outputs = outputs * shift + sum_j weights[j] * v[j] over the step's `positions`, every head.
  /// Meanwhile the keys of the step in page `next` are fetched.
  void emitValues(const Page &page, const Page &next, Value slot, Value positions,
                  ArrayRef<Value> shifts) {
    SmallVector<Part> parts = partsOf(size());
    SmallVector<Value> outputs;
    for (int64_t h = 0; h < count; ++h)
      for (const Part &part : parts) {
        Value old = loadOutput(h, part);
        outputs.push_back(multiply(old, splat(shifts[h], old.getType())));
      }
    outputs = loop(positions, outputs, [&](Value j, ValueRange accs) {
      SmallVector<Value> values, sums;
      prefetch(next.keys, {keyHead, index(0), index(0)}, mul(j, size()), size());
      for (const Part &part : parts)
        values.push_back(
            loadStored(page.values, part.lanes, {keyHead, add(slot, j), index(part.begin)}));
      for (int64_t h = 0; h < count; ++h) {
        Value at = add(index(h * kStep), j);
        Value weight = memref::LoadOp::create(builder, loc, scratch.weights, at);
        for (auto [p, value] : llvm::enumerate(values))
          sums.push_back(fma(splat(weight, value.getType()), value, accs[h * parts.size() + p]));
      }
      return sums;
    });
    for (int64_t h = 0; h < count; ++h)
      for (auto [p, part] : llvm::enumerate(parts))
        storeOutput(outputs[h * parts.size() + p], h, part);
  }

  Value outputAt(int64_t h, const Part &part) { return index((head + h) * size() + part.begin); }
  Value loadOutput(int64_t h, const Part &part) {
    return vector::LoadOp::create(builder, loc, vector(part.lanes, f32()), scratch.outputs,
                                  ValueRange{outputAt(h, part)});
  }
  void storeOutput(Value output, int64_t h, const Part &part) {
    vector::StoreOp::create(builder, loc, output, scratch.outputs, ValueRange{outputAt(h, part)});
  }

  /// Where the next step begins, or this one where it is the last: a page that there is.
  Value nextOf(Value base) {
    Value last = mul(div(position, kStep), kStep);
    return arith::MinSIOp::create(builder, loc, add(base, index(kStep)), last);
  }

  /// One step for all heads: their states one after the other.
  SmallVector<Value> emitStep(Value step, ValueRange states) {
    Value base = mul(step, kStep), slot = rem(base, op.getPageRows());
    Value seen = add(arith::SubIOp::create(builder, loc, position, base), index(1));
    Page page = pageOf(sequence, base), behind = pageOf(sequence, nextOf(base));
    SmallVector<Value> scores = emitScores(page, slot, seen), next, shifts;
    for (int64_t h = 0; h < count; ++h) {
      Softmax state{states[2 * h], states[2 * h + 1]};
      ArrayRef<Value> ofHead = ArrayRef(scores).slice(h * kVectors, kVectors);
      shifts.push_back(emitSoftmax(ofHead, h, state));
      next.append({state.maximum, state.sums});
    }
    Value positions = arith::MinSIOp::create(builder, loc, index(kStep), seen);
    emitValues(page, behind, slot, positions, shifts);
    return next;
  }

  /// Leaves the heads' outputs in the scratch.
  void emit() {
    SmallVector<Value> states;
    for (int64_t h = 0; h < count; ++h) {
      states.push_back(constantF32(builder, loc, -std::numeric_limits<double>::infinity(), f32()));
      states.push_back(constantF32(builder, loc, 0, lanes()));
      for (const Part &part : partsOf(size()))
        storeOutput(constantF32(builder, loc, 0, vector(part.lanes, f32())), h, part);
    }
    states = loop(add(div(position, kStep), index(1)), states,
                  [&](Value step, ValueRange now) { return emitStep(step, now); });
    Value one = constantF32(builder, loc, 1, f32());
    for (int64_t h = 0; h < count; ++h) {
      Value sum = foldLanes(builder, loc, states[2 * h + 1]);
      Value inverse = arith::DivFOp::create(builder, loc, one, sum);
      for (const Part &part : partsOf(size())) {
        Value output = loadOutput(h, part);
        storeOutput(multiply(output, splat(inverse, output.getType())), h, part);
      }
    }
  }
};

/// Emits one block: queries to the scratch, all heads of the group, outputs out of it.
struct AttendBlock : PageAccess<tile::AttendOp> {
  Value row, keyHead;
  Scratch scratch;

  int64_t size() { return static_cast<int64_t>(op.getSize()); }
  int64_t channels() { return cast<MemRefType>(op.getQ().getType()).getDimSize(1); }
  int64_t group() { return channels() / static_cast<int64_t>(op.getHeads() * op.getSize()); }
  VectorType floats(int64_t lanes) { return vector(lanes, builder.getF32Type()); }

  /// The row's channel where the group's `channel` lies.
  Value channelOf(int64_t channel) { return add(mul(keyHead, group() * size()), index(channel)); }
  Value loadQuery(int64_t channel, int64_t lanes) {
    return vector::LoadOp::create(builder, loc, floats(lanes), op.getQ(),
                                  ValueRange{row, channelOf(channel)});
  }
  void storeQuery(int64_t channel, Value lanes) {
    vector::StoreOp::create(builder, loc, lanes, scratch.queries, ValueRange{index(channel)});
  }

  void copyQueries() {
    if (op.getFrequencies()) {
      for (const Turn &turn : emitTurns(builder, loc, row, *op.getFrequencies()))
        for (int64_t h = 0; h < group(); ++h)
          rotatePairs(
              builder, loc, turn, size() / 2,
              [&](int64_t channel) { return loadQuery(h * size() + channel, turn.lanes); },
              [&](int64_t channel, Value lanes) { storeQuery(h * size() + channel, lanes); });
      return;
    }
    for (const Part &part : partsOf(group() * size()))
      storeQuery(part.begin, loadQuery(part.begin, part.lanes));
  }

  Value loadOutput(OpBuilder &b, int64_t lanes, Value channel) {
    return vector::LoadOp::create(b, loc, floats(lanes), scratch.outputs, ValueRange{channel});
  }
  void copyOutputs() {
    auto planes = static_cast<int64_t>(op.getPlanes());
    if (planes == 0) {
      for (const Part &part : partsOf(group() * size()))
        vector::StoreOp::create(builder, loc, loadOutput(builder, part.lanes, index(part.begin)),
                                op.getOut(), ValueRange{row, channelOf(part.begin)});
      return;
    }
    Value begin = channelOf(0);
    int64_t groups = group() * size() / pack::kGroup;
    emitRecords(builder, loc, op.getOut(), row, mul(keyHead, groups), groups, channels(), planes,
                [&](OpBuilder &b, const ColumnChunk &chunk) {
                  return loadOutput(b, chunk.lanes,
                                    arith::SubIOp::create(b, loc, chunk.begin, begin));
                });
  }

  void emit() {
    Value position = abi::PositionOp::create(builder, loc, row);
    Value sequence = abi::SequenceOp::create(builder, loc, row);
    copyQueries();
    auto vectors = static_cast<int64_t>(partsOf(size()).size());
    int64_t together = std::clamp<int64_t>(kOutputVectors / vectors, 1, kHeadsTogether);
    for (int64_t head = 0; head < group(); head += together)
      AttendHeads{{builder, loc, op},
                  position,
                  sequence,
                  keyHead,
                  scratch,
                  head,
                  std::min(together, group() - head)}
          .emit();
    copyOutputs();
  }
};

Value allocateScratch(OpBuilder &builder, Location loc, int64_t floats) {
  auto type = MemRefType::get({floats}, builder.getF32Type());
  return memref::AllocaOp::create(builder, loc, type, builder.getI64IntegerAttr(64));
}

struct AttendKernel : OpRewritePattern<tile::AttendOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::AttendOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    if (op.getPageRows() % kStep != 0)
      return rewriter.notifyMatchFailure(op, "a page is not a whole number of attention steps");
    Location loc = op.getLoc();
    auto heads = static_cast<int64_t>(op.getHeads());
    int64_t shared = cast<MemRefType>(op.getQ().getType()).getDimSize(1) / heads;
    Scratch scratch{allocateScratch(rewriter, loc, shared), allocateScratch(rewriter, loc, shared),
                    allocateScratch(rewriter, loc, kHeadsTogether * kStep)};
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    Value blocks = arith::MulIOp::create(rewriter, loc, rows, constantIndex(rewriter, loc, heads));
    createGrid(rewriter, loc, blocks, [&](OpBuilder &builder, Value block) {
      PageAccess<tile::AttendOp> access{builder, loc, op};
      Value row = access.div(block, heads), keyHead = access.rem(block, heads);
      AttendBlock{access, row, keyHead, scratch}.emit();
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateAttendKernel(RewritePatternSet &patterns) {
  patterns.addWithLabel<AttendKernel>({"attend"}, patterns.getContext());
}

} // namespace osscc::cpu
