#include "targets/cpu/matmul/Blocks.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/pack/Blocks.h"
#include "dialects/pack/Formats.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace osscc::cpu {

int64_t MatmulBlocks::inputs() {
  if (!blocks())
    return cast<MemRefType>(op.getX().getType()).getDimSize(1) /
           static_cast<int64_t>(op.getGroups());
  int64_t tileBytes = cast<MemRefType>(op.getW().getType()).getDimSize(1);
  return pack::channelsOfTile(op.getFormatAttr(), tileBytes);
}

SmallVector<Value> MatmulBlocks::tilesOf(Value block, Value from, int64_t count) {
  int64_t ofStream = op.blocks(), ofPart = ofStream * op.streams();
  Value first = add(block, mul(from, ofStream));
  if (firstTile)
    first = add(first, firstTile);
  SmallVector<Value> tiles;
  for (int64_t stream = 0; stream < count; ++stream)
    for (int64_t part = 0; part < parts(); ++part)
      tiles.push_back(add(first, part * ofPart + stream * ofStream));
  return tiles;
}

VectorType MatmulBlocks::accumulators(int64_t m) {
  int64_t lanes = schedule.getLanes();
  return VectorType::get({m, pack::kTileRows / lanes, lanes}, builder.getF32Type());
}

Records MatmulBlocks::records(bool interleaved) {
  int64_t ofGroup = inputs() / pack::kRecordChannels;
  return {{builder, loc},
          op.getX(),
          planes(),
          interleaved,
          ofGroup * static_cast<int64_t>(op.getGroups())};
}

int64_t MatmulBlocks::groupBytes() {
  return pack::geometryOf(op.getFormatAttr()).recordBytes();
}

void MatmulBlocks::prefetch(Value tile, Value from, int64_t count, int64_t locality) {
  int64_t tileBytes = cast<MemRefType>(op.getW().getType()).getDimSize(1);
  SmallVector<ReassociationIndices> all = {{0, 1}};
  Value bytes = memref::CollapseShapeOp::create(builder, loc, op.getW(), all);
  Value begin = add(mul(tile, tileBytes), from);
  for (int64_t byte = 0; byte < count; byte += abi::kLineBytes)
    memref::PrefetchOp::create(builder, loc, bytes, add(begin, byte), /*isWrite=*/false,
                               static_cast<uint32_t>(locality), /*isDataCache=*/true);
}

void MatmulBlocks::prefetchAhead(ValueRange tiles, Value k, int64_t groups) {
  Value ahead = mul(add(div(k, pack::kRecordChannels), groups), groupBytes());
  for (Value tile : tiles)
    prefetch(tile, ahead, groupBytes(), /*locality=*/4 - schedule.getLevel());
}

Value MatmulBlocks::join(ArrayRef<Value> blocks) {
  auto type = cast<VectorType>(blocks[0].getType());
  int64_t chunks = type.getDimSize(1), count = blocks.size();
  if (count == 1)
    return blocks[0];
  auto whole = VectorType::get({type.getDimSize(0), count * chunks, type.getDimSize(2)},
                               type.getElementType());
  Value joined = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(whole));
  for (auto [number, block] : llvm::enumerate(blocks))
    for (int64_t r = 0; r < type.getDimSize(0); ++r)
      for (int64_t c = 0; c < chunks; ++c) {
        int64_t column = static_cast<int64_t>(number) * chunks + c;
        joined = insert(extract(block, {r, c}), joined, {r, column});
      }
  return joined;
}

Value MatmulBlocks::columnsOf(Value joined, int64_t number, VectorType type) {
  if (joined.getType() == type)
    return joined;
  Value block = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  for (int64_t r = 0; r < type.getDimSize(0); ++r)
    for (int64_t c = 0; c < type.getDimSize(1); ++c) {
      int64_t column = number * type.getDimSize(1) + c;
      block = insert(extract(joined, {r, column}), block, {r, c});
    }
  return block;
}

