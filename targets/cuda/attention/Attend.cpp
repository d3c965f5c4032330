// attend: a block is one row and the query heads that share a key-value head; where few rows have a
// long past, it is one span of that past (Span.h), and other blocks merge the spans:
//
//   grid heads * rows            spans one after the other
//
//   grid heads * rows * spans    each into its partial record,
//   grid heads * rows            then merged in the same order
//
// Both give the same bits, so the number of rows in a call decides nothing but the time.
#include "targets/cuda/Populate.h"
#include "targets/cuda/attention/Span.h"
#include "targets/cuda/matmul/Quantize.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>

using namespace mlir;

namespace osscc::cuda {
namespace {

using Numbers = Emitter::Numbers;

/// The emitter of what spans become together.
struct Merge {
  AttendBlock &block;
  Kernel &k = block.k;

  Numbers start() {
    Numbers state(block.heads(), k.real(-std::numeric_limits<double>::infinity()));
    state.append(block.heads() * (1 + block.chunks()), k.real(0));
    return state;
  }

  /// total = total * exp(its maximum - the new one) + span * exp(the span's - the new one)
  Numbers add(ArrayRef<Number> state, const Sums &span) {
    int64_t heads = block.heads();
    Numbers next(state);
    for (int64_t h = 0; h < heads; ++h) {
      Number highest = k.larger(state[h], span.maxima[h]);
      Number keep = k.exp(state[h] - highest), take = k.exp(span.maxima[h] - highest);
      next[h] = highest;
      next[heads + h] = k.fma(span.totals[h], take, state[heads + h] * keep);
      for (int64_t chunk = 0; chunk < block.chunks(); ++chunk) {
        Number &output = next[(2 + chunk) * heads + h];
        output = k.fma(span.outputs[chunk * heads + h], take, output * keep);
      }
    }
    return next;
  }

  /// What outputs of head `h` are multiplied by. A sink is one weight more, whose score may be the
  /// highest.
  Number factorOf(ArrayRef<Number> state, int64_t h) {
    Number highest = state[h], total = state[block.heads() + h];
    if (!block.op.getSinks())
      return k.real(1) / total;
    Rows sinks = k.rows(block.op.getSinks());
    Number sink = k.load(sinks, k.integer(0), block.block * block.heads() + h);
    Number most = k.larger(highest, sink);
    Number keep = k.exp(highest - most), take = k.exp(sink - most);
    return keep / k.fma(total, keep, take);
  }

