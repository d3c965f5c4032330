// -###: the steps of a compilation as commands would be.
#pragma once

#include "compiler/pipeline/Driver.h"
#include "compiler/pipeline/Pipeline.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace osscc {

/// Prints a line a step, quoted for a shell, and runs none: stages by osscc and osscc-opt over
/// files as --save-temps names them, then the linker. The weights and the index are then written
/// into the executable by osscc alone.
/// \param output  the file that the compilation would write.
/// \errors  InputError: the resources that executables are linked with are missing.
llvm::Error printSteps(const DriverOptions &options, const Target &target,
                       const PipelineOptions &pipeline, llvm::StringRef output,
                       llvm::raw_ostream &os);

} // namespace osscc
