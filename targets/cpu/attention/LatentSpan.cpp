// A span of attention over latents: one row of a position is the key of all heads, and its first
// channels are the value. So 16 channels are one vector in scores too:
//
//   scores    4 positions and up to 4 heads in registers, 16 lanes each: q . row in rising
//   channels,
//             those of the value first; then lanes are folded
//   softmax   as of other keys (Steps.h)
//   values    64 channels of up to 4 heads in registers, over all positions of the step
//
// Heads are few (tile::headsOfBlock), and channels a loop: the code does not grow with the width of
// a latent. What a head's numbers are does not depend on the heads beside it.
#include "targets/cpu/Lanes.h"
#include "targets/cpu/attention/Steps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;

namespace osscc::cpu {

namespace {

constexpr int64_t kPositionsTogether = 4;
constexpr int64_t kChannelsTogether = 64;

/// Emits the span of a block's heads.
struct LatentSpan : SpanSteps {
  Value number;

  int64_t heads() { return of.share; }
  int64_t valueSize() { return cache.layout.valueSize(); }

  /// Lanes of a position's row from `channel` on, times the scale of codes.
  Value loadRow(const Page &page, Value slot, Value channel, int64_t count, Value scale) {
    Value row = loadStored(page.values, count, {of.keyHead, slot, channel});
    return scale ? mul(row, splat(scale, row.getType())) : row;
  }

  /// The first lanes of `sums` take up a product of fewer lanes.
  Value addNarrow(Value a, Value b, Value sums) {
    int64_t count = cast<VectorType>(a.getType()).getDimSize(0);
    if (count == kKeyLanes)
      return fma(a, b, sums);
    const SmallVector<int64_t, 1> begin = {0}, size = {count}, one = {1};
    Value first = vector::ExtractStridedSliceOp::create(builder, loc, sums, begin, size, one);
    return vector::InsertStridedSliceOp::create(builder, loc, fma(a, b, first), sums, begin, one);
  }

  /// sums[head][position] += q . row over `count` channels from `channel` on, `slots` being the
  /// positions' places.
  SmallVector<Value> addProducts(const Page &page, ValueRange slots, Value channel, int64_t count,
                                 ArrayRef<Value> scales, ValueRange sums) {
    SmallVector<Value> rows, added;
    for (auto [position, slot] : llvm::enumerate(slots))
      rows.push_back(
          loadRow(page, slot, channel, count, scales.empty() ? Value() : scales[position]));
    for (int64_t h = 0; h < heads(); ++h) {
      Value q = load(floats(count), scratch.queries, add(index(h * cache.size), channel));
      for (auto [position, row] : llvm::enumerate(rows))
        added.push_back(addNarrow(q, row, sums[h * kPositionsTogether + position]));
    }
    return added;
  }

  /// The same over channels [begin, end), whose codes have a scale of each position in `scales`.
  SmallVector<Value> addChannels(const Page &page, ValueRange slots, int64_t begin, int64_t end,
                                 Value scales, SmallVector<Value> sums) {
    SmallVector<Value> ofPositions;
    for (Value slot : slots)
      if (codes())
        ofPositions.push_back(
            memref::LoadOp::create(builder, loc, scales, ValueRange{of.keyHead, slot}));
    int64_t whole = (end - begin) / kKeyLanes;
    if (whole > 0)
      sums = loop(index(0), index(whole), sums, [&](Value i, ValueRange accs) {
        Value channel = add(mul(i, kKeyLanes), begin);
        return addProducts(page, slots, channel, kKeyLanes, ofPositions, accs);
      });
    int64_t rest = begin + whole * kKeyLanes;
    for (const HeadSlice &slice : slicesOf(end - rest))
      sums = addProducts(page, slots, index(rest + slice.begin), slice.lanes, ofPositions, sums);
    return sums;
  }

  /// q . row of the step's positions for every head, to the place of weights.
  void emitProducts(const Page &page, Value slot) {
    forEach(index(kPageStep), kPositionsTogether, [&](Value position) {
      SmallVector<Value> slots;
      for (int64_t p = 0; p < kPositionsTogether; ++p)
        slots.push_back(add(add(slot, position), p));
      SmallVector<Value> sums(heads() * kPositionsTogether, real(0, lanes()));
      sums = addChannels(page, slots, 0, valueSize(), page.valueScales, sums);
      sums = addChannels(page, slots, valueSize(), cache.size, page.keyScales, sums);
      for (int64_t h = 0; h < heads(); ++h)
        for (int64_t p = 0; p < kPositionsTogether; ++p) {
          Value product = foldLanes(builder, loc, sums[h * kPositionsTogether + p]);
          memref::StoreOp::create(builder, loc, product, scratch.weights,
                                  ValueRange{add(position, h * kPageStep + p)});
        }
    });
  }

  /// The scores of head `h`: -inf past the row's own position, of which `seen` are left, and for
  /// the `hidden` before its window, if any.
  SmallVector<Value> loadScores(int64_t h, Value seen, Value hidden) {
    Value scale = real(of.scale, lanes());
    if (of.temperature)
      scale = mul(scale, splat(of.temperature, lanes()));
    Value never = real(-std::numeric_limits<double>::infinity(), lanes());
    SmallVector<Value> scores;
    for (int64_t v = 0; v < kStepVectors; ++v) {
      Value products = load(lanes(), scratch.weights, index(h * kPageStep + v * kKeyLanes));
      Value score =
          arith::SelectOp::create(builder, loc, firstLanes(seen, v), mul(products, scale), never);
      if (hidden)
        score = arith::SelectOp::create(builder, loc, firstLanes(hidden, v), never, score);
      scores.push_back(score);
    }
    return scores;
  }

