// The past of few rows is few blocks. Attention that is given partial records may spread the spans
// of a long past over the device, and merge them afterwards:
//
//   tile.attend ins(%q) outs(%out)   ==>   tile.attend ins(%q) outs(%out) partials(%p)
//
// Stage: kernels, a device (on memrefs).
#include "dialects/abi/AbiDialect.h"
#include "targets/Passes.h"
#include "targets/cuda/attention/Span.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_CUDASPLITATTENTIONPASS
#include "targets/Passes.h.inc"

namespace {

/// Rows of a call whose past is cut, and the memory that it may take.
constexpr int64_t kMostRows = 8, kMostBytes = 64 << 20;

struct CudaSplitAttentionPass : osscc::impl::CudaSplitAttentionPassBase<CudaSplitAttentionPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto model = module->getAttrOfType<abi::ModelAttr>("abi.model");
    if (!model)
      return;
    module.walk([&](tile::AttendOp attend) {
      int64_t spans = cuda::spansOf(attend, model.getPositions());
      if (spans < 2)
        return;
      tile::CacheAttr cache = attend.getCache();
      int64_t size = cache.valueSize();
      int64_t heads = cast<ShapedType>(attend.getQ().getType()).getDimSize(1) / size;
      int64_t floats =
          tile::headsOfBlock(cache, heads / cache.getHeads()) * tile::partialFloats(size);
      int64_t ofRow = spans * cuda::blocksOfRow(attend);
      int64_t rows = std::clamp<int64_t>(kMostBytes / (ofRow * floats * 4), 1, kMostRows);
      OpBuilder builder(attend);
      auto type = MemRefType::get({rows * ofRow, floats}, builder.getF32Type());
      attend.getPartialsMutable().assign(
          memref::AllocOp::create(builder, attend.getLoc(), type).getResult());
    });
  }
};

} // namespace
} // namespace osscc
