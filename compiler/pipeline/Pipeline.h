// The pipeline: THE list of stages and passes. StageRunner.h runs it.
#pragma once

#include "mlir/Pass/PassManager.h"
#include "targets/Target.h"
#include <cstdint>
#include <string>

namespace osscc {

/// The stages that passes make up, in order.
enum class Stage { Graph, Packed, Tile, Kernels, Vector, LLVM };

/// All of them, in order.
inline constexpr Stage kStages[] = {Stage::Graph,   Stage::Packed, Stage::Tile,
                                    Stage::Kernels, Stage::Vector, Stage::LLVM};

/// The spelling of --emit: "graph".
llvm::StringRef stageName(Stage stage);

/// What decides the passes' options.
struct PipelineOptions {
  std::string storage = "keep"; ///< --quantize
  int64_t planes = 2;           ///< of activations that multiply weights in blocks: 1 or 2
  std::string cached = "f16";   ///< what the cache holds: f16, f32 or int8
  int64_t maxRows = 512;        ///< rows of one call at most
  int64_t tier = 0, tiers = 1;  ///< which of the file's CPU tiers, best first, and of how many
};

/// Adds the passes of one stage, the last of them `verify-stage`.
void addStage(mlir::PassManager &passes, const Target &target, const PipelineOptions &options,
              Stage stage);

} // namespace osscc
