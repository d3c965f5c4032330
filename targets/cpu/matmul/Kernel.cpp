// matmul as a grid: a block is a tile of 16 rows of the packed weight in each of several streams.
// The tiles of a part are cut in as many equal runs as a block has tiles, and block b takes tile b
// of each: a worker, whose blocks follow each other, reads each run from one end to the other,
// which the hardware fetches ahead. Inside a block:
//
//   one row     the tiles of all streams at once: each weight is read once
//   more rows   `columns` channels at a time, m rows at a time: accumulators stay in registers;
//               where registers are few, gate and up one after the other
//   2 to 32     `few` rows at a time, some groups of every stream in turn (FewRows.cpp)
//
// Where the weight is stored in blocks, a step is a group of 32 channels: integer dots of codes
// with the codes of quantized rows, then the group's scales.
//
// With a plan the rows are slots of experts, and a block is a block of one expert's matrix; with
// groups, of one group's.
//
// Rows past the last are computed and not stored. Each accumulator runs over all of k in rising
// order, whatever the blocks: the number does not depend on them.
#include "targets/cpu/Grid.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/experts/Plan.h"
#include "targets/cpu/matmul/Blocks.h"

#include "dialects/pack/Blocks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// The emitter of one matmul on a CPU of known numbers.
struct Matmul : MatmulBlocks {
  const Tuning &tuning;
};

/// How many groups ahead of one row its weights are prefetched, or 0: the hardware does better. Not
/// where the dots of a group take so many instructions that few loads are under way: in registers
/// of 8 lanes or fewer; and where streams are short and two planes of 4-bit codes keep the core
/// busy between its loads, at least on CPUs that prefetch into the second-level cache
/// (docs/design/performance.md).
int64_t groupsAheadOfOneRow(Matmul &matmul) {
  const Tuning &tuning = matmul.tuning;
  if (matmul.blocks() && matmul.schedule.getLanes() <= 8)
    return tuning.narrowGroupsAhead;
  if (!matmul.takesTurns() || matmul.schedule.getLevel() != 2 || matmul.planes() != 2 ||
      !matmul.op.getFormatAttr().getCode().isInteger(4))
    return 0;
  bool isShort = cast<MemRefType>(matmul.op.getW().getType()).getNumElements() <= tuning.shortBytes;
  return isShort ? tuning.shortGroupsAhead : 0;
}

/// All of k: a step at a time, the last perhaps a shorter one. The group that comes `ahead` groups
/// later is prefetched, if `ahead` is not 0.
SmallVector<Value> emitSteps(MatmulBlocks &matmul, Value row, Value last, ValueRange tiles,
                             SmallVector<Value> accs, int64_t ahead) {
  OpBuilder &builder = matmul.builder;
  int64_t inputs = matmul.inputs(), depth = matmul.depth(), whole = inputs / depth * depth;
  if (whole > 0) {
    auto loop = scf::ForOp::create(builder, matmul.loc, matmul.index(0), matmul.index(whole),
                                   matmul.index(depth), accs);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(loop.getBody());
    Value k = loop.getInductionVar();
    if (ahead > 0)
      matmul.prefetchAhead(tiles, k, ahead);
    scf::YieldOp::create(builder, matmul.loc,
                         matmul.emitStep(row, last, tiles, k, depth, loop.getRegionIterArgs()));
    accs.assign(loop.getResults().begin(), loop.getResults().end());
  }
  if (whole == inputs)
    return accs;
  return matmul.emitStep(row, last, tiles, matmul.index(whole), inputs - whole, accs);
}

/// Rows [row, row + m) times the tiles of streams [from, from + count).
void emitTiles(Matmul &matmul, Value row, Value last, int64_t m, Value block, int64_t from,
               int64_t count) {
  SmallVector<Value> tiles = matmul.tilesOf(block, matmul.index(from), count);
  Value zero = matmul.real(0, matmul.accumulators(m));
  int64_t ahead = m == 1 ? groupsAheadOfOneRow(matmul) : 0;
  int64_t turns = m > 1 && matmul.tuning.partsApart ? matmul.parts() : 1;
  SmallVector<Value> sums(tiles.size());
  for (int64_t turn = 0; turn < turns; ++turn) {
    SmallVector<Value> some;
    for (size_t i = turn; i < tiles.size(); i += turns)
      some.push_back(tiles[i]);
    SmallVector<Value> accs(some.size(), zero);
    for (auto [i, sum] : llvm::enumerate(emitSteps(matmul, row, last, some, accs, ahead)))
      sums[turn + static_cast<int64_t>(i) * turns] = sum;
  }
  matmul.store(row, last, tiles, sums);
}

/// A block's tiles, `columns` channels at a time, for every row of the call, m at a time.
void emitManyRows(Matmul &matmul, Value block, Value last) {
  int64_t m = matmul.schedule.getM(), step = matmul.schedule.getColumns() / pack::kTileRows;
  for (int64_t from = 0; from < matmul.op.streams(); from += step)
    matmul.forEach(matmul.rows, m, [&](Value row) {
      emitTiles(matmul, matmul.rowOf(row), last, m, block, from,
                std::min(step, matmul.op.streams() - from));
    });
}

