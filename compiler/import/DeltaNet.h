// The graph of a gated delta net, which stands in the place of a layer's attention.
#pragma once

#include "compiler/import/CachePlaces.h"
#include "compiler/import/ModelSpec.h"
#include "mlir/IR/Builders.h"

namespace osscc {

/// !llm.state of the layer's group.
mlir::Type stateType(mlir::MLIRContext *context, const DeltaNetSpec &net, const CachePlace &place);

/// What a layer's mixer works on: the call, the layer's state, and the normed rows.
struct MixerInputs {
  mlir::Value rows, state, x;
};

/// How the graph's builder makes what any part has.
struct PartBuilders {
  llvm::function_ref<mlir::Value(mlir::Value, const LinearSpec &)> linear;
  llvm::function_ref<mlir::Value(mlir::Value, const NormSpec &)> norm;
  llvm::function_ref<mlir::Value(const WeightSpec &)> get;
};

/// output(norm(rule(conv(mixed x), decay x, beta x)) * silu(gate x))
mlir::Value buildDeltaNet(mlir::OpBuilder &builder, mlir::Location loc, const DeltaNetSpec &net,
                          const CachePlace &place, const MixerInputs &inputs,
                          const PartBuilders &parts);

} // namespace osscc