  void finish(ArrayRef<Number> state, const Rows &out) {
    auto planes = static_cast<int64_t>(block.op.getPlanes());
    int64_t width = cast<ShapedType>(block.op.getQ().getType()).getDimSize(1);
    for (int64_t h = 0; h < block.heads(); ++h) {
      Number factor = factorOf(state, h);
      for (int64_t chunk = 0; chunk < block.chunks(); ++chunk)
        k.when(block.hasChannel(chunk), [&] {
          Number value = state[(2 + chunk) * block.heads() + h] * factor;
          Number channel =
              (block.block * block.heads() + h) * block.size() + block.channelOf(chunk);
          if (planes == 0)
            return k.store(value, out, block.row, channel);
          emitRecord(k, RecordLayout::of(out.width, width, planes), out, block.row,
                     channel / pack::kRecordChannels, k.threadId() % kWarp, value);
        });
    }
  }
};

/// Where a block's record of a span lies.
Number recordOf(AttendBlock &block, int64_t spans, Number span) {
  return (block.row * blocksOfRow(block.op) + block.block) * spans + span;
}

void storeRecord(AttendBlock &block, const Rows &partials, Number record, const Sums &sums) {
  Kernel &k = block.k;
  int64_t heads = block.heads();
  k.when(k.threadId() == 0, [&] {
    for (int64_t h = 0; h < heads; ++h) {
      k.store(sums.maxima[h], partials, record, h);
      k.store(sums.totals[h], partials, record, heads + h);
    }
  });
  for (int64_t chunk = 0; chunk < block.chunks(); ++chunk)
    k.when(block.hasChannel(chunk), [&] {
      for (int64_t h = 0; h < heads; ++h)
        k.store(sums.outputs[chunk * heads + h], partials, record,
                block.channelOf(chunk) + (2 * heads + h * block.size()));
    });
}

Sums loadRecord(AttendBlock &block, const Rows &partials, Number record) {
  Kernel &k = block.k;
  int64_t heads = block.heads();
  Sums sums;
  for (int64_t h = 0; h < heads; ++h) {
    sums.maxima.push_back(k.load(partials, record, h));
    sums.totals.push_back(k.load(partials, record, heads + h));
  }
  for (int64_t chunk = 0; chunk < block.chunks(); ++chunk)
    for (int64_t h = 0; h < heads; ++h) {
      Number channel = k.smaller(block.channelOf(chunk), block.size() - 1);
      sums.outputs.push_back(k.load(partials, record, channel + (2 * heads + h * block.size())));
    }
  return sums;
}

/// A block goes through all spans of its row.
void createWhole(Expansion &expansion, tile::AttendOp op) {
  Kernel k(expansion, "_whole", kSpan);
  AttendBlock block = AttendBlock::in(k, op);
  Rows out = k.rows(op.getOut());
  Merge merge{block};
  block.loadQueries();
  Numbers state = k.loop(
      block.firstSpan(), block.lastSpan() + 1, 1, merge.start(),
      [&](Number span, ArrayRef<Number> state) { return merge.add(state, block.emitSpan(span)); });
  merge.finish(state, out);
  k.launch(expansion.index(blocksOfRow(op)), expansion.rowsOf(op.getOut()));
}

/// A block is a span; then blocks merge them.
void createSplit(Expansion &expansion, tile::AttendOp op, int64_t spans) {
  Value rows = expansion.rowsOf(op.getOut()), blocks = expansion.index(blocksOfRow(op));
  Value extent = abi::ExtentOp::create(expansion.host, expansion.loc);
  Value some = expansion.smaller(expansion.divideUp(extent, kSpan), expansion.index(spans));
  {
    Kernel k(expansion, "_spans", kSpan);
    AttendBlock block = AttendBlock::in(k, op);
    Rows partials = k.rows(op.getPartials());
    Number number = k.blockId(2), span = block.firstSpan() + number;
    k.when(span < block.lastSpan() + 1, [&] {
      block.loadQueries();
      storeRecord(block, partials, recordOf(block, spans, number), block.emitSpan(span));
    });
    k.launch(blocks, rows, some);
  }
  Kernel k(expansion, "_merge", kSpan);
  AttendBlock block = AttendBlock::in(k, op);
  Rows out = k.rows(op.getOut()), partials = k.rows(op.getPartials());
  Merge merge{block};
  Number count = block.lastSpan() + 1 - block.firstSpan();
  Numbers state =
      k.loop(k.integer(0), count, 1, merge.start(), [&](Number span, ArrayRef<Number> state) {
        Number record = recordOf(block, spans, span);
        return merge.add(state, loadRecord(block, partials, record));
      });
  merge.finish(state, out);
  k.launch(blocks, rows);
}

} // namespace

LogicalResult expand(Expansion &expansion, tile::AttendOp op) {
  if (!op.getPartials()) {
    createWhole(expansion, op);
    return success();
  }
  auto model =
      expansion.function->getParentOfType<ModuleOp>()->getAttrOfType<abi::ModelAttr>("abi.model");
  int64_t spans = spansOf(op, model.getPositions());
  int64_t records = cast<MemRefType>(op.getPartials().getType()).getDimSize(0);
  // A past of one span needs no merge.
  Value extent = abi::ExtentOp::create(expansion.host, expansion.loc);
  Value isShort = arith::CmpIOp::create(expansion.host, expansion.loc, arith::CmpIPredicate::ule,
                                        extent, expansion.index(kSpan));
  Value rows = expansion.rowsOf(op.getOut());
  Value many = expansion.index(1 << 30);
  rows = arith::SelectOp::create(expansion.host, expansion.loc, isShort, many, rows);
  expansion.whenFew(
      rows, records / (spans * blocksOfRow(op)), [&] { createSplit(expansion, op, spans); },
      [&] { createWhole(expansion, op); });
  return success();
}

} // namespace osscc::cuda
