// append: a row's keys and values to the page of its position, in f16, f32 or codes of 8 bits; a
// block is one row. Keys are rotated on the way where the op says so.
#include "targets/cpu/attention/Append.h"

#include "targets/cpu/Grid.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/matmul/Codes.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

constexpr double kLargestCode = 127;

/// The emitter of one head of a row.
struct AppendHead : PageAccess {
  const AppendedRow &from;

  /// Lanes of f32 as the cache holds them; what is beyond f16 becomes its largest.
  Value narrow(Value lanes) {
    auto type = cast<VectorType>(lanes.getType());
    if (stored().isF32())
      return lanes;
    if (codes())
      return arith::TruncIOp::create(builder, loc, type.clone(builder.getI8Type()),
                                     nearestIntegers(builder, loc, lanes));
    constexpr double kLargest = 65504;
    Value low = arith::MaximumFOp::create(builder, loc, lanes, real(-kLargest, type));
    Value inside = arith::MinimumFOp::create(builder, loc, low, real(kLargest, type));
    return arith::TruncFOp::create(builder, loc, type.clone(builder.getF16Type()), inside);
  }

  /// Channels of a head of `size` channels.
  Value loadSlice(Value rows, Value head, int64_t size, const HeadSlice &slice) {
    return load(floats(slice.lanes), rows, {from.row, add(mul(head, size), slice.begin)});
  }
  Value loadKey(Value head, const HeadSlice &slice) {
    return loadSlice(from.k, head, cache.layout.keySize(), slice);
  }

  /// Keys of one position are a column of their step: one at a time.
  void storeKeys(Value lanes, Value head, int64_t channel) {
    Value narrowed = narrow(lanes);
    Value step = div(from.slot, kPageStep), lane = rem(from.slot, kPageStep);
    for (int64_t i = 0, count = cast<VectorType>(lanes.getType()).getDimSize(0); i < count; ++i) {
      memref::StoreOp::create(builder, loc, extract(narrowed, {i}), from.page.keys,
                              ValueRange{head, step, index(channel + i), lane});
    }
  }

  /// Channels of a head, as they come.
  using Lanes = SmallVector<std::pair<int64_t, Value>>;

  /// The head's scale to `scales`, and the channels divided by it.
  void divideByScale(Lanes &head, Value number, Value scales) {
    Value largest = real(0, builder.getF32Type());
    for (auto &[channel, lanes] : head) {
      Value most = vector::ReductionOp::create(builder, loc, vector::CombiningKind::MAXNUMF,
                                               math::AbsFOp::create(builder, loc, lanes));
      largest = arith::MaxNumFOp::create(builder, loc, largest, most);
    }
    auto [scale, inverse] = scaleOf(builder, loc, largest, kLargestCode);
    memref::StoreOp::create(builder, loc, scale, scales, ValueRange{number, from.slot});
    for (auto &[channel, lanes] : head)
      lanes = mul(lanes, splat(inverse, lanes.getType()));
  }

  /// The value and, behind it, the channels that are key alone, with a scale each.
  void emitLatent(Value head, Lanes &keys) {
    int64_t size = cache.layout.valueSize();
    Lanes values;
    for (const HeadSlice &slice : slicesOf(size))
      values.push_back({slice.begin, loadSlice(from.v, head, size, slice)});
    if (from.angles.empty())
      for (const HeadSlice &slice : slicesOf(cache.layout.keySize()))
        keys.push_back({slice.begin, loadKey(head, slice)});
    if (codes()) {
      divideByScale(keys, head, from.page.keyScales);
      divideByScale(values, head, from.page.valueScales);
    }
    for (auto &[channel, lanes] : values)
      store(narrow(lanes), from.page.values, {head, from.slot, index(channel)});
    for (auto &[channel, lanes] : keys)
      store(narrow(lanes), from.page.values, {head, from.slot, index(size + channel)});
  }

  void emit(Value head) {
    Lanes keys, values;
    for (const Angles &angles : from.angles)
      rotatePairs(
          builder, loc, angles, cache.layout.keySize() / 2,
          [&](int64_t channel) { return loadKey(head, {channel, angles.lanes}); },
          [&](int64_t channel, Value lanes) { keys.push_back({channel, lanes}); });
    if (cache.layout.isLatent())
      return emitLatent(head, keys);
    for (const HeadSlice &slice : slicesOf(cache.size)) {
      if (from.angles.empty())
        keys.push_back({slice.begin, loadKey(head, slice)});
      values.push_back({slice.begin, loadSlice(from.v, head, cache.size, slice)});
    }
    if (codes()) {
      divideByScale(keys, head, from.page.keyScales);
      divideByScale(values, head, from.page.valueScales);
    }
    for (auto &[channel, lanes] : keys)
      storeKeys(lanes, head, channel);
    for (auto &[channel, lanes] : values)
      store(narrow(lanes), from.page.values, {head, from.slot, index(channel)});
  }
};

struct AppendKernel : OpRewritePattern<tile::AppendOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::AppendOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getK().getType()) || !isa<MemRefType>(op.getV().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getK(), 0);
    createGrid(rewriter, loc, rows, [&](OpBuilder &builder, Value row) {
      PageAccess access{{builder, loc}, cacheOf(op)};
      AppendedRow from = appendedRow(access, op.getK(), op.getV(), rotationOf(op), row);
      access.loop(access.index(0), access.index(access.cache.heads), {},
                  [&](Value head, ValueRange) -> SmallVector<Value> {
                    emitAppend(access, from, head);
                    return {};
                  });
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

AppendedRow appendedRow(PageAccess access, Value k, Value v,
                        const std::optional<Rotation> &rotation, Value row) {
  OpBuilder &builder = access.builder;
  Location loc = access.loc;
  Value position = abi::PositionOp::create(builder, loc, row);
  Page page = access.pageOf(abi::SequenceOp::create(builder, loc, row), position);
  AppendedRow from{k, v, row, access.slotOf(position), page, {}};
  if (rotation)
    from.angles = emitAngles(builder, loc, row, *rotation);
  return from;
}

void emitAppend(PageAccess access, const AppendedRow &from, Value head) {
  AppendHead{access, from}.emit(head);
}

void populateAppendKernel(RewritePatternSet &patterns) {
  patterns.addWithLabel<AppendKernel>({"append"}, patterns.getContext());
}

} // namespace osscc::cpu
