// What goes into slots and comes out of them: a thread is a channel of a slot, or of a row.
#include "targets/cuda/Populate.h"
#include "targets/cuda/experts/Plan.h"

using namespace mlir;

namespace osscc::cuda {

constexpr int64_t kThreads = 128;

LogicalResult expand(Expansion &expansion, tile::GatherSlotsOp op) {
  Kernel k(expansion, "", kThreads);
  Rows x = k.rows(op.getX()), out = k.rows(op.getOut());
  Plan plan = Plan::in(k, expansion, op.getPlan());
  Number channel = k.blockId(0) * kThreads + k.threadId(), number = k.blockId(1);
  k.when(channel < x.width, [&] {
    if (!op.getWeighed())
      return k.store(k.load(x, plan.load(Plan::RowsOf, number), channel), out, number, channel);
    // Weights lie by rows and their experts: so do these blocks.
    Number weight = k.bitcast(plan.load(Plan::Weights, number), k.f32());
    k.store(k.load(x, number / plan.top, channel) * weight, out, plan.load(Plan::Slots, number),
            channel);
  });
  Value slots = expansion.multiply(expansion.rowsOf(op.getPlan()), expansion.index(plan.top));
  k.launch(expansion.index((x.width + kThreads - 1) / kThreads), slots);
  return success();
}

LogicalResult expand(Expansion &expansion, tile::CombineOp op) {
  Kernel k(expansion, "", kThreads);
  Rows x = k.rows(op.getX()), out = k.rows(op.getOut());
  Plan plan = Plan::in(k, expansion, op.getPlan());
  Number channel = k.blockId(0) * kThreads + k.threadId(), row = k.blockId(1);
  k.when(channel < x.width, [&] {
    Number sum = k.real(0);
    for (int64_t chosen = 0; chosen < plan.top; ++chosen) {
      Number place = row * plan.top + chosen;
      Number value = k.load(x, plan.load(Plan::Slots, place), channel);
      if (op.getUnweighed())
        sum = sum + value;
      else
        sum = k.fma(k.bitcast(plan.load(Plan::Weights, place), k.f32()), value, sum);
    }
    Number old = k.load(out, row, channel);
    k.store(inlineRegion(k, op.getEpilogue(), {sum, old}), out, row, channel);
  });
  k.launch(expansion.index((x.width + kThreads - 1) / kThreads), expansion.rowsOf(op.getOut()));
  return success();
}

} // namespace osscc::cuda
