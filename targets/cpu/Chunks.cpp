#include "targets/cpu/Chunks.h"

#include "targets/cpu/Constants.h"

#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {

void forEachChunk(OpBuilder &builder, Location loc, int64_t columns,
                  function_ref<void(OpBuilder &, ColumnChunk)> body) {
  constexpr int64_t lanes = tile::kSumLanes;
  int64_t whole = columns / lanes * lanes;
  if (whole > 0) {
    auto loop =
        scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0),
                           constantIndex(builder, loc, whole), constantIndex(builder, loc, lanes));
    OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
    body(inner, {loop.getInductionVar(), lanes, {}});
  }
  if (whole < columns)
    body(builder,
         {constantIndex(builder, loc, whole), lanes, constantIndex(builder, loc, columns - whole)});
}

ColumnChunk chunkAt(OpBuilder &builder, Location loc, Value begin, int64_t lanes, int64_t columns,
                    int64_t unit) {
  ColumnChunk chunk{begin, lanes, {}};
  if (columns % unit != 0) {
    Value rest = arith::SubIOp::create(builder, loc, constantIndex(builder, loc, columns), begin);
    chunk.remaining = arith::MaxSIOp::create(builder, loc, rest, constantIndex(builder, loc, 0));
  }
  return chunk;
}

static Value maskOf(OpBuilder &builder, Location loc, const ColumnChunk &chunk) {
  auto type = VectorType::get({chunk.lanes}, builder.getI1Type());
  return vector::CreateMaskOp::create(builder, loc, type, chunk.remaining);
}

Value loadChunk(OpBuilder &builder, Location loc, Value rows, Value row, const ColumnChunk &chunk) {
  auto type = VectorType::get({chunk.lanes}, builder.getF32Type());
  SmallVector<Value> at =
      row ? SmallVector<Value>{row, chunk.begin} : SmallVector<Value>{chunk.begin};
  if (!chunk.remaining)
    return vector::LoadOp::create(builder, loc, type, rows, at);
  return vector::MaskedLoadOp::create(builder, loc, type, rows, at, maskOf(builder, loc, chunk),
                                      constantF32(builder, loc, 0, type));
}

void storeChunk(OpBuilder &builder, Location loc, Value value, Value rows, Value row,
                const ColumnChunk &chunk) {
  SmallVector<Value> at = {row, chunk.begin};
  if (!chunk.remaining)
    vector::StoreOp::create(builder, loc, value, rows, at);
  else
    vector::MaskedStoreOp::create(builder, loc, rows, at, maskOf(builder, loc, chunk), value);
}

} // namespace osscc::cpu