SmallVector<Value> MatmulBlocks::emitStep(Value row, Value last, ValueRange tiles, Value k,
                                          int64_t depth, ValueRange accs) {
  if (op.getSameRow())
    row = index(0);
  if (blocks())
    return emitRecord(row, last, tiles, k, accs);
  auto accType = cast<VectorType>(accs[0].getType());
  auto aType = VectorType::get({accType.getDimSize(0), depth}, builder.getF32Type());
  auto bType =
      VectorType::get({depth, accType.getDimSize(1), accType.getDimSize(2)}, builder.getF32Type());
  Value a = tile::LoadOp::create(builder, loc, aType, op.getX(), row, last, inGroup(k, inputs()));
  SmallVector<Value> weights, sums;
  for (Value tile : tiles)
    weights.push_back(
        tile::UnpackOp::create(builder, loc, bType, op.getW(), tile, k, pack::FormatAttr()));
  Value acc = join(llvm::to_vector(accs));
  Value sum = tile::DotOp::create(builder, loc, acc.getType(), a, join(weights), acc, Value());
  for (size_t number = 0; number < tiles.size(); ++number)
    sums.push_back(columnsOf(sum, static_cast<int64_t>(number), accType));
  return sums;
}

Value MatmulBlocks::loadTail(Value row, Value last, Value group, int64_t m, Tail which,
                             int64_t half) {
  Records from = records(op.getInterleaved());
  VectorType flat = vectorOf(m, builder.getI32Type());
  if (!op.getInterleaved()) {
    int64_t word = tile::codeWords(planes()) + static_cast<int64_t>(which) + half;
    Value at = add(mul(group, from.recordWords()), word);
    auto column = VectorType::get({m, 1}, builder.getI32Type());
    Value words = tile::LoadOp::create(builder, loc, column, op.getX(), row, last, at);
    return vector::ShapeCastOp::create(builder, loc, flat, words);
  }
  SmallVector<Value> words;
  for (int64_t i = 0; i < m; ++i) {
    auto [first, behind] = placeOf(row, last, i, m);
    words.push_back(from.loadWord(from.tail(first, group, which, half, behind)));
  }
  return vector::FromElementsOp::create(builder, loc, flat, words);
}

std::pair<Value, int64_t> MatmulBlocks::placeOf(Value row, Value last, int64_t i, int64_t m) {
  // Rows of one sixteen have one address and fixed distances; what lies past the last is memory
  // too.
  if (Records::kRows % m == 0)
    return {row, i};
  return {smaller(add(row, i), last), 0};
}

MatmulBlocks::RecordWords MatmulBlocks::loadRecords(Value row, Value last, Value k, int64_t m) {
  Records from = records(op.getInterleaved());
  Value group = inGroup(div(k, pack::kRecordChannels), inputs() / pack::kRecordChannels);
  int64_t quads = pack::kRecordChannels / 4;
  auto codes = VectorType::get({m * planes(), quads}, builder.getI32Type());
  RecordWords record;
  if (!op.getInterleaved()) {
    record.codes = tile::LoadOp::create(builder, loc, codes, op.getX(), row, last,
                                        mul(group, from.recordWords()), planes());
  } else {
    SmallVector<Value> words;
    for (int64_t i = 0; i < m; ++i) {
      auto [first, behind] = placeOf(row, last, i, m);
      for (int64_t plane = 0; plane < planes(); ++plane)
        for (int64_t word = 0; word < quads; ++word)
          words.push_back(from.loadWord(from.codes(first, group, plane, word, behind)));
    }
    record.codes = vector::FromElementsOp::create(builder, loc, codes, words);
  }
  int64_t groups = pack::kRecordChannels / op.getFormatAttr().getGroup();
  Value scales = loadTail(row, last, group, m, Tail::Scale, 0);
  for (int64_t half = 0; half < groups; ++half) {
    Value sums = loadTail(row, last, group, m, groups == 1 ? Tail::Sum : Tail::SumOfHalf, half);
    SmallVector<Value> pairs;
    for (int64_t i = 0; i < m; ++i)
      pairs.append({extract(scales, {i}), extract(sums, {i})});
    auto type = VectorType::get({m, 2}, builder.getI32Type());
    record.scales.push_back(vector::FromElementsOp::create(builder, loc, type, pairs));
    record.offsets.push_back(
        loadTail(row, last, group, m, groups == 1 ? Tail::Offset : Tail::OffsetOfHalf, half));
  }
  return record;
}

Value MatmulBlocks::sliceOf(Value block, int64_t dimension, int64_t from, int64_t count) {
  auto type = cast<VectorType>(block.getType());
  if (type.getDimSize(dimension) == count)
    return block;
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()),
      strides(type.getRank(), 1);
  offsets[dimension] = from;
  sizes[dimension] = count;
  return vector::ExtractStridedSliceOp::create(builder, loc, block, offsets, sizes, strides);
}

