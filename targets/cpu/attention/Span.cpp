// A span of attention, by online softmax (Milakov and Gimelshein, 2018) in steps of 64 positions
// aligned to the absolute position. In a step:
//
//   scores    4 vectors of 16 positions for up to 4 heads in registers: a key is read once for all
//   softmax   maximum, weights and running sums of each head; weights go to scratch
//   values    the heads' outputs in registers: a value is read once for all
//
// Running sums stay in 16 lanes. Outputs wait in the record between steps.
#include "targets/cpu/attention/Steps.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;

namespace osscc::cpu {

namespace {

constexpr int64_t kVectors = kStepVectors;

/// Emits the span of `count` of the query heads that share a key-value head, from `head` on.
struct SpanHeads : SpanSteps {
  Value number;
  int64_t head, count;

  int64_t size() { return cache.size; }

  /// Asks for `count` stored elements from `offset` behind `at` on, to the second-level cache: the
  /// past lies in short runs, one a page, and the hardware finds none of them in time.
  void prefetch(Value memory, SmallVector<Value> at, Value offset, int64_t count) {
    Type element = cast<MemRefType>(memory.getType()).getElementType();
    int64_t line = abi::kLineBytes * 8 / element.getIntOrFloatBitWidth();
    at.push_back(offset);
    for (int64_t i = 0; i < count; i += line) {
      at.back() = add(offset, i);
      memref::PrefetchOp::create(builder, loc, memory, at, /*isWrite=*/false, /*localityHint=*/2,
                                 /*isDataCache=*/true);
    }
  }

  /// scale * q . k of the step's positions for every head, under the soft cap where there is one,
  /// `kVectors` vectors each; -inf past the row's own position, of which `seen` are left, and for
  /// the `hidden` before its window, if any. Meanwhile the values of the step in page `next` are
  /// fetched.
  SmallVector<Value> emitScores(const Page &page, const Page &next, Value slot, Value seen,
                                Value hidden) {
    SmallVector<Value> zeros(count * kVectors, real(0, lanes()));
    SmallVector<Value> sums =
        loop(index(0), index(size()), zeros, [&](Value channel, ValueRange accs) {
          SmallVector<Value> keys, added;
          for (int64_t v = 0; v < kVectors; ++v)
            keys.push_back(
                loadStored(page.keys, kKeyLanes,
                           {of.keyHead, div(slot, kPageStep), channel, index(v * kKeyLanes)}));
          prefetch(next.values, {of.keyHead, index(0)}, mul(channel, kPageStep), kPageStep);
          for (int64_t h = 0; h < count; ++h) {
            Value at = add(index((head + h) * size()), channel);
            Value q = splat(memref::LoadOp::create(builder, loc, scratch.queries, at), lanes());
            for (int64_t v = 0; v < kVectors; ++v)
              added.push_back(fma(q, keys[v], accs[h * kVectors + v]));
          }
          return added;
        });
    Value scale = real(of.softcap == 0 ? of.scale : of.scale / of.softcap, lanes());
    if (of.temperature)
      scale = mul(scale, splat(of.temperature, lanes()));
    Value never = real(-std::numeric_limits<double>::infinity(), lanes());
    SmallVector<Value> scales(kVectors, scale);
    if (codes())
      for (int64_t v = 0; v < kVectors; ++v)
        scales[v] = mul(scale, loadScales(page.keyScales, slot, v));
    for (int64_t i = 0; i < count * kVectors; ++i) {
      Value mask = firstLanes(seen, i % kVectors);
      Value score = mul(sums[i], scales[i % kVectors]);
      if (of.softcap != 0)
        score = mul(math::TanhOp::create(builder, loc, score), real(of.softcap, lanes()));
      sums[i] = arith::SelectOp::create(builder, loc, mask, score, never);
      if (hidden)
        sums[i] =
            arith::SelectOp::create(builder, loc, firstLanes(hidden, i % kVectors), never, sums[i]);
    }
    return sums;
  }

