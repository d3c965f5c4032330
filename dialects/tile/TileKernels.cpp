// Verifiers and memory effects of kernels. Each check cites the rule (Cn) of TileKernels.td that it
// enforces.
#include "dialects/tile/VerifyRegion.h"

#include "dialects/pack/Formats.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

#define GET_OP_CLASSES
#include "dialects/tile/TileOps.cpp.inc"

using namespace mlir;

namespace osscc::tile {

SmallVector<int64_t> packedShape(Type packed) {
  if (auto block = dyn_cast<pack::BlockType>(packed))
    return SmallVector<int64_t>(block.getShape());
  auto storage = cast<MemRefType>(packed);
  ArrayRef<int64_t> shape = storage.getShape();
  if (storage.getRank() == 1)
    return {shape[0]};
  return {shape[0] * pack::kTileRows, storage.getRank() == 4 ? 2 * shape[1] : shape[1]};
}

int64_t recordsOfRow(int64_t channels) {
  return static_cast<int64_t>(llvm::divideCeil(channels, pack::kRecordChannels));
}

int64_t wordsOfRow(int64_t channels, int64_t planes, bool halves) {
  return recordsOfRow(channels) * recordWords(planes, halves);
}

LogicalResult verifyRegion(Operation *op, Region &region, size_t arguments) {
  Block &block = region.front();
  auto isF32 = [](Type type) { return type.isF32(); };
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (block.getNumArguments() != arguments || !llvm::all_of(block.getArgumentTypes(), isF32) ||
      !yield || yield.getNumOperands() != 1 || !yield.getOperand(0).getType().isF32())
    return op->emitOpError() << "the region takes " << arguments << " f32 and yields one";
  return success();
}

namespace {

int64_t channels(Value rows) {
  return cast<ShapedType>(rows.getType()).getDimSize(1);
}

/// A packed extent covers a logical one: equal before storage is bound, padded to whole tiles or
/// pairs after it.
bool covers(Type packed, int64_t packedExtent, int64_t extent, int64_t padding) {
  if (isa<pack::BlockType>(packed))
    return packedExtent == extent;
  return packedExtent >= extent && packedExtent < extent + padding;
}

/// What every kernel does to memory once its operands are memrefs; on tensors it does nothing.
template <typename Effects> void addKernelEffects(Operation *op, Value out, Effects &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand, SideEffects::DefaultResource::get());
    if (operand.get() == out)
      effects.emplace_back(MemoryEffects::Write::get(), &operand,
                           SideEffects::DefaultResource::get());
  }
}

LogicalResult verifyHeads(Operation *op, int64_t width, int64_t heads, int64_t size) {
  if (heads <= 0 || size <= 0 || width % (heads * size) != 0)
    return op->emitOpError() << width << " channels are not a whole multiple of " << heads
                             << " heads of " << size;
  return success();
}

LogicalResult verifyFrequencies(Operation *op, std::optional<ArrayRef<float>> frequencies,
                                int64_t size) {
  if (frequencies && 2 * static_cast<int64_t>(frequencies->size()) != size)
    return op->emitOpError() << frequencies->size() << " frequencies for heads of " << size;
  return success();
}

LogicalResult verifyAppended(Operation *op, Value k, Value v, CacheAttr cache) {
  int64_t keys = cache.getHeads() * cache.keySize(), values = cache.getHeads() * cache.valueSize();
  if (channels(k) != keys || channels(v) != values)
    return op->emitOpError() << "k and v have " << channels(k) << " and " << channels(v)
                             << " channels, expected " << keys
                             << (keys == values ? "" : " and " + std::to_string(values));
  return success();
}

bool isPositiveFinite(APFloat value) {
  return value.isFinite() && !value.isZero() && !value.isNegative();
}

} // namespace

int64_t headsOfBlock(CacheAttr cache, int64_t share) {
  constexpr int64_t kOfLatents = 4;
  if (!cache.isLatent())
    return share;
  int64_t heads = std::min(share, kOfLatents);
  while (share % heads != 0)
    --heads;
  return heads;
}

using Effects = SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

void MatmulOp::getEffects(Effects &effects) {
  addKernelEffects(*this, getOut(), effects);
}
void NormOp::getEffects(Effects &effects) {
  addKernelEffects(*this, getOut(), effects);
}
void RotateOp::getEffects(Effects &effects) {
  addKernelEffects(*this, getOut(), effects);
}
void MapOp::getEffects(Effects &effects) {
  addKernelEffects(*this, getOut(), effects);
}
void QuantizeRowsOp::getEffects(Effects &effects) {
  addKernelEffects(*this, getOut(), effects);
}
void GatherOp::getEffects(Effects &effects) {
  addKernelEffects(*this, getOut(), effects);
}
void RouteOp::getEffects(Effects &effects) {
  addKernelEffects(*this, getOut(), effects);
}
void GatherSlotsOp::getEffects(Effects &effects) {
  addKernelEffects(*this, getOut(), effects);
}
void CombineOp::getEffects(Effects &effects) {
  addKernelEffects(*this, getOut(), effects);
}

