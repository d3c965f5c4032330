// The angle is f32(position) * f32(frequency), rounded to f32 as the reference does; it is reduced
// to [-pi, pi] and its sine and cosine are summed in f64, as on CPUs.
//
// rotate: a thread is a pair of channels.
#include "targets/cuda/attention/Rope.h"

#include "targets/cuda/Populate.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include <numbers>

using namespace mlir;

namespace osscc::cuda {

namespace {

constexpr int64_t kThreads = 128;

/// Emits sine and cosine of an f32 angle.
struct Trigonometry {
  const Emitter &emit;

  Number constant(double value) { return emit.constant(emit.builder.getF64Type(), value); }

  /// first * sum_i (-1)^i square^i / (start + 2 i)! * start!: Taylor's series, to 1e-13 on [-pi,
  /// pi].
  Number series(Number square, int start) {
    constexpr int kTerms = 13;
    double coefficients[kTerms];
    double value = 1;
    for (int i = 0; i < kTerms; ++i) {
      coefficients[i] = value;
      value /= -1.0 * (start + 2 * i + 1) * (start + 2 * i + 2);
    }
    Number sum = constant(coefficients[kTerms - 1]);
    for (int i = kTerms - 2; i >= 0; --i)
      sum = emit.fma(sum, square, constant(coefficients[i]));
    return sum;
  }

  std::pair<Number, Number> cosSin(Number angle) {
    Number x = emit.widen(angle, emit.builder.getF64Type());
    Number turns = x * (0.5 / std::numbers::pi);
    Number whole = emit.number(math::RoundEvenOp::create(emit.builder, emit.loc, turns.value));
    x = emit.fma(whole, constant(-2 * std::numbers::pi), x);
    Number square = x * x;
    return {emit.narrow(series(square, 0), emit.f32()),
            emit.narrow(series(square, 1) * x, emit.f32())};
  }
};

} // namespace

Rotation Rotation::in(Kernel &kernel, ArrayRef<float> frequencies, double factor) {
  return {kernel.table(frequencies), factor, static_cast<int64_t>(frequencies.size())};
}

std::pair<Number, Number> rotate(const Emitter &emitter, const Rotation &rotation, Number position,
                                 Number pair, Number a, Number b) {
  Number at = emitter.advance(rotation.frequencies, emitter.f32(), pair);
  Number frequency = emitter.load(emitter.f32(), at, 4);
  Number angle = emitter.toFloat(position) * frequency;
  auto [cos, sin] = Trigonometry{emitter}.cosSin(angle);
  if (rotation.factor != 1) {
    // Those of frequency 0 stay as they are.
    Number factor = emitter.select(frequency == 0, emitter.real(1), rotation.factor);
    cos = cos * factor;
    sin = sin * factor;
  }
  return {a * cos - b * sin, b * cos + a * sin};
}

LogicalResult expand(Expansion &expansion, tile::RotateOp op) {
  Kernel k(expansion, "", kThreads);
  Rows x = k.rows(op.getX()), out = k.rows(op.getOut());
  Rotation rotation = Rotation::in(k, op.getFrequencies(), op.getFactor().convertToDouble());
  int64_t pairs = x.width / 2, half = rotation.half;
  Number pair = k.blockId(0) * kThreads + k.threadId(), row = k.blockId(1);
  k.when(pair < pairs, [&] {
    Number channel = pair / half * (2 * half) + pair % half;
    auto [a, b] = rotate(k, rotation, k.position(row), pair % half, k.load(x, row, channel),
                         k.load(x, row, channel + half));
    k.store(a, out, row, channel);
    k.store(b, out, row, channel + half);
  });
  k.launch(expansion.index((pairs + kThreads - 1) / kThreads), expansion.rowsOf(op.getOut()));
  return success();
}

} // namespace osscc::cuda
