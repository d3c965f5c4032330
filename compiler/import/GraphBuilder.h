// ModelSpec -> llm ops: the only code that builds the graph. The top of dialects/llm/LlmDialect.td
// draws the module.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/checkpoint/Checkpoint.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace osscc {

/// Builds the module: a pack.weight for each weight of the spec, whose recipe is one slice of the
/// checkpoint, and the functions @embed, @layer_0 ... and @head. A tied head reads the embedding's
/// weight.
///
/// \param checkpoint  holds every weight of the spec, of the spec's shape, as f32, f16 or bf16: see
/// checkWeights.
mlir::OwningOpRef<mlir::ModuleOp> buildGraph(mlir::MLIRContext &context, const ModelSpec &spec,
                                             const Checkpoint &checkpoint);

} // namespace osscc
