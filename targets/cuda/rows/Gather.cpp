// gather: a thread is one channel of one row; of a table of blocks, one record of 32 channels.
#include "targets/cuda/Populate.h"
#include "targets/cuda/matmul/BlockReader.h"

using namespace mlir;

namespace osscc::cuda {
namespace {

constexpr int64_t kThreads = 128;

/// The number of the table's row.
Number numberOf(const Kernel &k, tile::GatherOp op, Number row) {
  switch (op.getRows()) {
  case tile::RowSource::Tokens:
    return k.token(row);
  case tile::RowSource::Outputs:
    return k.outputRow(row);
  case tile::RowSource::Positions:
    break;
  }
  return k.position(row);
}

/// An element of a packed table of floats.
Number loadPacked(Kernel &k, tile::GatherOp op, Number number, Number channel) {
  auto table = cast<MemRefType>(op.getTable().getType());
  Number base = k.pointer(op.getTable()), tile = k.extend(number / pack::kTileRows, k.i64());
  Number lane = k.extend(number % pack::kTileRows, k.i64());
  Number c = k.extend(channel, k.i64()), at;
  if (op.isTableOfRows())
    at = k.extend(number, k.i64()) * table.getDimSize(1) + c;
  else if (table.getRank() == 4) // pairs of channels
    at = ((tile * table.getDimSize(1) + c / 2) * pack::kTileRows + lane) * 2 + c % 2;
  else
    at = (tile * table.getDimSize(1) + c) * pack::kTileRows + lane;
  Type element = table.getElementType();
  Number value = k.load(element, k.advance(base, element, at), element.getIntOrFloatBitWidth() / 8,
                        /*constant=*/true);
  return k.widen(value, k.f32());
}

/// Decodes a record of the table's row, and stores its channels.
void decodeRecord(Kernel &k, tile::GatherOp op, const Rows &out, Number row, Number number,
                  Number record) {
  auto table = cast<MemRefType>(op.getTable().getType());
  bool ofRows = op.isTableOfRows();
  Number at = k.extend(ofRows ? number : number / pack::kTileRows, k.i64());
  Number base =
      k.advance(k.pointer(op.getTable()), k.builder.getI8Type(), at * table.getDimSize(1));
  BlockReader reader{k, *op.getFormat(), base, ofRows ? k.integer(0) : number % pack::kTileRows,
                     ofRows ? 1 : pack::kTileRows};
  Emitter::Numbers quads = reader.codes(record);
  for (int64_t group = 0; group < reader.groups(); ++group) {
    Number scale = reader.scale(record, group, /*minimum=*/false), minimum;
    if (reader.geometry.hasMinimum)
      minimum = reader.scale(record, group, /*minimum=*/true);
    int64_t size = reader.geometry.group;
    for (int64_t c = group * size; c < (group + 1) * size; ++c) {
      Number code = ((quads[c / 4] >> (c % 4 * 8)) & 255) - reader.geometry.zero;
      Number value = scale * k.toFloat(code);
      if (minimum)
        value = value + minimum;
      Number channel = record * pack::kRecordChannels + c;
      auto put = [&] { k.store(value, out, row, channel); };
      if (out.width % pack::kRecordChannels == 0)
        put();
      else
        k.when(channel < out.width, put);
    }
  }
}

} // namespace

LogicalResult expand(Expansion &expansion, tile::GatherOp op) {
  Kernel k(expansion, "", kThreads);
  Rows out = k.rows(op.getOut());
  bool isPacked = op.getRows() != tile::RowSource::Outputs;
  Number row = k.blockId(1), number = numberOf(k, op, row);
  Number unit = k.blockId(0) * kThreads + k.threadId();
  int64_t units = op.getFormat() ? tile::recordsOfRow(out.width) : out.width;
  k.when(unit < units, [&] {
    if (op.getFormat())
      return decodeRecord(k, op, out, row, number, unit);
    Number value =
        isPacked ? loadPacked(k, op, number, unit) : k.load(k.rows(op.getTable()), number, unit);
    k.store(value, out, row, unit);
  });
  k.launch(expansion.index((units + kThreads - 1) / kThreads), expansion.rowsOf(op.getOut()));
  return success();
}

} // namespace osscc::cuda