void AttendOp::getEffects(Effects &effects) {
  addKernelEffects(*this, getOut(), effects);
  if (getPartials())
    effects.emplace_back(MemoryEffects::Write::get(), &getPartialsMutable()[0],
                         SideEffects::DefaultResource::get());
  effects.emplace_back(MemoryEffects::Read::get()); // the cache
  if (getK())
    effects.emplace_back(MemoryEffects::Write::get());
}

void AppendOp::getEffects(Effects &effects) {
  addKernelEffects(*this, Value(), effects);
  effects.emplace_back(MemoryEffects::Write::get()); // the cache
}

/// Whether rows of `words` words are the records of `channels` channels, of either kind.
static bool areRecords(int64_t words, int64_t channels, int64_t planes) {
  return words == wordsOfRow(channels, planes) || words == wordsOfRow(channels, planes, true);
}

/// Whether the words of quantized rows have the records that a weight in blocks reads: with halves
/// where its groups are of 16.
static bool coversRecords(Type packed, pack::FormatAttr format, int64_t words, int64_t planes) {
  int64_t channels = 0;
  if (auto block = dyn_cast<pack::BlockType>(packed)) {
    channels = block.getShape().back();
  } else {
    ArrayRef<int64_t> shape = cast<MemRefType>(packed).getShape();
    channels = shape.size() == 2 ? pack::channelsOfTile(format, shape[1]) : 0;
    if (channels == 0 || shape[1] != pack::tileBytes(format, channels))
      return false;
  }
  bool needsHalves = format.getGroup() < pack::kRecordChannels;
  return words == wordsOfRow(channels, planes, true) ||
         (!needsHalves && words == wordsOfRow(channels, planes));
}

/// Whether `packed` has matrices of `rows` rows: one, or as a `stack` any number.
static bool coversRows(Type packed, bool stack, int64_t rows) {
  SmallVector<int64_t> shape = packedShape(packed);
  if (!stack)
    return covers(packed, shape[0], rows, pack::kTileRows);
  if (isa<pack::BlockType>(packed))
    return shape[1] == rows;
  return rows > 0 && shape[0] % static_cast<int64_t>(llvm::alignTo(rows, pack::kTileRows)) == 0;
}

/// Whether `values` are one for each of `rows` rows of a matrix, or of each of a `stack`.
static bool hasValues(Type values, bool stack, int64_t rows) {
  ArrayRef<int64_t> shape;
  if (auto block = dyn_cast<pack::BlockType>(values))
    shape = block.getShape();
  else
    shape = cast<MemRefType>(values).getShape();
  return shape.size() == (stack ? 2 : 1) && shape.back() == rows;
}

/// Whether a matmul of several groups is one: rule (C8).
static bool hasGroups(MatmulOp op) {
  int64_t groups = static_cast<int64_t>(op.getGroups()), inputs = channels(op.getX()) / groups;
  if (op.getPlan() || !op.getChannels().empty() || op.getParts() != 1 || op.getInterleaved() ||
      channels(op.getX()) % groups != 0 || channels(op.getOut()) % groups != 0)
    return false;
  Type packed = op.getW().getType();
  SmallVector<int64_t> shape = packedShape(packed);
  if (auto block = dyn_cast<pack::BlockType>(packed)) {
    bool wholeRecords = op.getPlanes() == 0 || shape.back() % pack::kRecordChannels == 0;
    return shape.size() == 3 && shape[0] == groups && shape[1] == op.outputs() && wholeRecords &&
           (op.getPlanes() == 0 ? shape[2] == inputs
                                : areRecords(inputs, shape[2], op.getPlanes()));
  }
  auto padded = static_cast<int64_t>(llvm::alignTo(op.outputs(), pack::kTileRows));
  return shape[0] == groups * padded;
}

