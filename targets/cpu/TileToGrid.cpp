// The pass `tile-to-grid`. One kernel function in:
//
//   tile.matmul ins(%x, %w) outs(%out)
//       ==>   tile.grid %blocks { ^bb(%block): load, unpack, dot, store }
//
// Stage: target, any CPU (tile kernels on memrefs -> tile blocks, scf, vector).
#include "targets/Passes.h"
#include "targets/cpu/Populate.h"

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

struct TileToGridPass : osscc::impl::TileToGridPassBase<TileToGridPass> {
  using TileToGridPassBase::TileToGridPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    cpu::populateMatmulKernel(patterns);
    cpu::populateNorm(patterns);
    cpu::populateMap(patterns);
    cpu::populateGatherRows(patterns);
    cpu::populateGatherBlocks(patterns);
    cpu::populateQuantizeRows(patterns);
    cpu::populateRotateKernel(patterns);
    cpu::populateAttendKernel(patterns);
    cpu::populateAppendKernel(patterns);
    cpu::populatePrefetchKernel(patterns);
    cpu::populateRoute(patterns);
    cpu::populateSlots(patterns);
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
