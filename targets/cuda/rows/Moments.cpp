// moments: a block is one warp, which sums every so many channels of one row and then folds.
#include "targets/cuda/Populate.h"

using namespace mlir;

namespace osscc::cuda {

LogicalResult expand(Expansion &expansion, tile::MomentsOp op) {
  Kernel k(expansion, "", kWarp);
  Rows x = k.rows(op.getX()), out = k.rows(op.getOut());
  int64_t width = cast<MemRefType>(op.getX().getType()).getDimSize(1);
  Number lane = k.threadId(), row = k.blockId(0);
  auto meanOf = [&](function_ref<Number(Number value, Number sum)> add) {
    Number own = k.loop(lane, width, kWarp, {k.real(0)},
                        [&](Number channel, ArrayRef<Number> so) -> Emitter::Numbers {
                          return {add(k.load(x, row, channel), so[0])};
                        })[0];
    return k.warpSum(own) / width;
  };
  Number mean = meanOf([](Number value, Number sum) { return sum + value; });
  Number variance = meanOf([&](Number value, Number sum) {
    Number apart = value - mean;
    return k.fma(apart, apart, sum);
  });
  k.when(lane == 0, [&] {
    k.store(mean, out, row, k.integer(0));
    k.store(variance, out, row, k.integer(1));
  });
  k.launch(expansion.rowsOf(op.getOut()));
  return success();
}

} // namespace osscc::cuda
