// What a grid wrote is there for all once all its blocks are done: a barrier stands between two
// grids. It is placed as early as it may be, so that what each worker does for itself comes behind
// it, and after a prefetch, which reads weights alone:
//
//   tile.matmul ...             abi.barrier
//   tile.prefetch %w            tile.matmul ...
//   tile.norm ... {own}   ==>   tile.prefetch %w
//   tile.matmul ...             abi.barrier
//                               tile.norm ... {own}
//                               tile.matmul ...
//
// A segment begins with one: the segment before ends with a grid.
//
// Stage: kernels, any CPU (on memrefs).
#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/Tile.h"
#include "targets/Passes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_PLACEBARRIERSPASS
#include "targets/Passes.h.inc"

namespace {

/// Places the barriers of one block: each form of a segment, or all of it, begins after a grid.
void placeBarriers(Block &block) {
  bool begun = false; // the barrier of the next grid stands already
  for (Operation &op : block) {
    for (Region &region : op.getRegions())
      if (isa<scf::IfOp>(op) && !region.empty())
        placeBarriers(region.front());
    if (!isa<tile::TileDialect>(op.getDialect()) || isa<tile::PrefetchOp>(op))
      continue;
    if (!begun) {
      OpBuilder builder(&op);
      abi::BarrierOp::create(builder, op.getLoc());
    }
    begun = op.hasAttr("own");
  }
}

struct PlaceBarriersPass : osscc::impl::PlaceBarriersPassBase<PlaceBarriersPass> {
  void runOnOperation() override {
    for (auto segment : getOperation().getOps<func::FuncOp>())
      if (segment->hasAttr("abi.segment"))
        placeBarriers(segment.getBody().front());
  }
};

} // namespace
} // namespace osscc
