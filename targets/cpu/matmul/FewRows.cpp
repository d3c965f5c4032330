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

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// The emitter of one block for few rows.
struct FewRows : Emitter {
  MatmulBlocks &matmul;
  const Tuning &tuning;
  Value block, last, waiting;
  int64_t m = matmul.schedule.getFew();
  VectorType type = matmul.accumulators(m);

  /// Calls `body` with the indices of each vector of the sums of rows [row, row + m) and stream
  /// `stream`, tile after tile.
  void forEachVector(Value row, Value stream,
                     function_ref<void(int64_t tile, ArrayRef<int64_t> at, ValueRange)> body) {
    for (int64_t tile = 0; tile < matmul.parts(); ++tile)
      for (int64_t i = 0; i < m; ++i)
        for (int64_t c = 0; c < type.getDimSize(1); ++c) {
          Value column = index((tile * type.getDimSize(1) + c) * type.getDimSize(2));
          body(tile, {i, c}, {stream, add(row, i), column});
        }
  }

  SmallVector<Value> loadSums(Value row, Value stream) {
    SmallVector<Value> sums(matmul.parts(), real(0, type));
    VectorType lanes = floats(type.getDimSize(2));
    forEachVector(row, stream, [&](int64_t tile, ArrayRef<int64_t> at, ValueRange place) {
      sums[tile] = insert(load(lanes, waiting, place), sums[tile], at);
    });
    return sums;
  }

  void saveSums(Value row, Value stream, ValueRange sums) {
    forEachVector(row, stream, [&](int64_t tile, ArrayRef<int64_t> at, ValueRange place) {
      store(extract(sums[tile], at), waiting, place);
    });
  }

  /// Calls `body` for every stream and `few` rows of it.
  void forEachSum(function_ref<void(Value row, Value stream, ValueRange tiles)> body) {
    forEach(index(matmul.op.streams()), 1, [&](Value stream) {
      SmallVector<Value> tiles = matmul.tilesOf(block, stream, 1);
      forEach(matmul.rows, m, [&](Value row) { body(row, stream, tiles); });
    });
  }

  /// The groups of every stream from channel `begin` to `end`.
  void emitTurn(Value begin, Value end) {
    forEachSum([&](Value row, Value stream, ValueRange tiles) {
      auto loop = scf::ForOp::create(builder, loc, begin, end, index(matmul.depth()),
                                     loadSums(row, stream));
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(loop.getBody());
      matmul.prefetchAhead(tiles, loop.getInductionVar(),
                           tuning.groupsAhead[matmul.schedule.getLevel() - 1]);
      scf::YieldOp::create(builder, loc,
                           matmul.emitStep(matmul.rowOf(row), last, tiles, loop.getInductionVar(),
                                           matmul.depth(), loop.getRegionIterArgs()));
      builder.setInsertionPointAfter(loop);
      saveSums(row, stream, loop.getResults());
    });
  }

  void emit() {
    Value zero = real(0, type), inputs = index(matmul.inputs());
    forEachSum([&](Value row, Value stream, ValueRange) {
      saveSums(row, stream, SmallVector<Value>(matmul.parts(), zero));
    });
    int64_t step = tuning.groupsOfTurn * matmul.depth();
    forEach(inputs, step, [&](Value begin) { emitTurn(begin, smaller(add(begin, step), inputs)); });
    forEachSum([&](Value row, Value stream, ValueRange tiles) {
      matmul.store(matmul.rowOf(row), last, tiles, loadSums(row, stream));
    });
  }
};

} // namespace

Value allocateWaiting(MatmulBlocks &matmul) {
  auto rows = static_cast<int64_t>(llvm::alignTo(tile::kFewRows, matmul.schedule.getFew()));
  return matmul.allocate({matmul.op.streams(), rows, matmul.parts() * pack::kTileRows},
                         matmul.builder.getF32Type());
}

void emitFewRows(MatmulBlocks &matmul, const Tuning &tuning, Value block, Value last,
                 Value waiting) {
  FewRows{matmul, matmul, tuning, block, last, waiting}.emit();
}

} // namespace osscc::cpu
