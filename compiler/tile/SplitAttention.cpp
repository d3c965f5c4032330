// The past of few rows is few blocks: three key-value heads keep two workers busy 3 : 4. Attention
// that is given partial records may spread the spans of a long past over the workers, and merge
// them afterwards:
//
//   tile.attend ins(%q) outs(%out)   ==>   tile.attend ins(%q) outs(%out) partials(%p)
//
// Stage: tile (on memrefs).
#include "compiler/Passes.h"
#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/Tile.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_SPLITATTENTIONPASS
#include "compiler/Passes.h.inc"

namespace {

/// Partial records at least: several rows, where the longest past of one takes fewer.
constexpr int64_t kRecords = 256;

struct SplitAttentionPass : osscc::impl::SplitAttentionPassBase<SplitAttentionPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto model = module->getAttrOfType<abi::ModelAttr>("abi.model");
    if (!model || model.getPositions() <= tile::kAttentionSpan)
      return; // no past is ever cut
    int64_t spans = llvm::divideCeil(model.getPositions(), tile::kAttentionSpan);
    module.walk([&](tile::AttendOp attend) {
      auto heads = static_cast<int64_t>(attend.getHeads()),
           size = static_cast<int64_t>(attend.getSize());
      int64_t channels = cast<ShapedType>(attend.getQ().getType()).getDimSize(1);
      int64_t floats = channels / heads / size * tile::partialFloats(size);
      OpBuilder builder(attend);
      auto type =
          MemRefType::get({std::max(kRecords, heads * spans), floats}, builder.getF32Type());
      attend.getPartialsMutable().assign(
          memref::AllocOp::create(builder, attend.getLoc(), type).getResult());
    });
  }
};

} // namespace
} // namespace osscc
