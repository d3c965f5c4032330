// After bufferization a segment is a function of the memory it writes. Here each argument gets its
// place in the call frame and each weight its memory; a segment then takes and returns nothing:
//
//   @layer_0(%hidden)            %hidden = abi.arena 0 (abi.rows)
//   @head(%hidden, %logits)      %logits = abi.output (abi.output_rows)
//   pack.get @w                  abi.weight @w : memref<36x288x16x2xbf16>
//
// The hidden rows lie at the arena's start for every segment.
// Stage: tile (on memrefs).
#include "compiler/Passes.h"
#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/Tile.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_BINDSEGMENTSPASS
#include "compiler/Passes.h.inc"

namespace {

/// The memory that argument `index` of a segment stands for.
Value placeOf(OpBuilder &builder, func::FuncOp segment, unsigned index) {
  Location loc = segment.getLoc();
  Type type = segment.getArgument(index).getType();
  auto kind = segment->getAttrOfType<StringAttr>("abi.segment");
  if (kind && kind.getValue() == "head" && index == 1) {
    Value rows = abi::OutputRowsOp::create(builder, loc);
    return abi::OutputOp::create(builder, loc, type, rows);
  }
  Value rows = abi::RowsOp::create(builder, loc);
  return abi::ArenaOp::create(builder, loc, type, 0, ValueRange{rows});
}

LogicalResult bindArguments(func::FuncOp segment) {
  Block &body = segment.getBody().front();
  OpBuilder builder = OpBuilder::atBlockBegin(&body);
  for (unsigned i = 0; i < segment.getNumArguments(); ++i)
    segment.getArgument(i).replaceAllUsesWith(placeOf(builder, segment, i));

  // What is returned must be the rows in place: a copy would be a missing barrier.
  auto end = cast<func::ReturnOp>(body.getTerminator());
  for (Value value : end.getOperands())
    if (!isa_and_nonnull<abi::ArenaOp, abi::OutputOp>(value.getDefiningOp()))
      return end.emitError() << "the segment's result does not lie in its destination";
  end->eraseOperands(0, end->getNumOperands());
  body.eraseArguments(0, body.getNumArguments());
  segment.setFunctionType(FunctionType::get(segment.getContext(), {}, {}));
  segment.removeArgAttrsAttr();
  segment.removeResAttrsAttr();
  return success();
}

void bindWeights(ModuleOp module) {
  module.walk([](pack::GetOp get) {
    auto block = dyn_cast<pack::BlockType>(get.getValue().getType());
    if (!block)
      return;
    if (block.getFormat().isBlock()) // what the type said of the bytes, the kernel says from now on
      for (Operation *user : get->getUsers()) {
        if (auto matmul = dyn_cast<tile::MatmulOp>(user))
          matmul.setFormatAttr(block.getFormat());
        if (auto gather = dyn_cast<tile::GatherOp>(user))
          gather.setFormatAttr(block.getFormat());
      }
    OpBuilder builder(get);
    Value memory =
        abi::WeightOp::create(builder, get.getLoc(), block.storageType(), get.getWeightAttr());
    get.getValue().replaceAllUsesWith(memory);
    get.erase();
  });
}

struct BindSegmentsPass : osscc::impl::BindSegmentsPassBase<BindSegmentsPass> {
  void runOnOperation() override {
    bindWeights(getOperation());
    for (auto segment : getOperation().getOps<func::FuncOp>())
      if (segment->hasAttr("abi.segment") && failed(bindArguments(segment)))
        return signalPassFailure();
  }
};

} // namespace
} // namespace osscc
