// attend: a block is one row and one key-value head, with the query heads that share it, over
// latents a few of them; or, where few rows have a long past, one span of that past (Span.h):
//
//   grid rows * heads            spans one after the other, merged in the worker's memory
//
//   grid rows * heads * spans    each into its partial record,
//   grid rows * heads            then merged in the same order
//
// Spans begin with the one that holds the first position which the row's mask lets it see. Both
// give the same bits, so the number of rows in a call decides nothing but the time.
#include "targets/cpu/Grid.h"
#include "targets/cpu/Lanes.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/attention/Append.h"
#include "targets/cpu/attention/Span.h"
#include "targets/cpu/attention/Temperature.h"
#include "targets/cpu/matmul/Records.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;

namespace osscc::cpu {
namespace {

/// Emits what is done for one row and the query heads of a block.
struct AttendBlock : PageAccess {
  tile::AttendOp op;
  const Tuning &tuning;
  Value row;
  Value heads; ///< the number of the block's heads among those of the row
  SpanOf of;
  SpanScratch scratch;
  Value total; ///< the worker's record of all spans so far

  /// Channels of a head in `q` and in `out`.
  int64_t size() { return cache.layout.valueSize(); }
  int64_t channels() { return cast<MemRefType>(op.getQ().getType()).getDimSize(1); }
  /// Query heads of the block.
  int64_t share() { return of.share; }

  /// The row's channel where `channel` of those heads lies.
  Value channelOf(int64_t channel) { return add(mul(heads, share() * size()), channel); }
  Value loadQuery(int64_t channel, int64_t lanes) {
    return load(floats(lanes), op.getQ(), {row, channelOf(channel)});
  }
  void storeQuery(int64_t channel, Value lanes) { store(lanes, scratch.queries, index(channel)); }

  /// Each head of latents: its channels of `q`, then those of `rest`, which are turned.
  void copyLatentQueries() {
    int64_t others = cache.layout.keySize();
    SmallVector<Angles> all;
    if (std::optional<Rotation> rotation = rotationOf(op))
      all = emitAngles(builder, loc, row, *rotation);
    loop(index(0), index(share()), {}, [&](Value head, ValueRange) -> SmallVector<Value> {
      Value from = add(channelOf(0), mul(head, size())), to = mul(head, cache.size);
      for (const HeadSlice &slice : slicesOf(size()))
        store(load(floats(slice.lanes), op.getQ(), {row, add(from, slice.begin)}), scratch.queries,
              add(to, slice.begin));
      Value rest = mul(add(mul(heads, share()), head), others), behind = add(to, size());
      auto loadRest = [&](int64_t channel, int64_t lanes) {
        return load(floats(lanes), op.getRest(), {row, add(rest, channel)});
      };
      auto storeRest = [&](int64_t channel, Value lanes) {
        store(lanes, scratch.queries, add(behind, channel));
      };
      for (const Angles &angles : all)
        rotatePairs(
            builder, loc, angles, others / 2,
            [&](int64_t channel) { return loadRest(channel, angles.lanes); }, storeRest);
      if (all.empty())
        for (const HeadSlice &slice : slicesOf(others))
          storeRest(slice.begin, loadRest(slice.begin, slice.lanes));
      return {};
    });
  }

  void copyQueries() {
    if (cache.layout.isLatent())
      return copyLatentQueries();
    if (std::optional<Rotation> rotation = rotationOf(op)) {
      for (const Angles &angles : emitAngles(builder, loc, row, *rotation))
        for (int64_t h = 0; h < share(); ++h)
          rotatePairs(
              builder, loc, angles, size() / 2,
              [&](int64_t channel) { return loadQuery(h * size() + channel, angles.lanes); },
              [&](int64_t channel, Value lanes) { storeQuery(h * size() + channel, lanes); });
      return;
    }
    for (const HeadSlice &slice : slicesOf(share() * size()))
      storeQuery(slice.begin, loadQuery(slice.begin, slice.lanes));
  }

  /// The numbers of the row's last span and of its first.
  Value lastSpan() { return div(of.position, tile::kAttentionSpan); }
  Value firstSpan() { return of.first ? div(of.first, tile::kAttentionSpan) : index(0); }

