// What goes into slots and comes out of them. gather_slots as a grid: a block copies the row of one
// slot. combine as a grid: a block adds up the slots of one row.
#include "targets/cpu/Chunks.h"
#include "targets/cpu/Grid.h"
#include "targets/cpu/Lanes.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/experts/Plan.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

int64_t channels(Value rows) {
  return cast<MemRefType>(rows.getType()).getDimSize(1);
}

/// Copies row `from` of `x` to row `to` of `out`, words or floats; floats times `weight`, unless it
/// is null.
void copyRow(const Emitter &emit, Value x, Value from, Value out, Value to, Value weight) {
  constexpr int64_t kStep = 16;
  int64_t width = channels(x), whole = width / kStep * kStep;
  VectorType type = emit.vectorOf(kStep, cast<MemRefType>(x.getType()).getElementType());
  Value weights = weight ? emit.splat(weight, type) : Value();
  if (whole > 0)
    emit.forEach(emit.index(whole), kStep, [&](Value word) {
      Value values = emit.load(type, x, {from, word});
      emit.store(weights ? emit.mul(values, weights) : values, out, {to, word});
    });
  for (int64_t word = whole; word < width; ++word) {
    Value at = emit.index(word);
    Value value = memref::LoadOp::create(emit.builder, emit.loc, x, ValueRange{from, at});
    if (weight)
      value = emit.mul(value, weight);
    memref::StoreOp::create(emit.builder, emit.loc, value, out, ValueRange{to, at});
  }
}

struct GatherSlotsKernel : OpRewritePattern<tile::GatherSlotsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::GatherSlotsOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Emitter emit{rewriter, op.getLoc()};
    Plan plan = Plan::in(emit, op.getPlan());
    createGrid(rewriter, emit.loc, plan.slots, [&](OpBuilder &, Value number) {
      if (!op.getWeighed())
        return copyRow(emit, op.getX(), plan.load(Plan::Part::Rows, number), op.getOut(), number,
                       /*weight=*/Value());
      // Weights lie by rows and their experts: so do these blocks.
      Value slot = plan.load(Plan::Part::Slots, number);
      copyRow(emit, op.getX(), plan.div(number, plan.top), op.getOut(), slot,
              plan.loadWeight(number));
    });
    rewriter.eraseOp(op);
    return success();
  }
};

struct CombineKernel : OpRewritePattern<tile::CombineOp> {
  using OpRewritePattern::OpRewritePattern;

  /// The slots of a row and their weights in every lane, which are null where all are 1.
  struct Chosen {
    Value slot, weight;
  };

  static SmallVector<Chosen> chosenOf(const Plan &plan, Value row, bool unweighed) {
    SmallVector<Chosen> chosen;
    for (int64_t number = 0; number < plan.top; ++number) {
      Value place = plan.ofRow(row, plan.index(number));
      chosen.push_back({plan.load(Plan::Part::Slots, place), {}});
      if (!unweighed)
        chosen.back().weight = plan.splat(plan.loadWeight(place), plan.floats(tile::kSumLanes));
    }
    return chosen;
  }

  LogicalResult matchAndRewrite(tile::CombineOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Emitter emit{rewriter, op.getLoc()};
    Plan plan = Plan::in(emit, op.getPlan());
    Value rows = memref::DimOp::create(rewriter, emit.loc, op.getOut(), 0);
    createGrid(rewriter, emit.loc, rows, [&](OpBuilder &builder, Value row) {
      SmallVector<Chosen> chosen = chosenOf(plan, row, op.getUnweighed());
      auto combine = [&](OpBuilder &inner, const ColumnChunk &chunk) {
        Emitter at{inner, emit.loc};
        Value sum = at.real(0, at.floats(chunk.lanes));
        for (const Chosen &one : chosen) {
          Value value = loadChunk(inner, at.loc, op.getX(), one.slot, chunk);
          sum = one.weight ? at.fma(one.weight, value, sum) : at.add(sum, value);
        }
        Value old = loadChunk(inner, at.loc, op.getOut(), row, chunk);
        Value result = cloneOnVectors(inner, op.getEpilogue(), {sum, old}, chunk.lanes);
        storeChunk(inner, at.loc, result, op.getOut(), row, chunk);
      };
      forEachChunk(builder, emit.loc, channels(op.getOut()), combine);
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateSlots(RewritePatternSet &patterns) {
  patterns.addWithLabel<GatherSlotsKernel>({"gather-slots"}, patterns.getContext());
  patterns.addWithLabel<CombineKernel>({"combine"}, patterns.getContext());
}

} // namespace osscc::cpu
