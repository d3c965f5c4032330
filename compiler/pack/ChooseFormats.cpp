// Decides how each weight is stored. Matrices take what --quantize asks, or keep what the
// checkpoint has; the few values of norm scales are f32, as their kernels read them. The recipe
// gains a step, or two where the checkpoint is in a block format and another storage is asked:
//
//   slice : !pack.source<576x576xbf16>     ==>   slice, quantize : !pack.block<576x576, bf16, rows>
//   slice : !pack.block<576x576, i8, rows> ==>   the same, or slice, dequantize, quantize
//
// Stage: pack (llm -> llm + pack).
#include "compiler/Passes.h"
#include "dialects/llm/Llm.h"
#include "dialects/pack/BlockFormats.h"
#include "dialects/pack/gguf/Types.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

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

  pack::FormatAttr floats(Type code) {
    return pack::FormatAttr::get(&getContext(), code, 0, {}, {});
  }

  /// What keeps the values of blocks without a format: exactly those of ternary types, int8 near
  /// the others.
  pack::FormatAttr storageOf(const pack::gguf::Type &blocks, pack::FormatAttr int8) {
    return blocks.name.starts_with("TQ") ? pack::findFormat(&getContext(), "Q2_K") : int8;
  }

  /// Whether fewer bits are asked of a weight that has none to give: a router's few floats decide
  /// which experts are read, positions are added to every row, and codes of 4 bits lose if they are
  /// chosen anew. Matrices of groups of channels that are not whole records would read their
  /// neighbours' codes.
  bool isKept(pack::WeightOp weight, pack::FormatAttr own) {
    bool fewer = storage == "int8" || storage == "int4";
    bool isStackOf4Bits = pack::shapeOf(weight.getType()).size() == 3 && own.isBlock() &&
                          own.getCode().getIntOrFloatBitWidth() == 4;
    bool cutsRecords = grouped.contains(weight.getSymName()) &&
                       pack::shapeOf(weight.getType()).back() % pack::kRecordChannels != 0;
    bool isNeeded =
        weight.getRole() == pack::Role::Router || positions.contains(weight.getSymName());
    return fewer && (isNeeded || isStackOf4Bits || cutsRecords);
  }

  /// The format of a weight, null for an unknown --quantize.
  pack::FormatAttr formatFor(pack::WeightOp weight) {
    Builder builder(&getContext());
    auto source = dyn_cast<pack::SourceType>(weight.getType());
    if ((source && source.getShape().size() == 1) || weight.getRole() == pack::Role::Vectors)
      return floats(builder.getF32Type());
    pack::FormatAttr int8 = pack::findFormat(&getContext(), "Q8_0");
    pack::FormatAttr own =
        source ? floats(source.getElement()) : cast<pack::BlockType>(weight.getType()).getFormat();
    if (const pack::gguf::Type *blocks = pack::gguf::blocksOf(weight)) // which no kernel reads
      own = storageOf(*blocks, int8);
    if (isKept(weight, own))
      return own;
    // A table's rows come out one by one, and the head's errors are not averaged by a layer behind.
    pack::FormatAttr int4 =
        tables.contains(weight.getSymName()) ? int8 : pack::findFormat(&getContext(), "Q4_1");
    return llvm::StringSwitch<pack::FormatAttr>(storage)
        .Case("keep", own)
        .Case("f32", floats(builder.getF32Type()))
        .Case("f16", floats(builder.getF16Type()))
        .Case("bf16", floats(builder.getBF16Type()))
        .Case("int8", int8)
        .Case("int4", int4)
        .Default({});
  }

  LogicalResult store(pack::WeightOp weight) {
    pack::FormatAttr format = formatFor(weight);
    if (!format)
      return weight.emitError() << "unknown storage '" << storage
                                << "', expected keep, f32, f16, bf16, int8 or int4";
    auto stored = dyn_cast<pack::BlockType>(weight.getType());
    if (stored && stored.getFormat() == format)
      return success();
    auto yield = cast<pack::YieldOp>(weight.getRecipe().front().back());
    OpBuilder builder(yield);
    Value value = yield.getValue();
    if (stored)
      value = pack::DequantizeOp::create(
          builder, yield.getLoc(),
          pack::SourceType::get(&getContext(), stored.getShape(), builder.getF32Type()), value);
    auto source = cast<pack::SourceType>(value.getType());
    auto block = pack::BlockType::get(&getContext(), source.getShape(), format, pack::Layout::Rows);
    yield.getValueMutable().assign(
        pack::QuantizeOp::create(builder, yield.getLoc(), block, value).getBlock());
    weight.setType(block);
    return success();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    findReaders(module);
    for (auto weight : module.getOps<pack::WeightOp>())
      if (failed(store(weight)))
        return signalPassFailure();
    SymbolTable symbols(module);
    module.walk([&](pack::GetOp get) {
      get.getValue().setType(symbols.lookup<pack::WeightOp>(get.getWeight()).getType());
    });
    retypeJoins(module);
  }

private:
  /// The weights that `embed` and `logits` read, among them tables of positions, and those that
  /// linears of several groups do.
  void findReaders(ModuleOp module) {
    tables.clear();
    positions.clear();
    grouped.clear();
    module.walk([&](pack::GetOp get) {
      for (Operation *user : get->getUsers()) {
        if (isa<llm::EmbedOp, llm::LogitsOp>(user))
          tables.insert(get.getWeight());
        if (auto embed = dyn_cast<llm::EmbedOp>(user); embed && embed.getOfPositions())
          positions.insert(get.getWeight());
        if (auto linear = dyn_cast<llm::LinearOp>(user); linear && linear.getGroups() != 1)
          grouped.insert(get.getWeight());
      }
    });
  }

  llvm::StringSet<> tables, positions, grouped;
};

} // namespace
} // namespace osscc