  /// Lanes of `all`, whose lanes are equal.
  Value narrow(Value all, int64_t lanes) {
    return vector::ExtractStridedSliceOp::create(builder, loc, all, ArrayRef<int64_t>{0},
                                                 ArrayRef<int64_t>{lanes}, ArrayRef<int64_t>{1});
  }

  /// Calls `body` with the place of each head's record.
  void forEachHead(function_ref<void(Value)> body) {
    loop(index(0), index(share()), {}, [&](Value head, ValueRange) -> SmallVector<Value> {
      body(mul(head, tile::partialFloats(size())));
      return {};
    });
  }

  void clearTotal() {
    forEachHead([&](Value at) {
      for (const HeadSlice &slice : slicesOf(size() + kKeyLanes))
        store(real(0, floats(slice.lanes)), total, add(at, slice.begin));
      store(real(-std::numeric_limits<double>::infinity(), floats(kKeyLanes)), total,
            add(at, size() + kKeyLanes));
    });
  }

  /// total = total * exp(its maximum - the new one) + record * exp(the record's - the new one)
  void merge(Value record, ValueRange place) {
    forEachHead([&](Value at) {
      auto placed = [&](int64_t offset) {
        SmallVector<Value> indices(place);
        indices.push_back(add(at, offset));
        return indices;
      };
      auto totalAt = [&](int64_t offset) { return add(at, offset); };
      int64_t sums = size(), maximum = size() + kKeyLanes;
      Value before = load(floats(kKeyLanes), total, totalAt(maximum));
      Value now = load(floats(kKeyLanes), record, placed(maximum));
      Value highest = arith::MaxNumFOp::create(builder, loc, before, now);
      auto factorOf = [&](Value old) -> Value {
        return math::ExpOp::create(builder, loc, sub(old, highest));
      };
      Value keep = factorOf(before), take = factorOf(now);
      store(highest, total, totalAt(maximum));
      auto mergeLanes = [&](int64_t begin, int64_t lanes) {
        Value kept = mul(load(floats(lanes), total, totalAt(begin)), narrow(keep, lanes));
        Value taken = load(floats(lanes), record, placed(begin));
        store(fma(taken, narrow(take, lanes), kept), total, totalAt(begin));
      };
      for (const HeadSlice &slice : slicesOf(size()))
        mergeLanes(slice.begin, slice.lanes);
      mergeLanes(sums, kKeyLanes);
    });
  }

  void copyTotal(Value partials, Value record) {
    forEachHead([&](Value at) {
      for (const HeadSlice &slice : slicesOf(tile::partialFloats(size()))) {
        Value place = add(at, slice.begin);
        store(load(floats(slice.lanes), total, place), partials, {record, place});
      }
    });
  }

  /// What the outputs of a head are multiplied by, whose record is at `at`: 1 over the sum of its
  /// weights. A sink is one weight more, and its score may be the highest.
  Value inverseOf(Value head, Value at) {
    Value sum = foldLanes(builder, loc, load(floats(kKeyLanes), total, add(at, size())));
    if (!op.getSinks())
      return div(real(1, sum.getType()), sum);
    Value number = add(mul(heads, share()), head);
    Value sink = memref::LoadOp::create(builder, loc, op.getSinks(), number);
    Value before = memref::LoadOp::create(builder, loc, total, add(at, size() + kKeyLanes));
    Value highest = arith::MaxNumFOp::create(builder, loc, before, sink);
    Value keep = math::ExpOp::create(builder, loc, sub(before, highest));
    Value taken = math::ExpOp::create(builder, loc, sub(sink, highest));
    return div(keep, fma(sum, keep, taken));
  }

  /// Divides by the sums; the outputs of all heads lie one after the other in `queries` then.
  void divideBySums() {
    loop(index(0), index(share()), {}, [&](Value head, ValueRange) -> SmallVector<Value> {
      Value at = mul(head, tile::partialFloats(size())), to = mul(head, size());
      Value inverse = inverseOf(head, at);
      for (const HeadSlice &slice : slicesOf(size())) {
        Value output = load(floats(slice.lanes), total, add(at, slice.begin));
        store(mul(output, splat(inverse, output.getType())), scratch.queries, add(to, slice.begin));
      }
      return {};
    });
  }

