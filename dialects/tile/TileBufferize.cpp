// One template bufferizes every destination-style op of the dialect: the same op on memrefs,
// results become `out`.
#include "dialects/tile/Moments.h"
#include "dialects/tile/Recurrence.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace osscc::tile {
namespace {

/// Clones `op` with every tensor operand replaced by its buffer and without results.
FailureOr<Operation *> cloneOnBuffers(Operation *op, RewriterBase &rewriter,
                                      const BufferizationOptions &options,
                                      const BufferizationState &state) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    if (!isa<TensorType>(operand.getType())) {
      operands.push_back(operand);
      continue;
    }
    FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
    if (failed(buffer))
      return failure();
    operands.push_back(*buffer);
  }
  OperationState clone(op->getLoc(), op->getName(), operands, TypeRange(), op->getAttrs());
  for (Region &region : op->getRegions())
    clone.addRegion()->takeBody(region);
  return rewriter.create(clone);
}

template <typename Op> struct Kernel : DstBufferizableOpInterfaceExternalModel<Kernel<Op>, Op> {
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options, BufferizationState &state) const {
    if (op->getNumResults() == 0)
      return success();
    FailureOr<Operation *> clone = cloneOnBuffers(op, rewriter, options, state);
    if (failed(clone))
      return failure();
    replaceOpWithBufferizedValues(rewriter, op, cast<Op>(*clone).getOut());
    return success();
  }
};

/// `append` reads its tensors and writes only the cache.
struct Append : BufferizableOpInterface::ExternalModel<Append, AppendOp> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &, const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &, const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &, const AnalysisState &) const {
    return {};
  }
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options, BufferizationState &state) const {
    if (failed(cloneOnBuffers(op, rewriter, options, state)))
      return failure();
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void registerBufferizableOpInterfaceModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TileDialect *) {
    MatmulOp::attachInterface<Kernel<MatmulOp>>(*context);
    QuantizeRowsOp::attachInterface<Kernel<QuantizeRowsOp>>(*context);
    AttendOp::attachInterface<Kernel<AttendOp>>(*context);
    NormOp::attachInterface<Kernel<NormOp>>(*context);
    RotateOp::attachInterface<Kernel<RotateOp>>(*context);
    MapOp::attachInterface<Kernel<MapOp>>(*context);
    GatherOp::attachInterface<Kernel<GatherOp>>(*context);
    RouteOp::attachInterface<Kernel<RouteOp>>(*context);
    GatherSlotsOp::attachInterface<Kernel<GatherSlotsOp>>(*context);
    CombineOp::attachInterface<Kernel<CombineOp>>(*context);
    ShortConvOp::attachInterface<Kernel<ShortConvOp>>(*context);
    DeltaRuleOp::attachInterface<Kernel<DeltaRuleOp>>(*context);
    MomentsOp::attachInterface<Kernel<MomentsOp>>(*context);
    AppendOp::attachInterface<Append>(*context);
  });
}

} // namespace osscc::tile
