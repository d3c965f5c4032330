// The pipeline: THE list of stages and passes. One loop runs it and serves --emit.
#pragma once

#include "mlir/Pass/PassManager.h"
#include "targets/Target.h"
#include <cstdint>
#include <string>

namespace osscc {

/// Where a run stops, in order: the spellings of --emit.
enum class Stage { Import, Graph, Packed, Tile, Kernels, Vector, LLVM };

/// What decides the passes' options.
struct PipelineOptions {
  std::string storage = "keep"; ///< --quantize
  int64_t planes = 2;           ///< of activations that multiply weights in blocks: 1 or 2
  int64_t maxRows = 512;        ///< rows of one call at most
};

/// Adds the passes of every stage up to and including `last`; each ends in `verify-stage`.
void buildPipeline(mlir::PassManager &passes, const Target &target, const PipelineOptions &options,
                   Stage last);

} // namespace osscc