  Value loadOutput(OpBuilder &b, int64_t lanes, Value channel) {
    return vector::LoadOp::create(b, loc, floats(lanes), scratch.queries, ValueRange{channel});
  }
  void copyOutputs() {
    divideBySums();
    auto planes = static_cast<int64_t>(op.getPlanes());
    if (planes == 0) {
      for (const HeadSlice &slice : slicesOf(share() * size()))
        store(loadOutput(builder, slice.lanes, index(slice.begin)), op.getOut(),
              {row, channelOf(slice.begin)});
      return;
    }
    Value begin = channelOf(0);
    int64_t groups = share() * size() / pack::kRecordChannels;
    RowRecords to{op.getOut(), planes, op.getInterleaved(), tile::recordsOfRow(channels())};
    Value first = mul(heads, groups);
    emitRecords(builder, loc, to, row, first, add(first, groups), channels(),
                [&](OpBuilder &b, const ColumnChunk &chunk) {
                  return loadOutput(b, chunk.lanes,
                                    arith::SubIOp::create(b, loc, chunk.begin, begin));
                });
  }

  /// Appends the row's own key and value where the spans up to `end` are the row's last.
  void appendBefore(Value end, Value all) {
    Value isLast = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, end, all);
    auto choice = scf::IfOp::create(builder, loc, isLast, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(choice.thenBlock());
    emitAppend(*this, appendedRow(*this, op.getK(), op.getV(), rotationOf(op), row), of.keyHead);
  }

  void emitSpans(Value begin, Value end) {
    copyQueries();
    clearTotal();
    loop(begin, end, {}, [&](Value number, ValueRange) -> SmallVector<Value> {
      if (cache.layout.isLatent())
        emitLatentSpan(*this, of, scratch, number);
      else
        emitSpan(*this, tuning, of, scratch, number);
      merge(scratch.record, {});
      return {};
    });
  }

  /// Merges the row's partial records from `first` on.
  void mergePartials(Value partials, Value first) {
    clearTotal();
    Value begin = firstSpan();
    loop(begin, add(lastSpan(), 1), {}, [&](Value number, ValueRange) -> SmallVector<Value> {
      merge(partials, add(first, of.first ? sub(number, begin) : number));
      return {};
    });
    copyOutputs();
  }
};

/// Emits the whole kernel.
struct AttendGrids : PageAccess {
  tile::AttendOp op;
  const Tuning &tuning;
  Value rows;
  SpanScratch scratch;
  Value total;

  int64_t queryHeads() {
    int64_t channels = cast<MemRefType>(op.getQ().getType()).getDimSize(1);
    return channels / cache.layout.valueSize();
  }
  /// Query heads of a block, and blocks of a row.
  int64_t share() { return tile::headsOfBlock(cache.layout, queryHeads() / cache.heads); }
  int64_t heads() { return queryHeads() / share(); }

  /// The work of row and heads number `pair`.
  AttendBlock blockOf(OpBuilder &inner, Value pair) {
    PageAccess at{{inner, loc}, cache};
    Value row = at.div(pair, heads()), heads = at.rem(pair, this->heads());
    int64_t blocksOfHead = this->heads() / cache.heads;
    SpanOf of{abi::PositionOp::create(inner, loc, row),
              abi::SequenceOp::create(inner, loc, row),
              blocksOfHead == 1 ? heads : at.div(heads, blocksOfHead),
              share(),
              op.getScale().convertToDouble(),
              op.getSoftcap() ? op.getSoftcap()->convertToDouble() : 0,
              {},
              {}};
    of.first = firstSeen(at, of.position);
    if (op.getTemperature())
      of.temperature = emitTemperature(at, of.position, *op.getTemperature());
    return {at, op, tuning, row, heads, of, scratch, total};
  }

  /// The first position that a row at `position` sees, or null where it sees all.
  Value firstSeen(const Emitter &at, Value position) {
    if (!op.getMask())
      return {};
    if (op.getMask()->getChunked())
      return at.mul(at.div(position, op.getMask()->getWindow()), op.getMask()->getWindow());
    return at.larger(at.sub(position, at.index(op.getMask()->getWindow() - 1)), at.index(0));
  }

