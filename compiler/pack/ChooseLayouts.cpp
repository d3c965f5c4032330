// Each format has one layout for matrices, tiles of 16 rows, whatever the CPU: it serves decode,
// prefill and every instruction set. docs/design/layout.md draws it. Rows of one value a channel
// stay as they are.
//
// Stage: pack (llm + pack -> llm + pack).
#include "compiler/Passes.h"
#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_CHOOSELAYOUTSPASS
#include "compiler/Passes.h.inc"

namespace {

pack::BlockType inTiles(pack::BlockType block) {
  return pack::BlockType::get(block.getContext(), block.getShape(), block.getFormat(),
                              pack::Layout::Tiles);
}

struct ChooseLayoutsPass : osscc::impl::ChooseLayoutsPassBase<ChooseLayoutsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto weight : module.getOps<pack::WeightOp>()) {
      auto block = dyn_cast<pack::BlockType>(weight.getType());
      if (!block || block.getShape().size() < 2 || block.getLayout() == pack::Layout::Tiles ||
          weight.getRole() == pack::Role::Vectors)
        continue;
      auto yield = cast<pack::YieldOp>(weight.getRecipe().front().back());
      OpBuilder builder(yield);
      Value tiles =
          pack::RelayoutOp::create(builder, yield.getLoc(), inTiles(block), yield.getValue());
      yield.getValueMutable().assign(tiles);
      weight.setType(inTiles(block));
    }
    SymbolTable symbols(module);
    module.walk([&](pack::GetOp get) {
      get.getValue().setType(symbols.lookup<pack::WeightOp>(get.getWeight()).getType());
    });
    module.walk([](llm::ConcatOp join) {
      auto whole = dyn_cast<pack::BlockType>(join.getWhole().getType());
      if (whole && whole.getShape().size() > 1)
        join.getWhole().setType(inTiles(whole));
    });
  }
};

} // namespace
} // namespace osscc
