// The first half of a CPU's passes: how its workers share the kernels of a segment.
#include "targets/cpu/CpuTarget.h"

#include "targets/cpu/Passes.h"

using namespace mlir;

namespace osscc {

void CpuTarget::addKernelPasses(OpPassManager &passes) const {
  OpPassManager &functions = passes.nest<func::FuncOp>();
  functions.addPass(createSchedulePass(*this));
  functions.addPass(createPrefetchWeightsPass(*this));
  passes.addPass(createSplitAttentionPass(*this));
  passes.addPass(createOneRowPass(*this));
  if (interleavesRows())
    passes.addPass(createInterleaveRowsPass());
  passes.addPass(createPlaceBarriersPass());
}

std::unique_ptr<Target> cpu::parseCpu(llvm::StringRef name, Location loc) {
  llvm::Expected<std::unique_ptr<Target>> target = parseTarget(name);
  if (!target) {
    emitError(loc) << llvm::toString(target.takeError());
    return nullptr;
  }
  if (!(*target)->asCpu()) {
    emitError(loc) << name << " is no CPU";
    return nullptr;
  }
  return std::move(*target);
}

} // namespace osscc