  /// outputs = outputs * shift + sum_j weights[j] * v[j] over the step's positions from `begin` up
  /// to `end`, every head. Meanwhile the keys of the step in page `next` are fetched.
  void emitValues(const Page &page, const Page &next, Value slot, Value begin, Value end,
                  ArrayRef<Value> shifts) {
    SmallVector<HeadSlice> slices = slicesOf(size());
    SmallVector<Value> outputs;
    for (int64_t h = 0; h < count; ++h)
      for (const HeadSlice &slice : slices) {
        Value old = loadOutput(h, slice);
        outputs.push_back(mul(old, splat(shifts[h], old.getType())));
      }
    outputs = loop(begin, end, outputs, [&](Value j, ValueRange accs) {
      SmallVector<Value> values, sums;
      prefetch(next.keys, {of.keyHead, index(0), index(0)}, mul(j, size()), size());
      for (const HeadSlice &slice : slices)
        values.push_back(
            loadStored(page.values, slice.lanes, {of.keyHead, add(slot, j), index(slice.begin)}));
      for (int64_t h = 0; h < count; ++h) {
        Value at = add(index(h * kPageStep), j);
        Value weight = memref::LoadOp::create(builder, loc, scratch.weights, at);
        for (auto [p, value] : llvm::enumerate(values))
          sums.push_back(fma(splat(weight, value.getType()), value, accs[h * slices.size() + p]));
      }
      return sums;
    });
    for (int64_t h = 0; h < count; ++h)
      for (auto [p, slice] : llvm::enumerate(slices))
        storeOutput(outputs[h * slices.size() + p], h, slice);
  }

  Value recordAt(int64_t h, int64_t offset) {
    return index((head + h) * tile::partialFloats(size()) + offset);
  }
  Value loadOutput(int64_t h, const HeadSlice &slice) {
    return load(floats(slice.lanes), scratch.record, recordAt(h, slice.begin));
  }
  void storeOutput(Value output, int64_t h, const HeadSlice &slice) {
    store(output, scratch.record, recordAt(h, slice.begin));
  }

  /// Where the next step begins, or this one where it is the last: a page that there is.
  Value nextOf(Value base) {
    Value last = mul(div(of.position, kPageStep), kPageStep);
    return smaller(add(base, kPageStep), last);
  }

  /// One step for all heads: their states one after the other.
  SmallVector<Value> emitStep(Value step, ValueRange states) {
    Value base = mul(step, kPageStep), slot = slotOf(base);
    Value seen = add(sub(of.position, base), 1), hidden;
    if (of.first)
      hidden = larger(sub(of.first, base), index(0));
    Page page = pageOf(of.sequence, base), behind = pageOf(of.sequence, nextOf(base));
    SmallVector<Value> scores = emitScores(page, behind, slot, seen, hidden), next, shifts,
                       valueScales;
    for (int64_t v = 0; codes() && v < kVectors; ++v)
      valueScales.push_back(loadScales(page.valueScales, slot, v));
    if (codes())
      for (Value scales : {behind.keyScales, behind.valueScales})
        prefetch(scales, {of.keyHead}, index(0), kPageStep);
    for (int64_t h = 0; h < count; ++h) {
      Softmax state{states[2 * h], states[2 * h + 1]};
      ArrayRef<Value> ofHead = ArrayRef(scores).slice(h * kVectors, kVectors);
      shifts.push_back(emitSoftmax(ofHead, h, valueScales, state));
      next.append({state.maximum, state.sums});
    }
    Value end = smaller(index(kPageStep), seen);
    emitValues(page, behind, slot, hidden ? hidden : index(0), end, shifts);
    return next;
  }

  void emit() {
    SmallVector<Value> states;
    for (int64_t h = 0; h < count; ++h) {
      states.push_back(real(-std::numeric_limits<double>::infinity(), f32()));
      states.push_back(real(0, lanes()));
      for (const HeadSlice &slice : slicesOf(size()))
        storeOutput(real(0, floats(slice.lanes)), h, slice);
    }
    Value begin = mul(number, kSpanSteps), end = add(begin, kSpanSteps);
    end = smaller(end, add(div(of.position, kPageStep), 1));
    if (of.first)
      begin = larger(begin, div(of.first, kPageStep));
    states =
        loop(begin, end, states, [&](Value step, ValueRange now) { return emitStep(step, now); });
    for (int64_t h = 0; h < count; ++h) {
      Value maximum = splat(states[2 * h], lanes());
      store(states[2 * h + 1], scratch.record, recordAt(h, size()));
      store(maximum, scratch.record, recordAt(h, size() + kKeyLanes));
    }
  }
};

} // namespace

int64_t weightFloats(const Tuning &tuning) {
  return tuning.headsTogether * kPageStep;
}

void emitSpan(PageAccess access, const Tuning &tuning, const SpanOf &of, const SpanScratch &scratch,
              Value number) {
  auto vectors = static_cast<int64_t>(slicesOf(access.cache.size).size());
  int64_t together = std::clamp<int64_t>(tuning.outputVectors / vectors, 1, tuning.headsTogether);
  for (int64_t head = 0; head < of.share; head += together)
    SpanHeads{{access, of, scratch}, number, head, std::min(together, of.share - head)}.emit();
}

} // namespace osscc::cpu
