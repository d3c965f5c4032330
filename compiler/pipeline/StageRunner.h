// Runs the pipeline stage by stage, with what the command line wants to see of it.
#pragma once

#include "compiler/pipeline/Pipeline.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/Timing.h"
#include "llvm/Support/Error.h"
#include <string>

namespace osscc {

struct RunnerOptions {
  bool printIr = false;   ///< --mlir-print-ir-after-all, on stderr
  std::string reproducer; ///< where a stage that fails leaves its input; empty: nowhere
};

/// Runs the passes of one stage on a module, in place.
///
/// A pass that fails, or crashes, leaves a reproducer: the module as the stage found it and the
/// passes, for `osscc-opt --run-reproducer FILE`.
/// \param timing  the stage's time and that of each pass are noted in it, if it is on.
/// \errors  never an InputError: the module is one that import has accepted.
llvm::Error runStage(Stage stage, mlir::ModuleOp module, const Target &target,
                     const PipelineOptions &pipeline, const RunnerOptions &options,
                     mlir::TimingScope &timing);

} // namespace osscc
