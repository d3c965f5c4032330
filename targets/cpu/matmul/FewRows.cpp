// Few rows: 2 to 32, of sequences that decode together, of speculation or of a short prompt, where
// memory is as much the limit as arithmetic. Some groups of every stream in turn:
//
//   for groups 0-1, 2-3, ...      one turn
//     for each stream             its lines come while the other streams are computed
//       for each `few` rows       their sums wait in memory from turn to turn
//
// So memory sees as many streams as with one row, and each weight comes from it once. While dots
// are computed no load asks for the lines to come, so they are prefetched, a group at a time.
#include "targets/cpu/matmul/Blocks.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// Groups of a stream in one turn. Longer turns leave the other streams waiting, shorter ones load
/// and store the sums more often.
constexpr int64_t kGroupsOfTurn = 2;

/// How many groups ahead a stream is prefetched into the cache of a level. Eight groups of four
/// streams of 8 bits are 17 KiB, which a first-level cache holds.
constexpr int64_t groupsAhead(int64_t level) {
  return level == 1 ? 8 : 16;
}

/// The emitter of one block for few rows.
struct FewRows {
  MatmulBlocks &matmul;
  Value block, last, waiting;
  OpBuilder &builder = matmul.builder;
  Location loc = matmul.loc;
  int64_t m = matmul.schedule.getFew();
  VectorType type = matmul.accumulators(m);

  /// Calls `body` with the indices of each vector of the sums of rows [row, row + m) and stream
  /// `stream`, tile after tile.
  void forEachVector(Value row, Value stream,
                     function_ref<void(int64_t tile, ArrayRef<int64_t> at, ValueRange)> body) {
    for (int64_t tile = 0; tile < matmul.parts(); ++tile)
      for (int64_t i = 0; i < m; ++i)
        for (int64_t c = 0; c < type.getDimSize(1); ++c) {
          Value column = matmul.index((tile * type.getDimSize(1) + c) * type.getDimSize(2));
          body(tile, {i, c}, {stream, matmul.add(row, matmul.index(i)), column});
        }
  }

  SmallVector<Value> load(Value row, Value stream) {
    SmallVector<Value> sums(matmul.parts(), constantF32(builder, loc, 0, type));
    auto lanes = VectorType::get({type.getDimSize(2)}, builder.getF32Type());
    forEachVector(row, stream, [&](int64_t tile, ArrayRef<int64_t> at, ValueRange place) {
      Value vector = vector::LoadOp::create(builder, loc, lanes, waiting, place);
      sums[tile] = vector::InsertOp::create(builder, loc, vector, sums[tile], at);
    });
    return sums;
  }

  void save(Value row, Value stream, ValueRange sums) {
    forEachVector(row, stream, [&](int64_t tile, ArrayRef<int64_t> at, ValueRange place) {
      Value vector = vector::ExtractOp::create(builder, loc, sums[tile], at);
      vector::StoreOp::create(builder, loc, vector, waiting, place);
    });
  }

  /// Calls `body` for every stream and `few` rows of it.
  void forEachSum(function_ref<void(Value row, Value stream, ValueRange tiles)> body) {
    matmul.forEach(matmul.index(matmul.op.streams()), 1, [&](Value stream) {
      SmallVector<Value> tiles = matmul.tilesOf(block, stream, 1);
      matmul.forEach(matmul.rows, m, [&](Value row) { body(row, stream, tiles); });
    });
  }

  /// The groups of every stream from channel `begin` to `end`.
  void emitTurn(Value begin, Value end) {
    forEachSum([&](Value row, Value stream, ValueRange tiles) {
      auto loop = scf::ForOp::create(builder, loc, begin, end, matmul.index(matmul.depth()),
                                     load(row, stream));
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(loop.getBody());
      matmul.prefetchAhead(tiles, loop.getInductionVar(), groupsAhead(matmul.schedule.getLevel()));
      scf::YieldOp::create(builder, loc,
                           matmul.emitStep(row, last, tiles, loop.getInductionVar(), matmul.depth(),
                                           loop.getRegionIterArgs()));
      builder.setInsertionPointAfter(loop);
      save(row, stream, loop.getResults());
    });
  }

  void emit() {
    Value zero = constantF32(builder, loc, 0, type), inputs = matmul.index(matmul.inputs());
    forEachSum([&](Value row, Value stream, ValueRange) {
      save(row, stream, SmallVector<Value>(matmul.parts(), zero));
    });
    int64_t step = kGroupsOfTurn * matmul.depth();
    matmul.forEach(inputs, step, [&](Value begin) {
      Value end = matmul.add(begin, matmul.index(step));
      emitTurn(begin, arith::MinSIOp::create(builder, loc, end, inputs));
    });
    forEachSum([&](Value row, Value stream, ValueRange tiles) {
      matmul.store(row, last, tiles, load(row, stream));
    });
  }
};

} // namespace

Value allocateWaiting(MatmulBlocks &matmul) {
  auto rows = static_cast<int64_t>(llvm::alignTo(tile::kFewRows, matmul.schedule.getFew()));
  auto type = MemRefType::get({matmul.op.streams(), rows, matmul.parts() * pack::kTileRows},
                              matmul.builder.getF32Type());
  return memref::AllocaOp::create(matmul.builder, matmul.loc, type,
                                  matmul.builder.getI64IntegerAttr(abi::kLineBytes));
}

void emitFewRows(MatmulBlocks &matmul, Value block, Value last, Value waiting) {
  FewRows{matmul, block, last, waiting}.emit();
}

} // namespace osscc::cpu
