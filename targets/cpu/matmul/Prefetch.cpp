// prefetch: each worker asks for the begin of the weights that it will read first, and waits for
// nothing. It has no grid, so no barrier either.
#include "targets/cpu/Kernels.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// Rows of a call up to which memory is the limit, so that a head start counts.
constexpr int64_t kFewRows = 8;

/// Asks for `lines` lines of `line` elements from element `from` of the flat `memory` on.
void prefetchLines(OpBuilder &builder, Location loc, Value memory, Value from, int64_t lines,
                   int64_t line) {
  auto loop = scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0),
                                 constantIndex(builder, loc, lines * line),
                                 constantIndex(builder, loc, line));
  OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
  Value at = arith::AddIOp::create(inner, loc, from, loop.getInductionVar());
  memref::PrefetchOp::create(inner, loc, memory, at, /*isWrite=*/false, /*localityHint=*/2,
                             /*isDataCache=*/true);
}

struct PrefetchKernel : OpRewritePattern<tile::PrefetchOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::PrefetchOp op, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<MemRefType>(op.getW().getType());
    if (!type)
      return rewriter.notifyMatchFailure(op, "the weight is not in memory yet");
    Location loc = op.getLoc();
    auto index = [&](int64_t value) { return constantIndex(rewriter, loc, value); };
    auto mul = [&](Value a, int64_t b) -> Value {
      return arith::MulIOp::create(rewriter, loc, a, index(b));
    };
    auto streams = static_cast<int64_t>(op.getStreams());
    int64_t tiles = type.getDimSize(0), elements = type.getNumElements() / tiles;
    int64_t line = abi::kLineBytes * 8 / type.getElementTypeBitWidth();
    int64_t lines = static_cast<int64_t>(op.getBytes()) / (streams * abi::kLineBytes);

    Value few = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::sle,
                                      abi::RowsOp::create(rewriter, loc), index(kFewRows));
    auto choice = scf::IfOp::create(rewriter, loc, few, /*withElseRegion=*/false);
    rewriter.setInsertionPointToStart(choice.thenBlock());
    SmallVector<ReassociationIndices> all(1);
    all[0].append(llvm::to_vector(llvm::seq<int64_t>(type.getRank())));
    Value memory = memref::CollapseShapeOp::create(rewriter, loc, op.getW(), all);
    // The worker's range begins at block worker * blocks / workers.
    Value before = mul(abi::WorkerOp::create(rewriter, loc), static_cast<int64_t>(op.getBlocks()));
    Value block =
        arith::DivUIOp::create(rewriter, loc, before, abi::WorkersOp::create(rewriter, loc));
    for (int64_t stream = 0; stream < streams; ++stream) {
      Value first = arith::AddIOp::create(rewriter, loc, block, index(stream * (tiles / streams)));
      prefetchLines(rewriter, loc, memory, mul(first, elements), lines, line);
    }
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populatePrefetchKernel(RewritePatternSet &patterns) {
  patterns.addWithLabel<PrefetchKernel>({"prefetch"}, patterns.getContext());
}

} // namespace osscc::cpu
