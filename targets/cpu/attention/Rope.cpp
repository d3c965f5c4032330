// The sine and cosine of a row's angles are computed once and serve every head of it.
//
// The angle is f32(position) * f32(frequency), rounded to f32 as the reference does; it is reduced
// to [-pi, pi] and its sine and cosine are summed in f64, so that no library and no table is needed
// and the error is below f32's last bit.
#include "targets/cpu/attention/Rope.h"

#include "targets/cpu/Emitter.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"
#include <numbers>

using namespace mlir;

namespace osscc::cpu {
namespace {

/// Emits sine and cosine of f32 angles.
struct Trigonometry : Emitter {
  int64_t lanes;

  Type f64() const { return VectorType::get({lanes}, builder.getF64Type()); }
  Value constant(double value) {
    auto type = cast<VectorType>(f64());
    return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, value));
  }

  /// x - 2 pi round(x / 2 pi)
  Value reduce(Value x) {
    Value turns = mul(x, constant(0.5 / std::numbers::pi));
    Value whole = math::RoundEvenOp::create(builder, loc, turns);
    return fma(whole, constant(-2 * std::numbers::pi), x);
  }

  /// first * sum_i (-1)^i square^i / (start + 2 i)! * start!: Taylor's series, to 1e-13 on [-pi,
  /// pi].
  Value series(Value square, Value first, int start) {
    constexpr int kTerms = 13;
    double coefficients[kTerms];
    double value = 1;
    for (int i = 0; i < kTerms; ++i) {
      coefficients[i] = value;
      value /= -1.0 * (start + 2 * i + 1) * (start + 2 * i + 2);
    }
    Value sum = constant(coefficients[kTerms - 1]);
    for (int i = kTerms - 2; i >= 0; --i)
      sum = fma(sum, square, constant(coefficients[i]));
    return first ? Value(mul(sum, first)) : sum;
  }

  std::pair<Value, Value> cosSin(Value angle) {
    Value x = reduce(arith::ExtFOp::create(builder, loc, f64(), angle));
    Value square = mul(x, x);
    Value cos = arith::TruncFOp::create(builder, loc, floats(lanes), series(square, {}, 0));
    Value sin = arith::TruncFOp::create(builder, loc, floats(lanes), series(square, x, 1));
    return {cos, sin};
  }
};

} // namespace

SmallVector<Angles> emitAngles(OpBuilder &builder, Location loc, Value row,
                               const Rotation &rotation) {
  ArrayRef<float> frequencies = rotation.frequencies;
  Value position = abi::PositionOp::create(builder, loc, row);
  Value integer = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), position);
  Value place = arith::SIToFPOp::create(builder, loc, builder.getF32Type(), integer);
  SmallVector<Angles> angles;
  for (int64_t begin = 0, half = frequencies.size(); begin < half;) {
    auto lanes = static_cast<int64_t>(
        llvm::bit_floor(static_cast<uint64_t>(std::min(half - begin, tile::kSumLanes))));
    auto type = VectorType::get({lanes}, builder.getF32Type());
    Value steps = arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(type, frequencies.slice(begin, lanes)));
    Value angle = arith::MulFOp::create(
        builder, loc, vector::BroadcastOp::create(builder, loc, type, place), steps);
    Trigonometry trigonometry{{builder, loc}, lanes};
    auto [cos, sin] = trigonometry.cosSin(angle);
    if (rotation.factor != 1) {
      SmallVector<float> factors; // those of frequency 0 stay as they are
      for (float frequency : frequencies.slice(begin, lanes))
        factors.push_back(frequency == 0 ? 1 : rotation.factor);
      Value factor =
          arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, ArrayRef(factors)));
      cos = arith::MulFOp::create(builder, loc, cos, factor);
      sin = arith::MulFOp::create(builder, loc, sin, factor);
    }
    angles.push_back({begin, lanes, cos, sin});
    begin += lanes;
  }
  return angles;
}

void rotatePairs(OpBuilder &builder, Location loc, const Angles &angles, int64_t half,
                 function_ref<Value(int64_t)> load, function_ref<void(int64_t, Value)> store) {
  Value a = load(angles.begin), b = load(angles.begin + half);
  auto product = [&](Value x, Value y) -> Value {
    return arith::MulFOp::create(builder, loc, x, y);
  };
  store(angles.begin,
        arith::SubFOp::create(builder, loc, product(a, angles.cos), product(b, angles.sin)));
  store(angles.begin + half,
        arith::AddFOp::create(builder, loc, product(b, angles.cos), product(a, angles.sin)));
}

} // namespace osscc::cpu
