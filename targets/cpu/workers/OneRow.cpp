// A call of one row, a step of decode, has little to share: what lies between two matmuls is a
// microsecond of work, and meeting before and after it costs more. For such a call each segment
// gets a second form, in which every worker computes these rows for itself, and attention appends
// the row that it is about to read:
//
//   tile.norm ins(%x, %w) outs(%y)          tile.prefetch %m
//   tile.prefetch %m                 ==>    tile.norm ins(%x, %w) outs(%own) {own}
//   tile.matmul ins(%y, %m)                 tile.matmul ins(%own, %m)
//
//   tile.append ins(%k, %v)          ==>    tile.attend ins(%q) append(%k, %v)
//   tile.attend ins(%q)
//
//   tile.gather_slots ins(%x, %p)    ==>    tile.matmul ins(%x, %w) plan(%p) {same_row}
//   tile.matmul ins(%s, %w) plan(%p)
//
//   segment { ... }                  ==>    segment { scf.if (one row) { ... } else { ... } }
//
// Stage: kernels, any CPU (on memrefs).
#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/Tile.h"
#include "targets/cpu/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_ONEROWPASS
#include "targets/Passes.h.inc"

namespace {

/// Where `op`, a kernel whose blocks are rows of activations, writes, or null.
Value writtenRows(Operation *op) {
  if (isa<tile::NormOp, tile::QuantizeRowsOp, tile::RouteOp>(op))
    return cast<DestinationStyleOpInterface>(op).getDpsInits()[0];
  auto gather = dyn_cast<tile::GatherOp>(op);
  return gather && gather.getRows() == tile::RowSource::Outputs ? gather.getOut() : Value();
}

int64_t channelsRead(Operation *op) {
  return cast<MemRefType>(op->getOperand(0).getType()).getDimSize(1);
}

/// Whether each worker may fill `rows` alone: scratch of its own that only such kernels write, and
/// not from rows of more than `most` channels.
bool canBeOwn(memref::AllocOp rows, int64_t most) {
  bool written = false;
  for (Operation *user : rows->getUsers()) {
    if (isa<tile::AppendOp>(user)) // which attend takes over, or which shares rows like any kernel
      continue;
    auto kernel = dyn_cast<DestinationStyleOpInterface>(user);
    if (!kernel)
      return false;
    if (!llvm::is_contained(kernel.getDpsInits(), rows.getResult()))
      continue;
    if (!writtenRows(user) || channelsRead(user) > most)
      return false;
    written = true;
  }
  return written && rows.getType().getNumDynamicDims() == 1;
}

/// Gives each worker its own `rows`, of which there is one.
void makeOwn(memref::AllocOp rows) {
  OpBuilder builder(rows);
  SmallVector<int64_t> shape(rows.getType().getShape());
  shape[0] = 1;
  auto own = memref::AllocaOp::create(builder, rows.getLoc(),
                                      MemRefType::get(shape, rows.getType().getElementType()),
                                      builder.getI64IntegerAttr(abi::kLineBytes));
  Value cast = memref::CastOp::create(builder, rows.getLoc(), rows.getType(), own);
  for (Operation *user : rows->getUsers())
    if (writtenRows(user) == rows.getResult())
      user->setAttr("own", builder.getUnitAttr());
  rows.getResult().replaceAllUsesWith(cast);
  rows.erase();
}

/// Moves a prefetch before the kernels that each worker computes for itself: there it waits.
void hoistPrefetch(tile::PrefetchOp prefetch) {
  Operation *place = prefetch;
  for (Operation *op = prefetch->getPrevNode(); op; op = op->getPrevNode()) {
    if (op->hasAttr("own"))
      place = op;
    else if (isa<tile::TileDialect>(op->getDialect()))
      break;
  }
  prefetch->moveBefore(place);
  auto weight = prefetch.getW().getDefiningOp<abi::WeightOp>();
  if (weight && prefetch->isBeforeInBlock(weight))
    weight->moveBefore(prefetch);
}

/// Whether `append` writes what `attend` reads, in the same turn.
bool isAppendOf(tile::AppendOp append, tile::AttendOp attend) {
  return append.getOffset() == attend.getOffset() && append.getCache() == attend.getCache() &&
         append.getFrequencies() == attend.getFrequencies() &&
         append.getFactor() == attend.getFactor() && !attend.getK();
}

void fuseAppend(tile::AppendOp append) {
  for (Operation *op = append->getNextNode(); op; op = op->getNextNode()) {
    if (!isa<tile::TileDialect>(op->getDialect()))
      continue;
    auto attend = dyn_cast<tile::AttendOp>(op);
    // Several blocks read what is appended to latents, so one would wait for another.
    if (!attend || !isAppendOf(append, attend) || attend.getCache().isLatent())
      return;
    attend.getKMutable().assign(append.getK());
    attend.getVMutable().assign(append.getV());
    append.erase();
    return;
  }
}

/// Lets the experts read the one row itself in the place of its copies.
void readOneRow(tile::GatherSlotsOp gather) {
  Value slots = gather.getOut(), row = gather.getX();
  gather.erase();
  for (OpOperand &use : llvm::make_early_inc_range(slots.getUses()))
    if (auto matmul = dyn_cast<tile::MatmulOp>(use.getOwner())) {
      use.set(row);
      matmul.setSameRow(true);
    }
  auto view = slots.getDefiningOp<memref::CollapseShapeOp>();
  if (!view || !view->use_empty())
    return;
  auto memory = view.getSrc().getDefiningOp<memref::AllocOp>();
  view.erase();
  if (memory && memory->use_empty())
    memory.erase();
}

/// Turns `block` into what a call of one row runs; each worker computes rows of up to
/// `ownChannels`.
void specialize(Block &block, int64_t ownChannels) {
  for (auto rows : llvm::make_early_inc_range(block.getOps<memref::AllocOp>()))
    if (canBeOwn(rows, ownChannels))
      makeOwn(rows);
  for (auto prefetch : llvm::make_early_inc_range(block.getOps<tile::PrefetchOp>()))
    hoistPrefetch(prefetch);
  for (auto append : llvm::make_early_inc_range(block.getOps<tile::AppendOp>()))
    fuseAppend(append);
  for (auto gather : llvm::make_early_inc_range(block.getOps<tile::GatherSlotsOp>()))
    if (!gather.getWeighed()) // else copies differ
      readOneRow(gather);
  for (auto matmul : block.getOps<tile::MatmulOp>())
    if (matmul.getPlan()) // an expert has no more rows than the call
      matmul.setMostRows(1);
}

/// The number of rows that the segment's kernels compute.
Value rowsOf(OpBuilder &builder, func::FuncOp segment) {
  if (cast<StringAttr>(segment->getAttr("abi.segment")).getValue() == "head")
    return abi::OutputRowsOp::create(builder, segment.getLoc());
  return abi::RowsOp::create(builder, segment.getLoc());
}

void addForm(func::FuncOp segment, int64_t ownChannels) {
  Block &body = segment.getBody().front();
  Location loc = segment.getLoc();
  Operation *end = body.getTerminator();
  OpBuilder builder(end);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value isOne =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, rowsOf(builder, segment), one);
  auto forms = scf::IfOp::create(builder, loc, isOne, /*withElseRegion=*/true);
  Operation *first = one.getDefiningOp();
  IRMapping mapping;
  OpBuilder copy = forms.getThenBodyBuilder();
  for (Operation &op : llvm::make_range(body.begin(), first->getIterator()))
    copy.clone(op, mapping);
  forms.elseBlock()->getOperations().splice(forms.elseBlock()->begin(), body.getOperations(),
                                            body.begin(), first->getIterator());
  specialize(*forms.thenBlock(), ownChannels);
}

/// Whether a call of one row would differ.
bool hasForm(func::FuncOp segment, int64_t ownChannels) {
  bool appends = !segment.getOps<tile::AppendOp>().empty();
  return appends || llvm::any_of(segment.getOps<memref::AllocOp>(),
                                 [&](memref::AllocOp rows) { return canBeOwn(rows, ownChannels); });
}

struct OneRowPass : cpu::PassOfCpu<osscc::impl::OneRowPassBase<OneRowPass>> {
  using PassOfCpu::PassOfCpu;

  void runOnOperation() override {
    int64_t channels = machine().tuning.ownChannels;
    for (auto segment : getOperation().getOps<func::FuncOp>())
      if (segment->hasAttr("abi.segment") && hasForm(segment, channels))
        addForm(segment, channels);
  }
};

} // namespace

std::unique_ptr<Pass> createOneRowPass(const CpuTarget &target) {
  return std::make_unique<OneRowPass>(target);
}

} // namespace osscc
