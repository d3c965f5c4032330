// delta_rule: a block is one warp, a thread a channel of the values of one head, of which it takes
// all rows of the call in turn. These channels of the head's state are no other thread's:
//
//   m[c]    = sum_i k[i] * S[i, c]                                   i rising
//   d[c]    = beta * nk * (v[c] - decay * nk * m[c])                 nk = 1 / |k|
//   S[i, c] = k[i] * d[c] + decay * S[i, c]
//   y[c]    = (sum_i q[i] * S[i, c]) * (nq / sqrt(keys))             nq = 1 / |q|
#include "targets/cuda/Populate.h"
#include "targets/cuda/recurrence/State.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;

namespace osscc::cuda {
namespace {

using Numbers = Emitter::Numbers;

/// Keys whose states are loaded before they are used.
constexpr int64_t kAhead = 8;

/// The emitter of a thread.
struct Rule {
  Kernel &k;
  tile::DeltaRuleOp op;
  Rows q, key, v, a, b, rates, shifts, out;
  Number offset, head, keyHead, lane, column;
  tile::StateAttr state = op.getState();
  int64_t keys = state.getKeys(), values = state.getValues();

  /// 1 / sqrt(the sum of squares of a head + eps), in all threads.
  Number inverseNorm(const Rows &rows, Number row, Number first) {
    Number own =
        k.loop(lane, keys, kWarp, {k.real(0)}, [&](Number i, ArrayRef<Number> so) -> Numbers {
          Number x = k.load(rows, row, first + i);
          return {k.fma(x, x, so[0])};
        })[0];
    return k.real(1) / k.sqrt(k.warpSum(own) + op.getEps().convertToDouble());
  }

  /// exp(rate * log(1 + exp(a + shift))); where exp is large, the logarithm is a + shift.
  Number decayOf(Number row) {
    constexpr double kLarge = 20;
    Number zero = k.integer(0);
    Number x = k.load(a, row, head) + k.load(shifts, zero, head);
    Number soft = k.number(math::Log1pOp::create(k.builder, k.loc, k.exp(x).value));
    soft = k.select(x > kLarge, x, soft);
    Number rate = k.load(rates, zero, head);
    if (op.getLogRates())
      rate = k.real(0) - k.exp(rate);
    return k.exp(rate * soft);
  }

  /// Calls `step` with the numbers of `count` keys; what it gives goes round, from 0 on.
  Number sumOverKeys(function_ref<Number(Number, int64_t, Number)> step) {
    int64_t whole = keys / kAhead * kAhead;
    Number sum = k.loop(
        k.integer(0), whole, kAhead, {k.real(0)},
        [&](Number i, ArrayRef<Number> so) -> Numbers { return {step(i, kAhead, so[0])}; })[0];
    return whole == keys ? sum : step(k.integer(whole), keys - whole, sum);
  }

  void emitRow(Number row) {
    tile::StateLayout layout(state);
    Number base = stateOf(k, state, offset + layout.heads, k.sequence(row));
    Rows heads{base, k.f32(), values, values, 4};
    Number firstKey = keyHead * keys, firstRow = head * keys;
    Number ofKey = inverseNorm(key, row, firstKey);
    Number ofQuery = inverseNorm(q, row, firstKey) * (1 / std::sqrt(static_cast<double>(keys)));
    Number decay = decayOf(row);
    Number beta = k.real(1) / (k.exp(k.real(0) - k.load(b, row, head)) + 1);
    auto loadStates = [&](Number first, int64_t count) {
      Numbers states;
      for (int64_t i = 0; i < count; ++i)
        states.push_back(k.load(heads, firstRow + first + i, column));
      return states;
    };
    Number found = sumOverKeys([&](Number first, int64_t count, Number sum) {
      for (auto [i, old] : llvm::enumerate(loadStates(first, count)))
        sum = k.fma(k.load(key, row, firstKey + first + i), old, sum);
      return sum;
    });
    Number change = k.load(v, row, head * values + column);
    change = beta * ofKey * (change - decay * ofKey * found);
    Number read = sumOverKeys([&](Number first, int64_t count, Number sum) {
      for (auto [i, old] : llvm::enumerate(loadStates(first, count))) {
        Number next = k.fma(k.load(key, row, firstKey + first + i), change, decay * old);
        k.store(next, heads, firstRow + first + i, column);
        sum = k.fma(k.load(q, row, firstKey + first + i), next, sum);
      }
      return sum;
    });
    k.store(read * ofQuery, out, row, head * values + column);
  }
};

} // namespace

LogicalResult expand(Expansion &expansion, tile::DeltaRuleOp op) {
  Kernel k(expansion, "", kWarp);
  tile::StateAttr state = op.getState();
  if (state.getValues() % kWarp != 0)
    return op.emitError() << "has heads of " << state.getValues()
                          << " values; kernels for CUDA take whole multiples of " << kWarp;
  int64_t keyHeads = cast<MemRefType>(op.getK().getType()).getDimSize(1) / state.getKeys();
  Number head = k.blockId(1), lane = k.threadId();
  Rule rule{k,
            op,
            k.rows(op.getQ()),
            k.rows(op.getK()),
            k.rows(op.getV()),
            k.rows(op.getA()),
            k.rows(op.getB()),
            k.rows(op.getRates()),
            k.rows(op.getShifts()),
            k.rows(op.getOut()),
            k.argument(op.getOffset()),
            head,
            op.getTiled() ? head % keyHeads : head / (state.getHeads() / keyHeads),
            lane,
            k.blockId(0) * kWarp + lane};
  Number rows = k.argument(expansion.rowsOf(op.getOut()));
  k.forEach(k.integer(0), rows, 1, [&](Number row) { rule.emitRow(row); });
  k.launch(expansion.index(state.getValues() / kWarp), expansion.index(state.getHeads()));
  return success();
}

} // namespace osscc::cuda
