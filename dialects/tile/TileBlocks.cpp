// Verifiers of the block level. Each check cites the rule (Cn) of TileBlocks.td that it enforces.
#include "dialects/tile/VerifyRegion.h"

using namespace mlir;

namespace osscc::tile {

LogicalResult GridOp::verify() {
  if (getBody().getNumArguments() != 1 || !getBody().getArgument(0).getType().isIndex()) // C1
    return emitOpError() << "the body takes one index";
  return success();
}

LogicalResult LoadOp::verify() {
  auto planes = static_cast<int64_t>(getPlanes());
  if (planes < 1 || getBlock().getType().getDimSize(0) % planes != 0) // C1
    return emitOpError() << getBlock().getType() << " is not a whole number of " << planes
                         << " planes";
  Type element = cast<MemRefType>(getX().getType()).getElementType();
  if (getBlock().getType().getElementType() != element) // C2
    return emitOpError() << "loads " << getBlock().getType() << " from " << getX().getType();
  return success();
}

LogicalResult UnpackOp::verify() {
  auto block = getBlock().getType();
  bool codes = block.getElementType().isInteger();
  int64_t rows = block.getDimSize(1) * block.getDimSize(2) / (codes ? 4 : 1);
  if (rows % pack::kTileRows != 0) // C1
    return emitOpError() << block << " is not a whole number of tiles of " << pack::kTileRows
                         << " rows";
  bool blocks = getFormat() && getFormat()->isBlock();
  if (codes != blocks || (codes && block.getDimSize(0) != pack::kRecordChannels / 4)) // C2
    return emitOpError() << block << " is not the codes of " << pack::kRecordChannels
                         << " channels";
  return success();
}

LogicalResult ScalesOp::verify() {
  if (!getFormat().isBlock() || (getMinimum() && !getFormat().getMinimum())) // C1
    return emitOpError() << getFormat() << " has no such values";
  auto block = getBlock().getType();
  if (block.getNumElements() % pack::kTileRows != 0) // C2
    return emitOpError() << block << " is not a whole number of tiles of " << pack::kTileRows
                         << " rows";
  return success();
}

LogicalResult LookupOp::verify() {
  if (getTable().size() != 16) // C1
    return emitOpError() << "the table has " << getTable().size() << " entries, expected 16";
  return success();
}

LogicalResult DotOp::verify() {
  auto a = getA().getType(), b = getB().getType(), acc = getAcc().getType();
  bool integers = acc.getElementType().isInteger();
  int64_t lanes = integers ? acc.getDimSize(2) * 4 : acc.getDimSize(2);
  int64_t m = acc.getDimSize(0), planes = integers && a.getDimSize(0) == 2 * m ? 2 : 1;
  if (a.getDimSize(0) != planes * m || a.getDimSize(1) != b.getDimSize(0) ||
      b.getDimSize(1) != acc.getDimSize(1) || b.getDimSize(2) != lanes) // C1
    return emitOpError() << "blocks " << a << ", " << b << " and " << acc << " do not fit";
  bool offsets = getOffsets() && getOffsets().getType().getDimSize(0) == m;
  if (a.getElementType().isInteger() != integers || b.getElementType().isInteger() != integers ||
      offsets != integers) // C2
    return emitOpError() << "multiplies floats, or integers with the offsets of their rows";
  auto zero = static_cast<int64_t>(getZero());
  auto bits = static_cast<int64_t>(getBits());
  if (zero < 0 || (zero > 32 && zero != 128)) // C3
    return emitOpError() << "zero must be 128 or from 0 to 32, found " << zero;
  if (bits < 0 || bits > (zero < 128 ? 6 : 8)) // C3
    return emitOpError() << "bytes of " << bits << " bits do not go with a zero of " << zero;
  return success();
}

LogicalResult AccumulateOp::verify() {
  auto dots = getDots().getType(), acc = getAcc().getType();
  auto isBlockOf = [&](VectorType block) {
    return block.getShape() == acc.getShape().drop_front();
  };
  int64_t m = acc.getDimSize(0);
  if (dots.getShape() != acc.getShape() || !isBlockOf(getScales().getType()) ||
      (getMinimums() && !isBlockOf(getMinimums().getType()))) // C1
    return emitOpError() << "blocks " << dots << " and " << acc << " do not fit";
  if (getRecord().getType().getShape() != ArrayRef<int64_t>{m, 2}) // C2
    return emitOpError() << "record is " << getRecord().getType() << ", expected scale and sum of "
                         << m << " rows";
  return success();
}

LogicalResult StoreOp::verify() {
  if (getBlocks().empty() || !llvm::all_equal(getBlocks().getTypes())) // C1
    return emitOpError() << "needs blocks of one type";
  int64_t parts = getBlocks().size(), width = getOut().getType().getShape().back();
  for (Value values : getChannels())
    if (cast<MemRefType>(values.getType()).getDimSize(0) != parts * width) // C3
      return emitOpError() << parts << " parts of " << width << " channels have no values in "
                           << values.getType();
  return verifyRegion(*this, getEpilogue(), parts * (1 + getChannels().size()) + 1); // C2
}

} // namespace osscc::tile
