// The pass `tile-to-grid`. One kernel function in:
//
//   tile.matmul ins(%x, %w) outs(%out)
//       ==>   tile.grid %blocks { ^bb(%block): load, unpack, dot, store }
//
// Stage: target, any CPU (tile kernels on memrefs -> tile blocks, scf, vector).
#include "targets/cpu/Passes.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/recurrence/Populate.h"
#include "targets/cpu/rows/Populate.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_TILETOGRIDPASS
#include "targets/Passes.h.inc"

namespace {

struct TileToGridPass : cpu::PassOfCpu<osscc::impl::TileToGridPassBase<TileToGridPass>> {
  using PassOfCpu::PassOfCpu;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    const cpu::Tuning &tuning = machine().tuning;
    cpu::populateMatmulKernel(patterns, tuning);
    cpu::populateNorm(patterns);
    cpu::populateMap(patterns);
    cpu::populateGatherRows(patterns);
    cpu::populateGatherBlocks(patterns);
    cpu::populateQuantizeRows(patterns);
    cpu::populateRotateKernel(patterns);
    cpu::populateAttendKernel(patterns, tuning);
    cpu::populateAppendKernel(patterns);
    cpu::populatePrefetchKernel(patterns, tuning);
    cpu::populateRoute(patterns);
    cpu::populateSlots(patterns);
    cpu::populateShortConv(patterns);
    cpu::populateDeltaRule(patterns);
    cpu::populateMoments(patterns);
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createTileToGridPass(const CpuTarget &target) {
  return std::make_unique<TileToGridPass>(target);
}

} // namespace osscc
