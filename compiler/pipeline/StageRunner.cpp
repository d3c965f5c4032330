// A pass manager a stage: so a stage has its time, its text and its reproducer.
#include "compiler/pipeline/StageRunner.h"

#include "llvm/Support/CrashRecoveryContext.h"

using namespace mlir;

namespace osscc {

llvm::Error runStage(Stage stage, ModuleOp module, const Target &target,
                     const PipelineOptions &pipeline, const RunnerOptions &options,
                     TimingScope &timing) {
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  addStage(passes, target, pipeline, stage);
  if (options.printIr)
    passes.enableIRPrinting([](Pass *, Operation *) { return false; },
                            [](Pass *, Operation *) { return true; },
                            /*printModuleScope=*/false, /*printAfterOnlyOnChange=*/false);
  if (!options.reproducer.empty())
    passes.enableCrashReproducerGeneration(options.reproducer);
  TimingScope scope = timing.nest(stageName(stage).str());
  passes.enableTiming(scope);
  bool done = succeeded(passes.run(module));
  // The pass manager's own recovery ends with switching it off for everyone.
  if (!options.reproducer.empty())
    llvm::CrashRecoveryContext::Enable();
  if (!done)
    return llvm::createStringError("the stage " + stageName(stage) +
                                   " failed on a module that import accepted");
  return llvm::Error::success();
}

} // namespace osscc
