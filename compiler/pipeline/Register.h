// What every tool of the compiler side knows: the dialects and the passes.
#pragma once

#include "mlir/IR/DialectRegistry.h"

namespace osscc {

/// Our four dialects, the upstream ones that the pipeline goes through, and their bufferization.
void registerDialects(mlir::DialectRegistry &registry);

/// Every pass of compiler/Passes.td and targets/Passes.td, and the upstream ones of the pipeline.
void registerPasses();

} // namespace osscc
