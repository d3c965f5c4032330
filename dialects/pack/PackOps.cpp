// Verifiers of the pack ops. Each check cites the rule (Cn) of PackOps.td that it enforces.
#include "dialects/pack/Pack.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/Support/MathExtras.h"

#define GET_OP_CLASSES
#include "dialects/pack/PackOps.cpp.inc"

using namespace mlir;

namespace osscc::pack {

LogicalResult WeightOp::verify() {
  Block &block = getRecipe().front();
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (!yield || yield.getValue().getType() != getType()) // C1
    return emitOpError() << "the recipe must end in a pack.yield of " << getType();
  return success();
}

LogicalResult GetOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto weight = symbols.lookupNearestSymbolFrom<WeightOp>(*this, getWeightAttr());
  if (!weight) // C1
    return emitOpError() << "no pack.weight is called " << getWeightAttr();
  Type expected = weight.getType();
  if (auto source = dyn_cast<SourceType>(expected))
    expected = RankedTensorType::get(source.getShape(), source.getElement());
  if (getValue().getType() != expected) { // C2
    auto error = emitOpError() << "is " << getValue().getType() << ", expected " << expected;
    error.attachNote(weight.getLoc()) << "the weight is here";
    return error;
  }
  return success();
}

LogicalResult SliceOp::verify() {
  StringRef file = getFile();
  if (file.empty() || file == "." || file == ".." || file.contains('/') ||
      file.contains('\\')) // C1
    return emitOpError() << "'" << file << "' is not a plain base name";
  if (static_cast<int64_t>(getOffset()) < 0) // C2
    return emitOpError() << "offset must not be negative";
  return success();
}

LogicalResult ConcatOp::verify() {
  SourceType whole = getWhole().getType();
  int64_t rows = 0;
  for (Value value : getParts()) {
    auto part = cast<SourceType>(value.getType());
    if (part.getShape().size() != 2 || whole.getShape().size() != 2 ||
        part.getShape()[1] != whole.getShape()[1] || part.getElement() != whole.getElement()) // C1
      return emitOpError() << "part " << part << " does not have the channels and element type of "
                           << whole;
    rows += part.getShape()[0];
  }
  if (rows != whole.getShape()[0]) // C2
    return emitOpError() << "the parts have " << rows << " rows, but the whole has "
                         << whole.getShape()[0];
  return success();
}

LogicalResult QuantizeOp::verify() {
  SourceType source = getSource().getType();
  BlockType block = getBlock().getType();
  if (source.getShape() != block.getShape()) // C1
    return emitOpError() << "changes the shape of " << source << " to that of " << block;
  if (block.getLayout() != Layout::Rows) // C2
    return emitOpError() << "stores row after row; pack.relayout makes tiles";
  return success();
}

LogicalResult RelayoutOp::verify() {
  BlockType source = getSource().getType(), block = getBlock().getType();
  if (source.getShape() != block.getShape() || source.getFormat() != block.getFormat()) // C1
    return emitOpError() << "changes " << source << " to " << block << ", not its layout alone";
  if (source.getLayout() != Layout::Rows || block.getLayout() != Layout::Tiles) // C2
    return emitOpError() << "goes from rows to tiles";
  return success();
}

SmallVector<Placement> placeWeights(ModuleOp module) {
  constexpr int64_t kLine = 64, kPage = 4096;
  SmallVector<Placement> places;
  int64_t end = 0;
  for (auto weight : module.getOps<WeightOp>()) {
    auto block = dyn_cast<BlockType>(weight.getType());
    if (!block)
      continue;
    int64_t bytes = block.storedBytes(), align = bytes < kPage ? kLine : kPage;
    int64_t offset = llvm::alignTo(end, align);
    places.push_back({weight, offset, bytes, align});
    end = offset + bytes;
  }
  return places;
}

} // namespace osscc::pack