SmallVector<Value> MatmulBlocks::emitRecord(Value row, Value last, ValueRange tiles, Value k,
                                            ValueRange accs) {
  auto accType = cast<VectorType>(accs[0].getType());
  int64_t m = accType.getDimSize(0), chunks = accType.getDimSize(1), lanes = accType.getDimSize(2);
  int64_t count = tiles.size();
  Type i32 = builder.getI32Type();
  auto bType = VectorType::get({pack::kRecordChannels / 4, chunks, 4 * lanes}, builder.getI8Type());
  auto dotType = VectorType::get({m, chunks, lanes}, i32);
  auto allType = VectorType::get({m, count * chunks, lanes}, i32);
  auto scaleType = VectorType::get({chunks, lanes}, builder.getF32Type());
  pack::FormatAttr format = op.getFormatAttr();
  pack::BlockGeometry geometry = pack::geometryOf(format);
  RecordWords record = loadRecords(row, last, k, m);
  Value none = constantInteger(builder, loc, 0, allType);
  SmallVector<Value> weights, results(accs);
  for (Value tile : tiles)
    weights.push_back(tile::UnpackOp::create(builder, loc, bType, op.getW(), tile, k, format));
  Value codes = join(weights);
  int64_t quads = geometry.group / 4;
  for (int64_t half = 0; half < pack::kRecordChannels / geometry.group; ++half) {
    Value dots =
        tile::DotOp::create(builder, loc, allType, sliceOf(record.codes, 1, half * quads, quads),
                            sliceOf(codes, 0, half * quads, quads), none, record.offsets[half],
                            geometry.zero, geometry.bits);
    Value first = half == 0 ? k : add(k, half * geometry.group);
    for (auto [number, tile] : llvm::enumerate(tiles)) {
      auto scalesOf = [&, tile = tile](bool minimum) -> Value {
        return tile::ScalesOp::create(builder, loc, scaleType, op.getW(), tile, first, format,
                                      minimum);
      };
      results[number] = tile::AccumulateOp::create(
          builder, loc, accType, columnsOf(dots, static_cast<int64_t>(number), dotType),
          record.scales[half], scalesOf(false), results[number],
          geometry.hasMinimum ? scalesOf(true) : Value());
    }
  }
  return results;
}

SmallVector<Value> MatmulBlocks::channels() {
  SmallVector<Value> values;
  for (Value memory : op.getChannels()) {
    if (expert) {
      auto type = cast<MemRefType>(memory.getType());
      SmallVector<OpFoldResult> offsets = {expert, builder.getIndexAttr(0)};
      SmallVector<OpFoldResult> sizes = {builder.getIndexAttr(1),
                                         builder.getIndexAttr(type.getDimSize(1))};
      SmallVector<OpFoldResult> strides(2, builder.getIndexAttr(1));
      MemRefType row = memref::SubViewOp::inferRankReducedResultType(type.getShape().drop_front(),
                                                                     type, offsets, sizes, strides);
      memory = memref::SubViewOp::create(builder, loc, row, memory, offsets, sizes, strides);
    }
    values.push_back(memory);
  }
  return values;
}

Value MatmulBlocks::outOfGroup() {
  if (!group)
    return op.getOut();
  Value height = memref::DimOp::create(builder, loc, op.getOut(), 0);
  SmallVector<OpFoldResult> offsets = {builder.getIndexAttr(0), mul(group, op.outputs())};
  SmallVector<OpFoldResult> sizes = {height, builder.getIndexAttr(op.outputs())};
  SmallVector<OpFoldResult> strides(2, builder.getIndexAttr(1));
  return memref::SubViewOp::create(builder, loc, op.getOut(), offsets, sizes, strides);
}

void MatmulBlocks::store(Value row, Value last, ValueRange tiles, ValueRange sums) {
  SmallVector<Value> values = channels();
  Value out = outOfGroup();
  for (size_t i = 0; i < tiles.size(); i += parts()) {
    Value tile = firstTile ? sub(tiles[i], firstTile) : tiles[i];
    Value column = mul(tile, pack::kTileRows);
    auto store =
        tile::StoreOp::create(builder, loc, sums.slice(i, parts()), values, out, row, last, column);
    IRMapping mapping;
    op.getEpilogue().cloneInto(&store.getEpilogue(), mapping);
  }
}

} // namespace osscc::cpu
