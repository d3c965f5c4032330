// A span of attention, by online softmax (Milakov and Gimelshein, 2018) in steps of 64 positions
// aligned to the absolute position. In a step:
//
//   scores    4 vectors of 16 positions for up to 4 heads in registers: a key is read once for all
//   softmax   maximum, weights and running sums of each head; weights go to scratch
//   values    the heads' outputs in registers: a value is read once for all
//
// Running sums stay in 16 lanes. Outputs wait in the record between steps.
#include "targets/cpu/attention/Span.h"

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
constexpr int64_t kHeadsTogether = 4;                    // at most, in scores
constexpr int64_t kOutputVectors = 16;                   // at most, of the heads together
constexpr int64_t kSteps = tile::kAttentionSpan / kStep; // of a span

/// A head's running maximum, a scalar, and running sums, 16 lanes.
struct Softmax {
  Value maximum, sums;
};

/// Emits the span of `count` query heads from `head` of the group on.
struct SpanHeads : PageAccess {
  SpanOf of;
  SpanScratch scratch;
  Value number;
  int64_t head, count;

  int64_t size() { return cache.size; }
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
    if (codes()) {
      lanes = arith::ExtSIOp::create(builder, loc, vector(count, builder.getI32Type()), lanes);
      return arith::SIToFPOp::create(builder, loc, vector(count, f32()), lanes);
    }
    if (stored().isF32())
      return lanes;
    return arith::ExtFOp::create(builder, loc, vector(count, f32()), lanes);
  }

  /// Asks for `count` stored elements from `offset` behind `at` on, to the second-level cache: the
  /// past lies in short runs, one a page, and the hardware finds none of them in time.
  void prefetch(Value memory, SmallVector<Value> at, Value offset, int64_t count) {
    Type element = cast<MemRefType>(memory.getType()).getElementType();
    int64_t line = abi::kLineBytes * 8 / element.getIntOrFloatBitWidth();
    at.push_back(offset);
    for (int64_t i = 0; i < count; i += line) {
      at.back() = add(offset, index(i));
      memref::PrefetchOp::create(builder, loc, memory, at, /*isWrite=*/false, /*localityHint=*/2,
                                 /*isDataCache=*/true);
    }
  }

  /// scale * q . k of the step's positions for every head, `kVectors` vectors each; -inf past the
  /// row's own position, of which `seen` are left. Meanwhile the values of the step in page `next`
  /// are fetched.
  SmallVector<Value> emitScores(const Page &page, const Page &next, Value slot, Value seen) {
    SmallVector<Value> zeros(count * kVectors, constantF32(builder, loc, 0, lanes()));
    SmallVector<Value> sums =
        loop(index(0), index(size()), zeros, [&](Value channel, ValueRange accs) {
          SmallVector<Value> keys, added;
          for (int64_t v = 0; v < kVectors; ++v)
            keys.push_back(
                loadStored(page.keys, kKeyLanes,
                           {of.keyHead, div(slot, kStep), channel, index(v * kKeyLanes)}));
          prefetch(next.values, {of.keyHead, index(0)}, mul(channel, kStep), kStep);
          for (int64_t h = 0; h < count; ++h) {
            Value at = add(index((head + h) * size()), channel);
            Value q = splat(memref::LoadOp::create(builder, loc, scratch.queries, at), lanes());
            for (int64_t v = 0; v < kVectors; ++v)
              added.push_back(fma(q, keys[v], accs[h * kVectors + v]));
          }
          return added;
        });
    Value scale = constantF32(builder, loc, of.scale, lanes());
    Value never = constantF32(builder, loc, -std::numeric_limits<double>::infinity(), lanes());
    SmallVector<Value> scales(kVectors, scale);
    if (codes())
      for (int64_t v = 0; v < kVectors; ++v)
        scales[v] = multiply(scale, loadScales(page.keyScales, slot, v));
    for (int64_t i = 0; i < count * kVectors; ++i) {
      Value left = arith::SubIOp::create(builder, loc, seen, index(i % kVectors * kKeyLanes));
      Value mask =
          vector::CreateMaskOp::create(builder, loc, vector(kKeyLanes, builder.getI1Type()), left);
      sums[i] = arith::SelectOp::create(builder, loc, mask, multiply(sums[i], scales[i % kVectors]),
                                        never);
    }
    return sums;
  }

  /// Vector `v` of the scales of a step's codes.
  Value loadScales(Value scales, Value slot, int64_t v) {
    return vector::LoadOp::create(builder, loc, lanes(), scales,
                                  ValueRange{of.keyHead, add(slot, index(v * kKeyLanes))});
  }

  /// One head's softmax of a step: weights to the scratch, times the scales of the values that they
  /// weigh. \returns the factor of what came before.
  Value emitSoftmax(ValueRange scores, int64_t h, ArrayRef<Value> valueScales, Softmax &state) {
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
      Value scaled = codes() ? multiply(weights, valueScales[v]) : weights;
      vector::StoreOp::create(builder, loc, scaled, scratch.weights, ValueRange{index(at)});
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
    outputs = loop(index(0), positions, outputs, [&](Value j, ValueRange accs) {
      SmallVector<Value> values, sums;
      prefetch(next.keys, {of.keyHead, index(0), index(0)}, mul(j, size()), size());
      for (const Part &part : parts)
        values.push_back(
            loadStored(page.values, part.lanes, {of.keyHead, add(slot, j), index(part.begin)}));
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

  Value recordAt(int64_t h, int64_t offset) {
    return index((head + h) * tile::partialFloats(size()) + offset);
  }
  Value loadOutput(int64_t h, const Part &part) {
    return vector::LoadOp::create(builder, loc, vector(part.lanes, f32()), scratch.record,
                                  ValueRange{recordAt(h, part.begin)});
  }
  void storeOutput(Value output, int64_t h, const Part &part) {
    vector::StoreOp::create(builder, loc, output, scratch.record,
                            ValueRange{recordAt(h, part.begin)});
  }

  /// Where the next step begins, or this one where it is the last: a page that there is.
  Value nextOf(Value base) {
    Value last = mul(div(of.position, kStep), kStep);
    return arith::MinSIOp::create(builder, loc, add(base, index(kStep)), last);
  }

  /// One step for all heads: their states one after the other.
  SmallVector<Value> emitStep(Value step, ValueRange states) {
    Value base = mul(step, kStep), slot = rem(base, cache.pageRows);
    Value seen = add(arith::SubIOp::create(builder, loc, of.position, base), index(1));
    Page page = pageOf(of.sequence, base), behind = pageOf(of.sequence, nextOf(base));
    SmallVector<Value> scores = emitScores(page, behind, slot, seen), next, shifts, valueScales;
    for (int64_t v = 0; codes() && v < kVectors; ++v)
      valueScales.push_back(loadScales(page.valueScales, slot, v));
    if (codes())
      for (Value scales : {behind.keyScales, behind.valueScales})
        prefetch(scales, {of.keyHead}, index(0), kStep);
    for (int64_t h = 0; h < count; ++h) {
      Softmax state{states[2 * h], states[2 * h + 1]};
      ArrayRef<Value> ofHead = ArrayRef(scores).slice(h * kVectors, kVectors);
      shifts.push_back(emitSoftmax(ofHead, h, valueScales, state));
      next.append({state.maximum, state.sums});
    }
    Value positions = arith::MinSIOp::create(builder, loc, index(kStep), seen);
    emitValues(page, behind, slot, positions, shifts);
    return next;
  }

  void emit() {
    SmallVector<Value> states;
    for (int64_t h = 0; h < count; ++h) {
      states.push_back(constantF32(builder, loc, -std::numeric_limits<double>::infinity(), f32()));
      states.push_back(constantF32(builder, loc, 0, lanes()));
      for (const Part &part : partsOf(size()))
        storeOutput(constantF32(builder, loc, 0, vector(part.lanes, f32())), h, part);
    }
    Value begin = mul(number, kSteps), end = add(begin, index(kSteps));
    end = arith::MinSIOp::create(builder, loc, end, add(div(of.position, kStep), index(1)));
    states =
        loop(begin, end, states, [&](Value step, ValueRange now) { return emitStep(step, now); });
    for (int64_t h = 0; h < count; ++h) {
      Value maximum = splat(states[2 * h], lanes());
      vector::StoreOp::create(builder, loc, states[2 * h + 1], scratch.record,
                              ValueRange{recordAt(h, size())});
      vector::StoreOp::create(builder, loc, maximum, scratch.record,
                              ValueRange{recordAt(h, size() + kKeyLanes)});
    }
  }
};

} // namespace

int64_t weightFloats() {
  return kHeadsTogether * kStep;
}

void emitSpan(PageAccess access, const SpanOf &of, const SpanScratch &scratch, Value number) {
  auto vectors = static_cast<int64_t>(partsOf(access.cache.size).size());
  int64_t together = std::clamp<int64_t>(kOutputVectors / vectors, 1, kHeadsTogether);
  for (int64_t head = 0; head < of.group; head += together)
    SpanHeads{access, of, scratch, number, head, std::min(together, of.group - head)}.emit();
}

} // namespace osscc::cpu
