// A pass manager a stage: so a stage has its time, its text and its reproducer.
#include "compiler/pipeline/StageRunner.h"

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
  if (failed(passes.run(module)))
    return llvm::createStringError("the stage " + stageName(stage) +
                                   " failed on a module that import accepted");
  return llvm::Error::success();
}

} // namespace osscc