LogicalResult MatmulOp::verify() {
  if (getGroups() != 1) {
    if (!hasGroups(*this)) // C8
      return emitOpError() << getGroups() << " groups of " << getX().getType() << " and "
                           << getOut().getType() << " do not fit " << getW().getType();
    return verifyRegion(*this, getEpilogue(), 2);
  }
  Type packed = getW().getType();
  SmallVector<int64_t> shape = packedShape(packed);
  bool stack = static_cast<bool>(getPlan());
  int64_t parts = getParts(), planes = getPlanes(), n = channels(getOut());
  size_t dimensions = stack && isa<pack::BlockType>(packed) ? 3 : 2;
  if ((stack && (!isPlan(getPlan()) || getInterleaved())) || (!stack && getSameRow())) // C7
    return emitOpError() << "slots need a plan, and rows that are not interleaved";
  bool blocks = storage() && storage().isBlock();
  bool words = cast<ShapedType>(getX().getType()).getElementType().isInteger();
  if (blocks != words || (blocks ? planes < 1 || planes > 2 : planes != 0)) // C5
    return emitOpError() << "x is " << getX().getType() << " in " << planes
                         << " planes, but w is stored as " << packed;
  bool fits = shape.size() == dimensions &&
              (blocks ? coversRecords(packed, storage(), channels(getX()), planes)
                      : covers(packed, shape.back(), channels(getX()), 2));
  if (!fits) // C1, C7
    return emitOpError() << "x has " << channels(getX()) << " channels, but w is " << packed;
  if (parts < 1 || !coversRows(packed, stack, parts * n)) // C2
    return emitOpError() << parts << " parts of " << n << " channels do not make the rows of "
                         << packed;
  if (parts > 1 && n % pack::kTileRows != 0) // C3
    return emitOpError() << "parts of " << n << " rows are not whole tiles";
  for (Value values : getChannels())
    if (!hasValues(values.getType(), stack, parts * n)) // C6
      return emitOpError() << parts << " parts of " << n << " channels have no values in "
                           << values.getType();
  return verifyRegion(*this, getEpilogue(), parts * (1 + getChannels().size()) + 1); // C4
}

int64_t MatmulOp::outputs() {
  return channels(getOut()) / static_cast<int64_t>(getGroups());
}

static int64_t tilesOfPart(MatmulOp op) {
  return static_cast<int64_t>(llvm::divideCeil(op.outputs(), pack::kTileRows));
}

int64_t MatmulOp::streams() {
  return std::gcd(tilesOfPart(*this), getScheduleAttr().getN() / pack::kTileRows);
}

int64_t MatmulOp::blocks() {
  return tilesOfPart(*this) / streams();
}

LogicalResult QuantizeRowsOp::verify() {
  auto planes = static_cast<int64_t>(getPlanes());
  if (planes != 1 && planes != 2) // C1
    return emitOpError() << "planes must be 1 or 2, found " << planes;
  if (!areRecords(channels(getOut()), channels(getX()), planes)) // C2
    return emitOpError() << "x has " << channels(getX()) << " channels, so out has "
                         << wordsOfRow(channels(getX()), planes) << " words, found "
                         << channels(getOut());
  return success();
}

LogicalResult AttendOp::verify() {
  CacheAttr cache = getCache();
  int64_t heads = cache.getHeads(), size = cache.valueSize();
  auto planes = static_cast<int64_t>(getPlanes());
  bool words = cast<ShapedType>(getOut().getType()).getElementType().isInteger();
  if (planes < 0 || planes > 2 || words != (planes != 0) ||
      (words && size % pack::kRecordChannels != 0)) // C4
    return emitOpError() << "writes " << getOut().getType() << " in " << planes
                         << " planes, of heads of " << size;
  bool fits = words ? areRecords(channels(getOut()), channels(getQ()), planes)
                    : channels(getOut()) == channels(getQ());
  if (!fits) // C1
    return emitOpError() << "q has " << channels(getQ()) << " channels, but out has "
                         << channels(getOut());
  if (!isPositiveFinite(getScale())) // C2
    return emitOpError() << "scale must be positive and finite";
  if (failed(verifyFrequencies(*this, getFrequencies(), cache.keySize()))) // C3
    return failure();
  if (failed(verifyHeads(*this, channels(getQ()), heads, size))) // C1
    return failure();
  int64_t queryHeads = channels(getQ()) / size;
  int64_t record = headsOfBlock(cache, queryHeads / heads) * partialFloats(size);
  int64_t others = getRest() ? channels(getRest()) : 0;
  bool latents = cache.isLatent();
  if (others != (latents ? queryHeads * cache.keySize() : 0) || (latents && getK())) // C9
    return emitOpError() << "has " << queryHeads << " query heads over " << cache
                         << ", but a rest of " << others << " channels"
                         << (getK() ? ", and appends" : "");
  if (getPartials() && channels(getPartials()) != record) // C5
    return emitOpError() << "partials have " << channels(getPartials()) << " floats, a record has "
                         << record;
  if (getCache().getRing() != 0 && !getMask()) // C6
    return emitOpError() << "sees every position, but the cache is a ring";
  if (getSinks() && packedShape(getSinks().getType()) != ArrayRef<int64_t>{queryHeads}) // C8
    return emitOpError() << "has " << queryHeads << " query heads, but sinks are "
                         << getSinks().getType();
  if (getSoftcap() && !isPositiveFinite(*getSoftcap())) // C10
    return emitOpError() << "softcap must be positive and finite";
  return getK() ? verifyAppended(*this, getK(), getV(), cache) : success(); // C7
}

