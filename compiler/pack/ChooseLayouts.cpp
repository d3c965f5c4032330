// Each format has one layout for matrices, tiles of 16 rows, whatever the CPU: it serves decode,
// prefill and every instruction set. A matrix of which only `embed` reads rows is a table, so that
// a row touches its own bytes alone. docs/design/layout.md draws both. Rows of one value a channel
// stay as they are.
//
// Stage: pack (llm + pack -> llm + pack).
#include "compiler/Passes.h"
#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_CHOOSELAYOUTSPASS
#include "compiler/Passes.h.inc"

namespace {

pack::BlockType laidOut(pack::BlockType block, pack::Layout layout) {
  return pack::BlockType::get(block.getContext(), block.getShape(), block.getFormat(), layout);
}

/// The weights that `embed` reads, and those that something else does.
struct Readers {
  llvm::StringSet<> embeddings, products;

  explicit Readers(ModuleOp module) {
    module.walk([&](pack::GetOp get) {
      for (Operation *user : get->getUsers())
        (isa<llm::EmbedOp>(user) ? embeddings : products).insert(get.getWeight());
    });
  }
  pack::Layout layoutOf(pack::WeightOp weight) const {
    StringRef name = weight.getSymName();
    return embeddings.contains(name) && !products.contains(name) ? pack::Layout::Table
                                                                 : pack::Layout::Tiles;
  }
};

struct ChooseLayoutsPass : osscc::impl::ChooseLayoutsPassBase<ChooseLayoutsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    Readers readers(module);
    for (auto weight : module.getOps<pack::WeightOp>()) {
      auto block = dyn_cast<pack::BlockType>(weight.getType());
      if (!block || block.getShape().size() < 2 || block.getLayout() != pack::Layout::Rows ||
          weight.getRole() == pack::Role::Vectors)
        continue;
      pack::BlockType type = laidOut(block, readers.layoutOf(weight));
      auto yield = cast<pack::YieldOp>(weight.getRecipe().front().back());
      OpBuilder builder(yield);
      Value ordered = pack::RelayoutOp::create(builder, yield.getLoc(), type, yield.getValue());
      yield.getValueMutable().assign(ordered);
      weight.setType(type);
    }
    SymbolTable symbols(module);
    module.walk([&](pack::GetOp get) {
      get.getValue().setType(symbols.lookup<pack::WeightOp>(get.getWeight()).getType());
    });
    module.walk([](llm::ConcatOp join) {
      auto whole = dyn_cast<pack::BlockType>(join.getWhole().getType());
      if (whole && whole.getShape().size() > 1)
        join.getWhole().setType(laidOut(whole, pack::Layout::Tiles));
    });
  }
};

} // namespace
} // namespace osscc
