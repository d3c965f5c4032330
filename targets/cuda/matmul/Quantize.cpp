// quantize_rows: a warp is one group of 32 channels of one row, a channel a thread.
#include "targets/cuda/matmul/Quantize.h"

#include "targets/cuda/Populate.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;

namespace osscc::cuda {

namespace {

constexpr int64_t kWarps = 4;                // of a block
constexpr int64_t kCode = 127, kPlane = 255; // the largest code, and the weight of the high plane
constexpr int64_t kHalf = pack::kRecordChannels / 2;

/// The emitter of one record.
struct RecordEmitter {
  const Emitter &emit;
  const RecordLayout &layout;
  const Rows &to;
  Number row, group, lane;

  /// Four threads' codes as a word, which the first of them stores.
  void storeCodes(Number code, int64_t plane) {
    Number word = (code & 255) << ((lane & 3) << 3);
    for (int64_t mask : {1, 2})
      word = word | emit.shuffleXor(word, mask);
    emit.when((lane & 3) == 0,
              [&] { emit.store(word, to, row, layout.codes(group, plane) + (lane >> 2)); });
  }

  void storeTail(Number word, int64_t which) {
    emit.store(emit.bitcast(word, emit.i32()), to, row, layout.tail(group, which));
  }

  /// Sums of codes as the words that stand for them.
  void storeSums(Number total, Number scale, int64_t sum, int64_t offset) {
    storeTail(scale * emit.toFloat(total), sum);
    storeTail(total * -tile::kOffset, offset);
  }

  void emitAll(Number value) {
    Number most = emit.warpMaximum(emit.abs(value));
    double limit = layout.planes == 1 ? kCode : kPlane * kCode + kCode;
    // Below 2^-100 the inverse would leave f32; such numbers are as good as zeros.
    Number some = most > std::ldexp(1.0, -100);
    Number scale = emit.select(some, most / limit, 0.0);
    Number inverse = emit.select(some, emit.real(limit) / most, 0.0);
    Number code = emit.nearest(value * inverse), low = code;
    if (layout.planes == 2) {
      Number high = emit.nearest(emit.toFloat(code) * (1.0 / kPlane));
      low = code - high * kPlane;
      storeCodes(high, 0);
    }
    storeCodes(low, layout.planes - 1);
    Number half = emit.warpSum(code, kHalf), total = half + emit.shuffleXor(half, kHalf);
    emit.when(lane == 0, [&] {
      storeTail(scale, RecordLayout::Scale);
      storeSums(total, scale, RecordLayout::Sum, RecordLayout::Offset);
    });
    if (!layout.halves)
      return;
    for (int64_t i : {0, 1})
      emit.when(lane == i * kHalf, [&] {
        storeSums(half, scale, RecordLayout::SumOfHalf + i, RecordLayout::OffsetOfHalf + i);
      });
  }
};

} // namespace

RecordLayout RecordLayout::of(int64_t words, int64_t channels, int64_t planes) {
  int64_t groups = tile::recordsOfRow(channels);
  return {planes, groups, words > groups * tile::recordWords(planes)};
}

Number RecordLayout::codes(Number group, int64_t plane) const {
  return group * tile::codeWords(planes) + plane * (pack::kRecordChannels / 4);
}

Number RecordLayout::tail(Number group, int64_t which) const {
  return group + groups * (tile::codeWords(planes) + which);
}

void emitRecord(const Emitter &emitter, const RecordLayout &layout, const Rows &to, Number row,
                Number group, Number lane, Number value) {
  RecordEmitter{emitter, layout, to, row, group, lane}.emitAll(value);
}

LogicalResult expand(Expansion &expansion, tile::QuantizeRowsOp op) {
  Kernel k(expansion, "", kWarps * kWarp);
  Rows x = k.rows(op.getX()), out = k.rows(op.getOut());
  RecordLayout layout = RecordLayout::of(out.width, x.width, static_cast<int64_t>(op.getPlanes()));
  Number thread = k.threadId(), lane = thread % kWarp, row = k.blockId(1);
  Number group = k.blockId(0) * kWarps + thread / kWarp;
  k.when(group < layout.groups, [&] {
    Number channel = group * pack::kRecordChannels + lane;
    Number value = k.choose(
        channel < x.width, [&] { return Emitter::Numbers{k.load(x, row, channel)}; },
        [&] { return Emitter::Numbers{k.real(0)}; })[0];
    emitRecord(k, layout, out, row, group, lane, value);
  });
  Value blocks = expansion.index((layout.groups + kWarps - 1) / kWarps);
  k.launch(blocks, expansion.rowsOf(op.getOut()));
  return success();
}

} // namespace osscc::cuda
