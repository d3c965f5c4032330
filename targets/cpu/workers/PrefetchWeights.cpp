// Between two matmuls of one row lie small kernels that read no weights; meanwhile the memory would
// rest. A worker that has done its part of one asks for the weights that it will read next, and
// then waits for the others:
//
//   tile.norm ...                           tile.norm ...
//   tile.matmul ins(%y, %w) ...     ==>     tile.prefetch %w
//                                           tile.matmul ins(%y, %w) ...
//
// Stage: kernels, any CPU (on memrefs).
#include "dialects/tile/Tile.h"
#include "targets/cpu/Passes.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_PREFETCHWEIGHTSPASS
#include "targets/Passes.h.inc"

namespace {

struct PrefetchWeightsPass
    : cpu::PassOfCpu<osscc::impl::PrefetchWeightsPassBase<PrefetchWeightsPass>> {
  using PassOfCpu::PassOfCpu;

  void runOnOperation() override {
    getOperation().walk([&](tile::MatmulOp matmul) {
      if (!matmul.getScheduleAttr() || matmul.getPlan()) // the plan is not known before the barrier
        return;
      if (matmul.getGroups() != 1) // short streams, which begin anew with each group
        return;
      OpBuilder builder(matmul);
      int64_t streams = static_cast<int64_t>(matmul.getParts()) * matmul.streams();
      tile::PrefetchOp::create(builder, matmul.getLoc(), matmul.getW(), matmul.blocks(), streams,
                               machine().tuning.headStartBytes);
    });
  }
};

} // namespace

std::unique_ptr<Pass> createPrefetchWeightsPass(const CpuTarget &target) {
  return std::make_unique<PrefetchWeightsPass>(target);
}

} // namespace osscc
