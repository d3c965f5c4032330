// prefetch: each worker asks for the begin of the weights that it will read first, and waits for
// nothing. It has no grid, so no barrier either.
#include "targets/cpu/Emitter.h"
#include "targets/cpu/Populate.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// The emitter of one prefetch.
struct PrefetchEmitter : Emitter {
  tile::PrefetchOp op;
  const Tuning &tuning;
  MemRefType type = cast<MemRefType>(op.getW().getType());

  /// Asks for `lines` lines of `line` elements from element `from` of the flat `memory` on.
  void prefetchLines(Value memory, Value from, int64_t lines, int64_t line) {
    forEach(index(lines * line), line, [&](Value element) {
      memref::PrefetchOp::create(builder, loc, memory, add(from, element), /*isWrite=*/false,
                                 /*localityHint=*/2, /*isDataCache=*/true);
    });
  }

  void emit() {
    auto streams = static_cast<int64_t>(op.getStreams());
    int64_t tiles = type.getDimSize(0), elements = type.getNumElements() / tiles;
    int64_t line = abi::kLineBytes * 8 / type.getElementTypeBitWidth();
    int64_t lines = static_cast<int64_t>(op.getBytes()) / (streams * abi::kLineBytes);

    Value few =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle,
                              abi::RowsOp::create(builder, loc), index(tuning.headStartRows));
    auto choice = scf::IfOp::create(builder, loc, few, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(choice.thenBlock());
    SmallVector<ReassociationIndices> all(1);
    all[0].append(llvm::to_vector(llvm::seq<int64_t>(type.getRank())));
    Value memory = memref::CollapseShapeOp::create(builder, loc, op.getW(), all);
    // The worker's range begins at block worker * blocks / workers.
    Value before = mul(abi::WorkerOp::create(builder, loc), static_cast<int64_t>(op.getBlocks()));
    Value block = div(before, Value(abi::WorkersOp::create(builder, loc)));
    for (int64_t stream = 0; stream < streams; ++stream) {
      Value first = add(block, stream * (tiles / streams));
      prefetchLines(memory, mul(first, elements), lines, line);
    }
  }
};

struct PrefetchKernel : OpRewritePattern<tile::PrefetchOp> {
  const Tuning &tuning;

  PrefetchKernel(MLIRContext *context, const Tuning &tuning)
      : OpRewritePattern(context), tuning(tuning) {}

  LogicalResult matchAndRewrite(tile::PrefetchOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getW().getType()))
      return rewriter.notifyMatchFailure(op, "the weight is not in memory yet");
    PrefetchEmitter{{rewriter, op.getLoc()}, op, tuning}.emit();
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populatePrefetchKernel(RewritePatternSet &patterns, const Tuning &tuning) {
  patterns.addWithLabel<PrefetchKernel>({"prefetch"}, patterns.getContext(), tuning);
}

} // namespace osscc::cpu
