// Verifiers of the pack ops. Each check cites the rule (Cn) of PackOps.td that it enforces.
#include "dialects/pack/Blocks.h"
#include "dialects/pack/Pack.h"
#include "dialects/pack/Quantize.h"
#include "dialects/pack/gguf/Types.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/Support/MathExtras.h"

#define GET_OP_CLASSES
#include "dialects/pack/PackOps.cpp.inc"

using namespace mlir;

namespace osscc::pack {

ArrayRef<int64_t> shapeOf(Type stored) {
  if (auto source = dyn_cast<SourceType>(stored))
    return source.getShape();
  return cast<BlockType>(stored).getShape();
}

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

namespace {

bool liesInRows(Type stored) {
  auto block = dyn_cast<BlockType>(stored);
  return !block || block.getLayout() == Layout::Rows;
}

/// Whether rows, not parts of blocks, follow each other in a dimension.
bool isRowsDimension(Type stored, int64_t dimension) {
  auto rank = static_cast<int64_t>(shapeOf(stored).size());
  return dimension >= 0 &&
         dimension < (isa<BlockType>(stored) ? std::max<int64_t>(rank - 1, 1) : rank);
}

/// Equal in all but the number of rows.
bool isStoredAlike(Type a, Type b) {
  if (auto block = dyn_cast<BlockType>(a)) {
    auto other = dyn_cast<BlockType>(b);
    return other && block.getFormat() == other.getFormat();
  }
  auto source = dyn_cast<SourceType>(b);
  return source && source.getElement() == cast<SourceType>(a).getElement();
}

} // namespace

LogicalResult SliceOp::verify() {
  StringRef file = getFile();
  if (file.empty() || file == "." || file == ".." || file.contains('/') ||
      file.contains('\\')) // C1
    return emitOpError() << "'" << file << "' is not a plain base name";
  if (static_cast<int64_t>(getOffset()) < 0) // C2
    return emitOpError() << "offset must not be negative";
  if (auto block = dyn_cast<BlockType>(getValue().getType())) // C3
    if (!block.getFormat().isBlock() || block.getLayout() != Layout::Rows ||
        block.getShape().back() % geometryOf(block.getFormat()).span != 0)
      return emitOpError() << block << " is not rows of whole blocks of a block format";
  Attribute blocks = (*this)->getAttr("blocks");
  if (!blocks)
    return success();
  const gguf::Type *type = gguf::blocksOf(*this);
  auto source = dyn_cast<SourceType>(getValue().getType());
  if (!type || !type->decode || !source || !source.getElement().isF32() ||
      source.getShape().back() % type->elements != 0) // C4
    return emitOpError() << "blocks of " << blocks << " do not decode to " << getValue().getType();
  return success();
}

LogicalResult ConcatOp::verify() {
  Type whole = getWhole().getType();
  auto along = static_cast<int64_t>(getAlong());
  if (!isRowsDimension(whole, along)) // C3
    return emitOpError() << along << " is no dimension of rows of " << whole;
  int64_t rows = 0;
  for (Value value : getParts()) {
    Type part = value.getType();
    bool fits = shapeOf(part).size() == shapeOf(whole).size();
    for (int64_t i = 0; fits && i < static_cast<int64_t>(shapeOf(whole).size()); ++i)
      fits = i == along || shapeOf(part)[i] == shapeOf(whole)[i];
    if (!fits || !isStoredAlike(part, whole) || !liesInRows(part) || !liesInRows(whole)) // C1
      return emitOpError() << "part " << part << " does not have the channels and element type of "
                           << whole;
    rows += shapeOf(part)[along];
  }
  if (rows != shapeOf(whole)[along]) // C2
    return emitOpError() << "the parts have " << rows << " rows, but the whole has "
                         << shapeOf(whole)[along];
  return success();
}

LogicalResult StackOp::verify() {
  Type whole = getWhole().getType();
  ArrayRef<int64_t> shape = shapeOf(whole);
  for (Value value : getParts()) {
    Type part = value.getType();
    bool fits = shape.size() > 1 && shapeOf(part).size() + 1 == shape.size() &&
                shapeOf(part).back() == shape.back();
    if (!fits || !isStoredAlike(part, whole) || !liesInRows(part) || !liesInRows(whole)) // C1
      return emitOpError() << "part " << part << " is no part of a member of " << whole;
  }
  auto parts = static_cast<int64_t>(getParts().size());
  bool fits = parts != 0 && llvm::all_equal(getParts().getTypes()) && parts % shape[0] == 0;
  if (fits && shape.size() > 2)
    fits = parts / shape[0] * shapeOf(getParts()[0].getType())[0] == shape[1];
  else if (fits) // a vector is a whole member
    fits = parts == shape[0];
  if (!fits) // C2
    return emitOpError() << parts << " parts do not make the rows of " << whole;
  return success();
}

LogicalResult PermuteOp::verify() {
  auto size = static_cast<int64_t>(getSize()), along = static_cast<int64_t>(getAlong());
  Type source = getSource().getType();
  if (!liesInRows(source) || !isRowsDimension(source, along)) // C2
    return emitOpError() << "permutes rows, not tiles or channels";
  int64_t rows = shapeOf(source)[along];
  if (size <= 0 || size % 2 != 0 || rows % size != 0) // C1
    return emitOpError() << rows << " rows are not a whole number of heads of " << size
                         << ", an even number";
  auto turned = static_cast<int64_t>(getTurned());
  if (turned < 0 || turned > size || turned % 2 != 0) // C3
    return emitOpError() << "turns " << turned << " rows of heads of " << size;
  return success();
}

int64_t PermuteOp::sourceRow(int64_t row) {
  auto size = static_cast<int64_t>(getSize()), half = size / 2, pairs = turnedRows() / 2;
  int64_t inHead = row % size, side = inHead / half, pair = inHead % half;
  int64_t source = getHalves() ? side * pairs + pair : 2 * pair + side;
  if (pair >= pairs) // which stays
    source = 2 * pairs + side * (half - pairs) + pair - pairs;
  return row - inHead + source;
}

LogicalResult SelectOp::verify() {
  Type source = getSource().getType(), result = getResult().getType();
  auto first = static_cast<int64_t>(getFirst()), each = static_cast<int64_t>(getEach());
  ArrayRef<int64_t> from = shapeOf(source), to = shapeOf(result);
  if (from.size() != 2 || each < 1 || from[0] % each != 0) // C1
    return emitOpError() << source << " is no matrix of " << each << " rows each";
  int64_t rows = to.size() == 3 ? to[0] * to[1] : to[0], members = from[0] / each;
  bool isWhole = to.size() == 2 || (to.size() == 3 && to[0] == members);
  if (!isWhole || to.back() != from.back() || first < 0 || rows % members != 0 ||
      rows / members > each - first) // C2
    return emitOpError() << result << " does not have rows from " << first << " on of each " << each
                         << " of " << source;
  if (!isStoredAlike(source, result) || !liesInRows(source) || !liesInRows(result)) // C3
    return emitOpError() << "changes how rows of " << source << " are stored";
  return success();
}

LogicalResult ZipOp::verify() {
  BlockType block = getBlock().getType();
  BlockGeometry geometry =
      block.getFormat().isBlock() ? geometryOf(block.getFormat()) : BlockGeometry();
  bool isMxfp4 = isa<Float4E2M1FNType>(block.getFormat().getCode());
  if (!isMxfp4 || block.getLayout() != Layout::Rows ||
      block.getShape().back() % geometry.group != 0) // C1
    return emitOpError() << block << " is not rows of whole groups of MXFP4";
  auto fits = [&](SourceType source, int64_t channels) {
    SmallVector<int64_t> shape(block.getShape());
    shape.back() /= channels;
    return source.getElement().isInteger(8) && source.getShape() == ArrayRef(shape);
  };
  if (!fits(getCodes().getType(), 2) || !fits(getScales().getType(), geometry.group)) // C2
    return emitOpError() << "codes " << getCodes().getType() << " and scales "
                         << getScales().getType() << " do not make " << block;
  return success();
}

LogicalResult RescaleOp::verify() {
  SourceType codes = getCodes().getType(), scales = getScales().getType();
  auto size = static_cast<int64_t>(getSize());
  ArrayRef<int64_t> shape = codes.getShape();
  if (shape.size() != 2 || !isa<Float8E4M3FNType>(codes.getElement()) ||
      getValue().getType() != SourceType::get(getContext(), shape, Float32Type::get(getContext())))
    return emitOpError() << "goes from a matrix of f8E4M3FN to one of f32, found " << codes // C1
                         << " and " << getValue().getType();
  SmallVector<int64_t> blocks;
  for (int64_t extent : shape)
    blocks.push_back(size > 0 ? static_cast<int64_t>(llvm::divideCeil(extent, size)) : 0);
  mlir::Type element = scales.getElement(); // of bf16 each is an f32 as well
  if ((!element.isF32() && !element.isBF16()) || scales.getShape() != ArrayRef(blocks)) // C2
    return emitOpError() << codes << " has no scales of blocks of " << size << " in " << scales;
  return success();
}

LogicalResult TransposeOp::verify() {
  SourceType source = getSource().getType(), result = getResult().getType();
  SmallVector<int64_t> shape(source.getShape());
  if (shape.size() < 2) // C1
    return emitOpError() << source << " is no matrix";
  std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  if (result.getShape() != ArrayRef(shape)) // C1
    return emitOpError() << result << " is not " << source << " transposed";
  if (source.getElement() != result.getElement()) // C2
    return emitOpError() << "changes the element type of " << source;
  return success();
}

LogicalResult DequantizeOp::verify() {
  BlockType block = getBlock().getType();
  SourceType value = getValue().getType();
  if (block.getShape() != value.getShape()) // C1
    return emitOpError() << "changes the shape of " << block << " to that of " << value;
  if (block.getLayout() != Layout::Rows || !value.getElement().isF32()) // C2
    return emitOpError() << "goes from rows to f32";
  return success();
}

LogicalResult QuantizeOp::verify() {
  SourceType source = getSource().getType();
  BlockType block = getBlock().getType();
  if (source.getShape() != block.getShape()) // C1
    return emitOpError() << "changes the shape of " << source << " to that of " << block;
  if (block.getLayout() != Layout::Rows) // C2
    return emitOpError() << "stores row after row; pack.relayout makes tiles";
  if (block.getFormat().isBlock() && !canEncode(block.getFormat())) // C3
    return emitOpError() << "does not choose codes of " << block.getFormat();
  return success();
}

LogicalResult RelayoutOp::verify() {
  BlockType source = getSource().getType(), block = getBlock().getType();
  if (source.getShape() != block.getShape() || source.getFormat() != block.getFormat()) // C1
    return emitOpError() << "changes " << source << " to " << block << ", not its layout alone";
  if (source.getLayout() != Layout::Rows || block.getLayout() == Layout::Rows) // C2
    return emitOpError() << "goes from rows to tiles or to a table";
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
