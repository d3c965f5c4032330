// The past of few rows is few blocks: three key-value heads keep two workers busy 3 : 4. Attention
// that is given partial records may spread the spans of a long past over the workers, and merge
// them afterwards:
//
//   tile.attend ins(%q) outs(%out)   ==>   tile.attend ins(%q) outs(%out) partials(%p)
//
// Stage: kernels, any CPU (on memrefs).
#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/Tile.h"
#include "targets/cpu/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_SPLITATTENTIONPASS
#include "targets/Passes.h.inc"

namespace {

/// Into how many spans the past of a row falls at most; those of a window begin anywhere in one.
int64_t spansOf(tile::AttendOp attend, int64_t positions) {
  auto spans = static_cast<int64_t>(llvm::divideCeil(positions, tile::kAttentionSpan));
  if (!attend.getMask())
    return spans;
  int64_t seen = attend.getMask()->getWindow();
  return std::min<int64_t>(spans, llvm::divideCeil(seen - 1, tile::kAttentionSpan) + 1);
}

/// Whether the past of a row is ever long enough to be worth cutting.
bool isLong(tile::AttendOp attend, int64_t positions) {
  int64_t seen = attend.getMask() ? attend.getMask()->getWindow() : positions;
  return std::min(seen, positions) > tile::kAttentionSpan;
}

struct SplitAttentionPass
    : cpu::PassOfCpu<osscc::impl::SplitAttentionPassBase<SplitAttentionPass>> {
  using PassOfCpu::PassOfCpu;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto model = module->getAttrOfType<abi::ModelAttr>("abi.model");
    if (!model)
      return;
    module.walk([&](tile::AttendOp attend) {
      if (!isLong(attend, model.getPositions()))
        return;
      int64_t spans = spansOf(attend, model.getPositions());
      tile::CacheAttr cache = attend.getCache();
      int64_t size = cache.valueSize();
      int64_t heads = cast<ShapedType>(attend.getQ().getType()).getDimSize(1) / size;
      int64_t ofBlock = tile::headsOfBlock(cache, heads / cache.getHeads());
      int64_t floats = ofBlock * tile::partialFloats(size);
      OpBuilder builder(attend);
      auto type = MemRefType::get(
          {std::max(machine().tuning.partialRecords, heads / ofBlock * spans), floats},
          builder.getF32Type());
      attend.getPartialsMutable().assign(
          memref::AllocOp::create(builder, attend.getLoc(), type).getResult());
    });
  }
};

} // namespace

std::unique_ptr<Pass> createSplitAttentionPass(const CpuTarget &target) {
  return std::make_unique<SplitAttentionPass>(target);
}

} // namespace osscc