LogicalResult AppendOp::verify() {
  if (failed(verifyAppended(*this, getK(), getV(), getCache()))) // C1
    return failure();
  return verifyFrequencies(*this, getFrequencies(), getCache().keySize()); // C2
}

LogicalResult NormOp::verify() {
  int64_t size = groupChannels();
  auto planes = static_cast<int64_t>(getPlanes());
  bool words = cast<ShapedType>(getOut().getType()).getElementType().isInteger();
  if (planes < 0 || planes > 2 || words != (planes != 0) ||
      (words && size != channels(getX()))) // C3
    return emitOpError() << "writes " << getOut().getType() << " in " << planes
                         << " planes, of groups of " << size;
  if (size < 1 || channels(getX()) % size != 0) // C4
    return emitOpError() << "x has " << channels(getX())
                         << " channels, not a whole number of groups of " << size;
  bool fits = words ? areRecords(channels(getOut()), channels(getX()), planes)
                    : channels(getOut()) == channels(getX());
  if (!fits || (getW() && packedShape(getW().getType()) != ArrayRef<int64_t>{size})) { // C1
    auto error = emitOpError() << "x has " << channels(getX()) << " channels, out "
                               << channels(getOut());
    return getW() ? error << ", and w is " << getW().getType() : error;
  }
  if (getBias() && packedShape(getBias().getType()) != ArrayRef<int64_t>{size}) // C1
    return emitOpError() << "groups have " << size << " channels, but bias is "
                         << getBias().getType();
  if (!isPositiveFinite(getEps())) // C2
    return emitOpError() << "eps must be positive and finite";
  return success();
}

LogicalResult RotateOp::verify() {
  int64_t dims = getDims();
  if (channels(getX()) != channels(getOut()) || dims <= 0 || channels(getX()) % dims != 0) // C1
    return emitOpError() << "x has " << channels(getX()) << " channels and out "
                         << channels(getOut()) << ", not a whole number of heads of " << dims;
  if (dims != 2 * static_cast<int64_t>(getFrequencies().size())) // C2
    return emitOpError() << "has " << getFrequencies().size() << " frequencies for " << dims
                         << " dims";
  return success();
}

LogicalResult MapOp::verify() {
  for (Value input : getInputs()) {
    // Rows have the number of a row first; a packed weight has no rows at all.
    auto shaped = dyn_cast<ShapedType>(input.getType());
    bool isRows = shaped && shaped.getRank() == 2;
    SmallVector<int64_t> shape =
        isRows ? SmallVector<int64_t>{channels(input)} : packedShape(input.getType());
    bool fits = shape.size() == 1 && (shape[0] == channels(getOut()) || shape[0] == 1);
    if (!fits) // C1
      return emitOpError() << "out has " << channels(getOut()) << " channels, but an input is "
                           << input.getType();
  }
  return verifyRegion(*this, getBody(), getInputs().size() + 1); // C2
}

LogicalResult GatherOp::verify() {
  Type table = getTable().getType();
  bool rowsOfF32 = isa<ShapedType>(table) && cast<ShapedType>(table).isDynamicDim(0);
  if (rowsOfF32 != (getRows() == RowSource::Outputs)) // C2
    return emitOpError() << stringifyRowSource(getRows()) << " does not read " << table;
  int64_t width = channels(getOut());
  bool fits = rowsOfF32 ? channels(getTable()) == width
                        : covers(table, packedShape(table).back(), width, 2);
  if (getFormat() && isa<MemRefType>(table)) // blocks
    fits = packedShape(table).back() == pack::tileBytes(*getFormat(), width) || isTableOfRows();
  if (!fits) // C1
    return emitOpError() << "out has " << width << " channels, but the table is " << table;
  return success();
}

bool GatherOp::isTableOfRows() {
  auto table = dyn_cast<MemRefType>(getTable().getType());
  if (!table || table.getRank() != 2 || table.isDynamicDim(0))
    return false;
  return !getFormat() ||
         table.getDimSize(1) == pack::tableRowBytes(*getFormat(), channels(getOut()));
}

LogicalResult PrefetchOp::verify() {
  for (uint64_t number : {getBlocks(), getStreams(), getBytes()})
    if (static_cast<int64_t>(number) < 1) // C1
      return emitOpError() << "blocks, streams and bytes must be positive";
  return success();
}

} // namespace osscc::tile