  /// Into how many spans the past of each row is cut: the most that a row has where rows are few
  /// and the partial records suffice, or 1.
  Value emitCut() {
    if (!op.getPartials())
      return index(1);
    Value few =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ule, rows, index(tuning.cutRows));
    Value scanned = arith::SelectOp::create(builder, loc, few, rows, index(0));
    Value spans = loop(index(0), scanned, {index(1)}, [&](Value row, ValueRange most) {
      Value position = abi::PositionOp::create(builder, loc, row);
      Value count = add(div(position, tile::kAttentionSpan), 1);
      if (Value first = firstSeen(*this, position))
        count = sub(count, div(first, tile::kAttentionSpan));
      return SmallVector<Value>{arith::MaxUIOp::create(builder, loc, most[0], count)};
    })[0];
    Value records = mul(mul(rows, heads()), spans);
    Value room = index(op.getPartials().getType().getDimSize(0));
    Value fits = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ule, records, room);
    return arith::SelectOp::create(builder, loc, fits, spans, index(1));
  }

  void emitSpansGrid(Value cut, Value isCut) {
    Value blocks = mul(mul(rows, heads()), cut);
    createGrid(builder, loc, blocks, [&](OpBuilder &inner, Value number) {
      PageAccess at{{inner, loc}, cache};
      AttendBlock block = blockOf(inner, at.div(number, cut));
      Value begin = at.rem(number, cut), all = at.add(block.lastSpan(), 1);
      if (block.of.first)
        begin = at.add(begin, block.firstSpan());
      Value one = arith::MinUIOp::create(inner, loc, at.add(begin, 1), all);
      Value end = arith::SelectOp::create(inner, loc, isCut, one, all);
      Value some = arith::CmpIOp::create(inner, loc, arith::CmpIPredicate::ult, begin, end);
      auto present = scf::IfOp::create(inner, loc, some, /*withElseRegion=*/false);
      OpBuilder::InsertionGuard guard(inner);
      inner.setInsertionPointToStart(present.thenBlock());
      if (op.getK())
        block.appendBefore(end, all);
      block.emitSpans(begin, end);
      if (!op.getPartials())
        return block.copyOutputs();
      auto where = scf::IfOp::create(inner, loc, isCut, /*withElseRegion=*/true);
      inner.setInsertionPointToStart(where.thenBlock());
      block.copyTotal(op.getPartials(), number);
      inner.setInsertionPointToStart(where.elseBlock());
      block.copyOutputs();
    });
  }

  void emitMergeGrid(Value cut, Value isCut) {
    auto choice = scf::IfOp::create(builder, loc, isCut, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(choice.thenBlock());
    abi::BarrierOp::create(builder, loc);
    createGrid(builder, loc, mul(rows, heads()), [&](OpBuilder &inner, Value pair) {
      blockOf(inner, pair)
          .mergePartials(op.getPartials(), arith::MulIOp::create(inner, loc, pair, cut));
    });
  }

  void allocateScratch() {
    Type f32 = builder.getF32Type();
    int64_t record = share() * tile::partialFloats(cache.layout.valueSize());
    scratch.queries = allocate({share() * cache.size}, f32);
    scratch.record = allocate({record}, f32);
    scratch.weights = allocate({weightFloats(tuning)}, f32);
    total = allocate({record}, f32);
  }

  void emit() {
    allocateScratch();
    Value cut = emitCut();
    Value isCut = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, cut, index(1));
    emitSpansGrid(cut, isCut);
    if (op.getPartials())
      emitMergeGrid(cut, isCut);
  }
};

struct AttendKernel : OpRewritePattern<tile::AttendOp> {
  const Tuning &tuning;

  AttendKernel(MLIRContext *context, const Tuning &tuning)
      : OpRewritePattern(context), tuning(tuning) {}

  LogicalResult matchAndRewrite(tile::AttendOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()) ||
        (op.getSinks() && !isa<MemRefType>(op.getSinks().getType())))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    AttendGrids{{{rewriter, loc}, cacheOf(op)}, op, tuning, rows, {}, {}}.emit();
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateAttendKernel(RewritePatternSet &patterns, const Tuning &tuning) {
  patterns.addWithLabel<AttendKernel>({"attend"}, patterns.getContext(), tuning);
}

} // namespace osscc::cpu
