// Decides how each weight is stored. Matrices take what --quantize asks, or keep what the
// checkpoint has; the few values of norm scales are f32, as their kernels read them. The recipe
// gains one step:
//
//   slice : !pack.source<576x576xbf16>   ==>   slice, quantize : !pack.block<576x576,
//   #pack.format<bf16>, rows>
//
// Stage: pack (llm -> llm + pack).
#include "compiler/Passes.h"
#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_CHOOSEFORMATSPASS
#include "compiler/Passes.h.inc"

namespace {

/// Uses of weights follow their types: a join of stored matrices is stored alike.
void retypeJoins(ModuleOp module) {
  module.walk([](llm::ConcatOp join) {
    auto part = dyn_cast<pack::BlockType>(join.getParts().front().getType());
    if (!part)
      return;
    join.getWhole().setType(pack::BlockType::get(join.getContext(),
                                                 llm::shapeOf(join.getWhole().getType()),
                                                 part.getFormat(), part.getLayout()));
  });
}

struct ChooseFormatsPass : osscc::impl::ChooseFormatsPassBase<ChooseFormatsPass> {
  using ChooseFormatsPassBase::ChooseFormatsPassBase;

  /// The code in which a source is stored, null for an unknown --quantize.
  Type codeFor(pack::SourceType source) {
    Builder builder(&getContext());
    if (source.getShape().size() == 1)
      return builder.getF32Type();
    return llvm::StringSwitch<Type>(storage)
        .Case("keep", source.getElement())
        .Case("f32", builder.getF32Type())
        .Case("f16", builder.getF16Type())
        .Case("bf16", builder.getBF16Type())
        .Default({});
  }

  LogicalResult store(pack::WeightOp weight) {
    auto source = dyn_cast<pack::SourceType>(weight.getType());
    if (!source)
      return success();
    Type code = codeFor(source);
    if (!code)
      return weight.emitError() << "unknown storage '" << storage
                                << "', expected keep, f32, f16 or bf16";
    auto format = pack::FormatAttr::get(&getContext(), code, 0, Type());
    auto block = pack::BlockType::get(&getContext(), source.getShape(), format, pack::Layout::Rows);
    auto yield = cast<pack::YieldOp>(weight.getRecipe().front().back());
    OpBuilder builder(yield);
    Value stored = pack::QuantizeOp::create(builder, yield.getLoc(), block, yield.getValue());
    yield.getValueMutable().assign(stored);
    weight.setType(block);
    return success();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto weight : module.getOps<pack::WeightOp>())
      if (failed(store(weight)))
        return signalPassFailure();
    SymbolTable symbols(module);
    module.walk([&](pack::GetOp get) {
      get.getValue().setType(symbols.lookup<pack::WeightOp>(get.getWeight()).getType());
    });
    retypeJoins(module);
  }
};

} // namespace
} // namespace osscc
