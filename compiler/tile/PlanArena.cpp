// Places every scratch buffer of a segment in the arena. Segments run one after the other, so they
// share it; inside a segment two buffers share bytes when their lives do not overlap. Sizes are
// those of the most rows that a call may have.
//
//   memref.alloc(%T) : memref<?x576xf32>   ==>   abi.arena 1179648(%T) : memref<?x576xf32>
//
// What segments hand on, the hidden rows and what is carried beside them, keeps the first bytes for
// the whole call. A barrier stands between two grids, so
// the order of kernels is the order of lives. Stage: kernels (on memrefs, kernels outlined).
#include "compiler/Passes.h"
#include "dialects/abi/AbiDialect.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_PLANARENAPASS
#include "compiler/Passes.h.inc"

namespace {

/// A scratch buffer, and the range of operations in its block that use it.
struct Buffer {
  memref::AllocOp alloc;
  int64_t bytes, first, last;
  int64_t offset = 0;
};

/// Whether `extent` is a number of rows of the call, which the model bounds.
bool isBounded(Value extent) {
  auto dim = extent.getDefiningOp<memref::DimOp>();
  if (!dim)
    return isa_and_nonnull<abi::RowsOp, abi::OutputRowsOp>(extent.getDefiningOp());
  return dim.getConstantIndex() == 0 &&
         isa_and_nonnull<abi::ArenaOp, abi::OutputOp>(dim.getSource().getDefiningOp());
}

LogicalResult checkExtents(ModuleOp module) {
  auto isFine = [](memref::AllocOp alloc) {
    if (llvm::all_of(alloc.getDynamicSizes(), isBounded))
      return WalkResult::advance();
    alloc.emitError() << "has other rows than the call, which nothing bounds";
    return WalkResult::interrupt();
  };
  return failure(module.walk(isFine).wasInterrupted());
}

/// Bytes at `maxRows` rows, in whole lines.
int64_t bytesOf(MemRefType type, int64_t maxRows) {
  int64_t elements = 1;
  for (int64_t extent : type.getShape())
    elements *= ShapedType::isDynamic(extent) ? maxRows : extent;
  return llvm::alignTo(elements * (type.getElementTypeBitWidth() / 8), abi::kLineBytes);
}

/// What a call of a kernel writes for its worker alone, or null.
Value writtenForItself(Operation *user) {
  auto call = dyn_cast<func::CallOp>(user);
  auto function =
      call ? SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr())
           : func::FuncOp();
  if (!function || function.isExternal())
    return {};
  Operation &kernel = function.getBody().front().front();
  auto rows = dyn_cast<DestinationStyleOpInterface>(kernel);
  if (!rows || !kernel.hasAttr("own"))
    return {};
  return call.getOperand(rows.getDpsInitsMutable()[0].getOperandNumber());
}

/// The number of the last operation of `block` that uses `value` or a view of it. What a worker
/// makes of it for itself it may make late, as long as one grid is open that reads that: until then
/// the value stays.
int64_t lastUse(Value value, Block &block, const DenseMap<Operation *, int64_t> &order) {
  int64_t last = -1;
  for (Operation *user : value.getUsers()) {
    last = std::max(last, order.lookup(block.findAncestorOpInBlock(*user)));
    if (isa<ViewLikeOpInterface>(user))
      last = std::max(last, lastUse(user->getResult(0), block, order));
    if (Value own = writtenForItself(user); own && own != value)
      last = std::max(last, lastUse(own, block, order));
  }
  return last;
}

/// The lowest offset from `base` on where `buffer` meets no placed buffer whose life overlaps.
int64_t lowestOffset(const Buffer &buffer, ArrayRef<Buffer> placed, int64_t base) {
  SmallVector<std::pair<int64_t, int64_t>> taken;
  for (const Buffer &other : placed)
    if (other.first <= buffer.last && buffer.first <= other.last)
      taken.push_back({other.offset, other.offset + other.bytes});
  llvm::sort(taken);
  int64_t offset = base;
  for (auto [begin, end] : taken) {
    if (offset + buffer.bytes <= begin)
      break;
    offset = std::max(offset, end);
  }
  return offset;
}

struct PlanArenaPass : osscc::impl::PlanArenaPassBase<PlanArenaPass> {
  /// Places the buffers of a segment's block, and behind them those of its forms, of which one
  /// runs; returns the arena bytes that all need.
  int64_t planBlock(Block &block, int64_t base, int64_t maxRows) {
    DenseMap<Operation *, int64_t> order;
    SmallVector<Buffer> buffers;
    for (Operation &op : block)
      order[&op] = order.size();
    for (auto alloc : block.getOps<memref::AllocOp>())
      buffers.push_back(
          {alloc, bytesOf(alloc.getType(), maxRows), order[alloc], lastUse(alloc, block, order)});

    int64_t peak = base;
    for (size_t i = 0; i < buffers.size(); ++i) {
      Buffer &buffer = buffers[i];
      buffer.offset = lowestOffset(buffer, ArrayRef(buffers).take_front(i), base);
      peak = std::max(peak, buffer.offset + buffer.bytes);
    }
    for (Buffer &buffer : buffers) {
      OpBuilder builder(buffer.alloc);
      Value part = abi::ArenaOp::create(builder, buffer.alloc.getLoc(), buffer.alloc.getType(),
                                        buffer.offset, buffer.alloc.getDynamicSizes());
      buffer.alloc.getResult().replaceAllUsesWith(part);
      buffer.alloc.erase();
    }
    int64_t most = peak;
    for (auto forms : block.getOps<scf::IfOp>())
      for (Region *form : forms.getRegions())
        if (!form->empty())
          most = std::max(most, planBlock(form->front(), peak, maxRows));
    return most;
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto model = module->getAttrOfType<abi::ModelAttr>("abi.model");
    if (!model) {
      module.emitError() << "has no abi.model";
      return signalPassFailure();
    }
    if (failed(checkExtents(module)))
      return signalPassFailure();
    int64_t begin = model.placeOf(model.handedOn().size()), peak = begin;
    for (auto segment : module.getOps<func::FuncOp>())
      if (segment->hasAttr("abi.segment"))
        peak = std::max(peak, planBlock(segment.getBody().front(), begin, model.getMaxRows()));
    module->setAttr("abi.arena_bytes", IntegerAttr::get(IntegerType::get(&getContext(), 64), peak));
  }
};

} // namespace
} // namespace osscc
