#include "targets/cuda/matmul/Block.h"

#include "targets/cuda/Populate.h"

#include "dialects/pack/Formats.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc::cuda {

int64_t MatmulBlock::tilesOfPart() {
  return llvm::divideCeil(op.outputs(), pack::kTileRows);
}

int64_t MatmulBlock::inputs() {
  if (planes() == 0)
    return x.width / groups();
  return pack::channelsOfTile(*op.getFormat(), weights().getDimSize(1));
}

Number MatmulBlock::tileOf(Number tile, int64_t part) {
  int64_t bytes = weights().getElementTypeBitWidth() / 8;
  for (int64_t extent : weights().getShape().drop_front())
    bytes *= extent;
  Number number = tile + part * tilesOfPart();
  if (matrix)
    number = matrix * (parts() * tilesOfPart()) + number;
  return k.advance(k.pointer(op.getW()), k.builder.getI8Type(), k.extend(number, k.i64()) * bytes);
}

Number MatmulBlock::startBelow(Number offset, int64_t zero) {
  if (zero == 0)
    return k.integer(0);
  int64_t first = zero & -zero;
  if (first != tile::kOffset) {
    Number by = k.integer(llvm::Log2_64(tile::kOffset / first));
    offset = k.number(arith::ShRSIOp::create(k.builder, k.loc, offset.value, by.value));
  }
  return first == zero ? offset : offset * (zero / first);
}

void MatmulBlock::finish(ArrayRef<Number> sums, Number row, Number n) {
  Number column = n;
  if (groups() > 1)
    column = matrix * op.outputs() + n;
  Emitter::Numbers arguments(sums);
  for (Value memory : op.getChannels()) {
    Rows channels = k.rows(memory);
    bool ofStack = cast<MemRefType>(memory.getType()).getRank() == 2;
    Number which = ofStack ? matrix : k.integer(0);
    for (int64_t part = 0; part < parts(); ++part)
      arguments.push_back(k.load(channels, which, n + part * op.outputs()));
  }
  arguments.push_back(k.load(out, row, column));
  k.store(inlineRegion(k, op.getEpilogue(), arguments), out, row, column);
}

} // namespace osscc::cuda
