// What -v tells of the model on its way, and what the module says of the memory that it needs.
#pragma once

#include "compiler/import/Import.h"
#include "compiler/pipeline/Report.h"

namespace osscc {

/// Family, sizes and files of an imported model.
void describeImport(const ImportedModel &model, Report &report);

/// A line a weight, of the stage packed: name, type, bytes.
void describeWeights(mlir::ModuleOp module, Report &report);

/// A line a kernel, of the stage kernels: name, op, and how many places call it.
void describeKernels(mlir::ModuleOp module, Report &report);

/// Cache at the full context and scratch of the largest call, of the stage kernels.
Memory memoryOf(mlir::ModuleOp module);

} // namespace osscc
