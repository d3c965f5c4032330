// One graph serves one row, few rows and a prefill chunk: T stays a run-time value. This pass fixes
// what must be static about it: the rows of one call at most, which size the scratch memory, and
// that the head runs on the wanted rows alone.
//
// Stage: graph (llm -> llm).
#include "compiler/Passes.h"
#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_SPECIALIZEROWSPASS
#include "compiler/Passes.h.inc"

namespace {

/// Every activation has a dynamic number of rows; a static one would tie the segment to one T.
LogicalResult checkDynamicRows(func::FuncOp segment) {
  WalkResult result = segment.walk([](Operation *op) -> WalkResult {
    if (!isa<llm::LlmDialect>(op->getDialect()))
      return WalkResult::advance();
    for (Type type : op->getResultTypes())
      if (auto tensor = dyn_cast<RankedTensorType>(type);
          tensor && !tensor.isDynamicDim(0) && !isa<llm::ConcatOp>(op))
        return op->emitError() << "has " << tensor.getDimSize(0)
                               << " rows, expected a run-time number";
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// Puts `llm.output_rows` in front of the head, for all rows that it reads.
void selectOutputRows(func::FuncOp head) {
  OpBuilder builder = OpBuilder::atBlockBegin(&head.getBody().front());
  BlockArgument rows = head.getArgument(0);
  for (BlockArgument x : head.getArguments().drop_front()) {
    auto type = dyn_cast<RankedTensorType>(x.getType());
    bool isSelected = x.hasOneUse() && isa<llm::OutputRowsOp>(*x.getUsers().begin());
    if (!type || !type.isDynamicDim(0) || x.use_empty() || isSelected)
      continue;
    auto wanted = llm::OutputRowsOp::create(builder, head.getLoc(), x.getType(), rows, x);
    x.replaceAllUsesExcept(wanted, wanted);
  }
}

struct SpecializeRowsPass : osscc::impl::SpecializeRowsPassBase<SpecializeRowsPass> {
  using SpecializeRowsPassBase::SpecializeRowsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto config = module->getAttrOfType<llm::ConfigAttr>("llm.config");
    if (!config) {
      module.emitError() << "has no llm.config";
      return signalPassFailure();
    }
    module->setAttr("llm.config",
                    llm::ConfigAttr::get(
                        &getContext(), config.getFamily(), config.getLayers(), config.getHidden(),
                        config.getVocabulary(), config.getPositions(),
                        std::min<int64_t>(maxRows, config.getPositions()), config.getCarried()));
    for (auto segment : module.getOps<func::FuncOp>()) {
      if (failed(checkDynamicRows(segment)))
        return signalPassFailure();
      auto kind = segment->getAttrOfType<StringAttr>("llm.segment");
      if (kind && kind.getValue() == "head")
        selectOutputRows(segment);
    }
  }
};

} // namespace
} // namespace osscc
