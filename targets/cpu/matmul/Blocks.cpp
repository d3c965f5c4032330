#include "targets/cpu/matmul/Blocks.h"

#include "targets/cpu/matmul/Records.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/pack/Blocks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace osscc::cpu {

int64_t MatmulBlocks::inputs() {
  int64_t width = cast<MemRefType>(op.getX().getType()).getDimSize(1);
  return blocks() ? width / tile::recordWords(planes()) * pack::kGroup : width;
}

SmallVector<Value> MatmulBlocks::tilesOf(Value block, Value from, int64_t count) {
  int64_t ofStream = op.blocks(), ofPart = ofStream * op.streams();
  Value first = add(block, mul(from, ofStream));
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

int64_t MatmulBlocks::groupBytes() {
  return pack::geometryOf(op.getFormatAttr()).groupBytes() * pack::kTileRows;
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
  Value ahead = mul(add(div(k, pack::kGroup), groups), groupBytes());
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
  if (blocks())
    return emitGroup(row, last, tiles, k, accs);
  auto accType = cast<VectorType>(accs[0].getType());
  auto aType = VectorType::get({accType.getDimSize(0), depth}, builder.getF32Type());
  auto bType =
      VectorType::get({depth, accType.getDimSize(1), accType.getDimSize(2)}, builder.getF32Type());
  Value a = tile::LoadOp::create(builder, loc, aType, op.getX(), row, last, k);
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

MatmulBlocks::GroupWords MatmulBlocks::loadGroup(Value row, Value last, Value k, int64_t m) {
  Value group = div(k, pack::kGroup);
  int64_t quads = pack::kGroup / 4, tail = tile::codeWords(planes());
  Type i32 = builder.getI32Type();
  VectorType codes = VectorType::get({m * planes(), quads}, i32),
             pairs = VectorType::get({m, 2}, i32), column = VectorType::get({m, 1}, i32),
             flat = VectorType::get({m}, i32);
  if (!op.getInterleaved()) {
    Value begin = mul(group, tile::recordWords(planes()));
    auto load = [&](VectorType type, int64_t word, int64_t rowsOfPlanes) -> Value {
      return tile::LoadOp::create(builder, loc, type, op.getX(), row, last, add(begin, word),
                                  rowsOfPlanes);
    };
    Value all = load(codes, 0, planes()), scales = load(pairs, tail, 1);
    return {all, scales,
            vector::ShapeCastOp::create(builder, loc, flat, load(column, tail + 2, 1))};
  }
  Records records{{builder, loc}, op.getX(), planes(), /*interleaved=*/true};
  // Rows of one sixteen have one address and fixed distances; what lies past the last is memory
  // too.
  bool together = Records::kRows % m == 0;
  SmallVector<Value> all, scales, offsets;
  for (int64_t i = 0; i < m; ++i) {
    int64_t behind = together ? i : 0;
    Value from = together ? row : smaller(add(row, i), last);
    for (int64_t plane = 0; plane < planes(); ++plane)
      for (int64_t word = 0; word < quads; ++word)
        all.push_back(records.loadWord(records.codes(from, group, plane, word, behind)));
    for (Tail which : {Tail::Scale, Tail::Sum})
      scales.push_back(records.loadWord(records.tail(from, group, which, behind)));
    offsets.push_back(records.loadWord(records.tail(from, group, Tail::Offset, behind)));
  }
  auto join = [&](VectorType type, ArrayRef<Value> words) -> Value {
    return vector::FromElementsOp::create(builder, loc, type, words);
  };
  return {join(codes, all), join(pairs, scales), join(flat, offsets)};
}

SmallVector<Value> MatmulBlocks::emitGroup(Value row, Value last, ValueRange tiles, Value k,
                                           ValueRange accs) {
  auto accType = cast<VectorType>(accs[0].getType());
  int64_t m = accType.getDimSize(0), chunks = accType.getDimSize(1), lanes = accType.getDimSize(2);
  int64_t count = tiles.size(), quads = pack::kGroup / 4;
  Type i32 = builder.getI32Type();
  auto bType = VectorType::get({quads, chunks, 4 * lanes}, builder.getI8Type());
  auto dotType = VectorType::get({m, chunks, lanes}, i32);
  auto allType = VectorType::get({m, count * chunks, lanes}, i32);
  auto scaleType = VectorType::get({chunks, lanes}, builder.getF32Type());
  pack::FormatAttr format = op.getFormatAttr();
  auto [a, record, offsets] = loadGroup(row, last, k, m);
  Value none = constantInteger(builder, loc, 0, allType);
  SmallVector<Value> weights, results;
  for (Value tile : tiles)
    weights.push_back(tile::UnpackOp::create(builder, loc, bType, op.getW(), tile, k, format));
  Value dots = tile::DotOp::create(builder, loc, allType, a, join(weights), none, offsets,
                                   pack::geometryOf(format).zero);
  for (auto [number, tile, acc] : llvm::enumerate(tiles, accs)) {
    auto scalesOf = [&, tile = tile](bool minimum) -> Value {
      return tile::ScalesOp::create(builder, loc, scaleType, op.getW(), tile, k, format, minimum);
    };
    results.push_back(tile::AccumulateOp::create(
        builder, loc, accType, columnsOf(dots, static_cast<int64_t>(number), dotType), record,
        scalesOf(false), acc, format.getMinimum() ? scalesOf(true) : Value()));
  }
  return results;
}

void MatmulBlocks::store(Value row, Value last, ValueRange tiles, ValueRange sums) {
  for (size_t i = 0; i < tiles.size(); i += parts()) {
    Value column = mul(tiles[i], pack::kTileRows);
    auto store = tile::StoreOp::create(builder, loc, sums.slice(i, parts()), op.getChannels(),
                                       op.getOut(), row, last, column);
    IRMapping mapping;
    op.getEpilogue().cloneInto(&store.getEpilogue(), mapping);
  }
}

} // namespace osscc::cpu
