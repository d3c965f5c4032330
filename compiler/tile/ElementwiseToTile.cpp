// Numbers that nobody else reads are changed where they lie, so that the kernel before can take the
// change into its epilogue.
#include "compiler/tile/ElementwiseToTile.h"

#include "compiler/tile/Activation.h"
#include "compiler/tile/CreateKernels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace osscc {
namespace {

/// Whether `op` alone reads the rows, which an op of the segment made.
bool isOwn(Value rows, Operation *op) {
  return rows.getDefiningOp() && llvm::all_of(rows.getUsers(), [&](Operation *user) {
           return user == op || isa<tensor::DimOp>(user);
         });
}

/// Replaces `op` by a map of its rows: body(builder, loc, x).
void replaceByMap(PatternRewriter &rewriter, Operation *op,
                  function_ref<Value(OpBuilder &, Location, Value)> body) {
  Value x = op->getOperand(0);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  bool own = isOwn(x, op);
  Value out = own ? x : emptyLike(rewriter, op->getLoc(), x, type);
  rewriter.replaceOp(op, createMap(rewriter, op->getLoc(), own ? ValueRange() : ValueRange(x), out,
                                   [&](OpBuilder &builder, Location loc, ValueRange values) {
                                     return body(builder, loc, values.front());
                                   }));
}

struct Activate : OpRewritePattern<llm::ActivateOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::ActivateOp op, PatternRewriter &rewriter) const override {
    replaceByMap(rewriter, op, [&](OpBuilder &builder, Location loc, Value x) {
      Value one = arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(1));
      return emitActivation(builder, loc, op.getActivation(), x, one);
    });
    return success();
  }
};

struct Gate : OpRewritePattern<llm::GateOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::GateOp op, PatternRewriter &rewriter) const override {
    Value out = emptyLike(rewriter, op.getLoc(), op.getX(), op.getY().getType());
    Value inputs[] = {op.getX(), op.getGate()};
    rewriter.replaceOp(op, createMap(rewriter, op.getLoc(), inputs, out,
                                     [](OpBuilder &builder, Location loc, ValueRange values) {
                                       return emitGate(builder, loc, values[0], values[1]);
                                     }));
    return success();
  }
};

struct Scale : OpRewritePattern<llm::ScaleOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::ScaleOp op, PatternRewriter &rewriter) const override {
    replaceByMap(rewriter, op, [&](OpBuilder &builder, Location loc, Value x) -> Value {
      Value factor = arith::ConstantOp::create(builder, loc, op.getFactorAttr());
      return arith::MulFOp::create(builder, loc, x, factor);
    });
    return success();
  }
};

struct Multiply : OpRewritePattern<llm::MultiplyOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::MultiplyOp op, PatternRewriter &rewriter) const override {
    Value x = op.getX();
    bool own = isOwn(x, op);
    Value out = own ? x : emptyLike(rewriter, op.getLoc(), x, op.getY().getType());
    SmallVector<Value> inputs = {op.getWeight()};
    if (!own)
      inputs.push_back(x);
    rewriter.replaceOp(op,
                       createMap(rewriter, op.getLoc(), inputs, out,
                                 [](OpBuilder &builder, Location loc, ValueRange values) -> Value {
                                   return arith::MulFOp::create(builder, loc, values[1], values[0]);
                                 }));
    return success();
  }
};

struct Softcap : OpRewritePattern<llm::SoftcapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::SoftcapOp op, PatternRewriter &rewriter) const override {
    replaceByMap(rewriter, op, [&](OpBuilder &builder, Location loc, Value x) {
      return emitSoftcap(builder, loc, op.getCap().convertToDouble(), x);
    });
    return success();
  }
};

} // namespace

void populateElementwiseToTile(RewritePatternSet &patterns) {
  patterns.addWithLabel<Activate>({"activate"}, patterns.getContext());
  patterns.addWithLabel<Gate>({"gate"}, patterns.getContext());
  patterns.addWithLabel<Scale>({"scale"}, patterns.getContext());
  patterns.addWithLabel<Multiply>({"multiply"}, patterns.getContext());
  patterns.addWithLabel<Softcap>({"softcap"}, patterns.getContext());
}

} // namespace osscc