/// A block's tiles, for every row of the call.
void emitBlock(Matmul &matmul, Value block, Value waiting) {
  OpBuilder &builder = matmul.builder;
  Location loc = matmul.loc;
  auto is = [&](arith::CmpIPredicate predicate, int64_t count) -> Value {
    return arith::CmpIOp::create(builder, loc, predicate, matmul.rows, matmul.index(count));
  };
  Value first = matmul.rowOf(matmul.index(0));
  Value last = matmul.rowOf(matmul.sub(matmul.rows, matmul.index(1)));
  if (matmul.op.getMostRows() == 1)
    return emitTiles(matmul, first, last, 1, block, 0, matmul.op.streams());
  auto choice = scf::IfOp::create(builder, loc, is(arith::CmpIPredicate::eq, 1), true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(choice.thenYield());
  emitTiles(matmul, first, last, 1, block, 0, matmul.op.streams());
  builder.setInsertionPoint(choice.elseYield());
  if (!waiting) // floats, or a target whose many rows are few enough
    return emitManyRows(matmul, block, last);
  if (matmul.op.getMostRows())
    return emitFewRows(matmul, matmul.tuning, block, last, waiting);
  auto few = scf::IfOp::create(builder, loc, is(arith::CmpIPredicate::sle, tile::kFewRows), true);
  builder.setInsertionPoint(few.thenYield());
  emitFewRows(matmul, matmul.tuning, block, last, waiting);
  builder.setInsertionPoint(few.elseYield());
  emitManyRows(matmul, block, last);
}

/// The blocks of every expert that has rows, one expert after the other. How many there are is read
/// from the plan: by a worker that comes late perhaps from memory that has become something else,
/// so the number is bounded (docs/design/abi.md).
void emitExperts(Matmul &matmul, Value waiting) {
  int64_t ofExpert = matmul.op.blocks();
  int64_t tiles = matmul.parts() * ofExpert * matmul.op.streams();
  int64_t experts = cast<MemRefType>(matmul.op.getW().getType()).getDimSize(0) / tiles;
  Plan plan = Plan::in(matmul, matmul.op.getPlan());
  Value blocks = matmul.mul(plan.active(experts), ofExpert);
  createGrid(matmul.builder, matmul.loc, blocks, [&](OpBuilder &, Value block) {
    Value number = matmul.div(block, ofExpert);
    Matmul ofBlock = matmul;
    ofBlock.expert = plan.expert(number);
    ofBlock.firstRow = plan.begin(number);
    ofBlock.firstTile = matmul.mul(ofBlock.expert, tiles);
    ofBlock.rows = matmul.sub(plan.end(number), ofBlock.firstRow);
    emitBlock(ofBlock, matmul.rem(block, ofExpert), waiting);
  });
}

/// The blocks of every group's matrix, one group after the other.
void emitGroups(Matmul &matmul, Value waiting) {
  int64_t ofGroup = matmul.op.blocks(), tiles = ofGroup * matmul.op.streams();
  int64_t groups = static_cast<int64_t>(matmul.op.getGroups());
  createGrid(matmul.builder, matmul.loc, matmul.index(groups * ofGroup),
             [&](OpBuilder &, Value block) {
               Matmul ofBlock = matmul;
               ofBlock.group = matmul.div(block, ofGroup);
               ofBlock.firstTile = matmul.mul(ofBlock.group, tiles);
               emitBlock(ofBlock, matmul.rem(block, ofGroup), waiting);
             });
}

struct MatmulKernel : OpRewritePattern<tile::MatmulOp> {
  const Tuning &tuning;

  MatmulKernel(MLIRContext *context, const Tuning &tuning)
      : OpRewritePattern(context), tuning(tuning) {}

  LogicalResult matchAndRewrite(tile::MatmulOp op, PatternRewriter &rewriter) const override {
    tile::ScheduleAttr schedule = op.getScheduleAttr();
    if (!isa<MemRefType>(op.getOut().getType()) || !isa<MemRefType>(op.getW().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    if (!schedule)
      return rewriter.notifyMatchFailure(op, "has no schedule");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    Matmul matmul{{{rewriter, loc}, op, schedule, rows}, tuning};
    Value waiting = matmul.takesTurns() ? allocateWaiting(matmul) : Value();
    if (op.getPlan()) {
      emitExperts(matmul, waiting);
      rewriter.eraseOp(op);
      return success();
    }
    if (op.getGroups() != 1) {
      emitGroups(matmul, waiting);
      rewriter.eraseOp(op);
      return success();
    }
    createGrid(rewriter, loc, matmul.index(op.blocks()),
               [&](OpBuilder &, Value block) { emitBlock(matmul, block, waiting); });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateMatmulKernel(RewritePatternSet &patterns, const Tuning &tuning) {
  patterns.addWithLabel<MatmulKernel>({"matmul"}, patterns.getContext(), tuning);
}

} // namespace osscc::cpu