  Value recordAt(int64_t h, int64_t offset) {
    return index(h * tile::partialFloats(valueSize()) + offset);
  }

  /// outputs = outputs * shift + sum_j weights[j] * value[j] over positions [begin, end), of
  /// channels `slices` behind `channel`.
  void emitOutputs(const Page &page, Value slot, Value begin, Value end, ArrayRef<Value> shifts,
                   Value channel, ArrayRef<HeadSlice> slices) {
    auto placeOf = [&](int64_t h, const HeadSlice &slice) {
      return add(channel, recordAt(h, slice.begin));
    };
    SmallVector<Value> outputs;
    for (int64_t h = 0; h < heads(); ++h)
      for (const HeadSlice &slice : slices) {
        Value old = load(floats(slice.lanes), scratch.record, placeOf(h, slice));
        outputs.push_back(mul(old, splat(shifts[h], old.getType())));
      }
    outputs = loop(begin, end, outputs, [&](Value j, ValueRange accs) {
      SmallVector<Value> values, sums;
      for (const HeadSlice &slice : slices)
        values.push_back(loadStored(page.values, slice.lanes,
                                    {of.keyHead, add(slot, j), add(channel, slice.begin)}));
      for (int64_t h = 0; h < heads(); ++h) {
        Value at = add(index(h * kPageStep), j);
        Value weight = memref::LoadOp::create(builder, loc, scratch.weights, at);
        for (auto [p, value] : llvm::enumerate(values))
          sums.push_back(fma(splat(weight, value.getType()), value, accs[h * slices.size() + p]));
      }
      return sums;
    });
    for (int64_t h = 0; h < heads(); ++h)
      for (auto [p, slice] : llvm::enumerate(slices))
        store(outputs[h * slices.size() + p], scratch.record, placeOf(h, slice));
  }

  void emitValues(const Page &page, Value slot, Value begin, Value end, ArrayRef<Value> shifts) {
    int64_t whole = valueSize() / kChannelsTogether * kChannelsTogether;
    if (whole > 0)
      forEach(index(whole), kChannelsTogether, [&](Value channel) {
        emitOutputs(page, slot, begin, end, shifts, channel, slicesOf(kChannelsTogether));
      });
    if (whole < valueSize())
      emitOutputs(page, slot, begin, end, shifts, index(whole), slicesOf(valueSize() - whole));
  }

  SmallVector<Value> emitStep(Value step, ValueRange states) {
    Value base = mul(step, kPageStep), slot = slotOf(base);
    Value seen = add(sub(of.position, base), 1), hidden;
    if (of.first)
      hidden = larger(sub(of.first, base), index(0));
    Page page = pageOf(of.sequence, base);
    emitProducts(page, slot);
    SmallVector<Value> next, shifts, valueScales;
    for (int64_t v = 0; codes() && v < kStepVectors; ++v)
      valueScales.push_back(loadScales(page.valueScales, slot, v));
    for (int64_t h = 0; h < heads(); ++h) {
      Softmax state{states[2 * h], states[2 * h + 1]};
      shifts.push_back(emitSoftmax(loadScores(h, seen, hidden), h, valueScales, state));
      next.append({state.maximum, state.sums});
    }
    Value end = smaller(index(kPageStep), seen);
    emitValues(page, slot, hidden ? hidden : index(0), end, shifts);
    return next;
  }

  void clearOutputs() {
    for (int64_t h = 0; h < heads(); ++h) {
      int64_t whole = valueSize() / kKeyLanes * kKeyLanes;
      forEach(index(whole), kKeyLanes, [&](Value channel) {
        store(real(0, lanes()), scratch.record, add(channel, recordAt(h, 0)));
      });
      for (const HeadSlice &slice : slicesOf(valueSize() - whole))
        store(real(0, floats(slice.lanes)), scratch.record, recordAt(h, whole + slice.begin));
    }
  }

  void emit() {
    clearOutputs();
    SmallVector<Value> states;
    for (int64_t h = 0; h < heads(); ++h)
      states.append({real(-std::numeric_limits<double>::infinity(), f32()), real(0, lanes())});
    Value begin = mul(number, kSpanSteps), end = add(begin, kSpanSteps);
    end = smaller(end, add(div(of.position, kPageStep), 1));
    if (of.first)
      begin = larger(begin, div(of.first, kPageStep));
    states =
        loop(begin, end, states, [&](Value step, ValueRange now) { return emitStep(step, now); });
    for (int64_t h = 0; h < heads(); ++h) {
      store(states[2 * h + 1], scratch.record, recordAt(h, valueSize()));
      store(splat(states[2 * h], lanes()), scratch.record, recordAt(h, valueSize() + kKeyLanes));
    }
  }
};

} // namespace

void emitLatentSpan(PageAccess access, const SpanOf &of, const SpanScratch &scratch, Value number) {
  LatentSpan{{access, of, scratch}, number}.emit();
}

} // namespace osscc::cpu
