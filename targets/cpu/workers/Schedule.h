// The pass `tile-schedule` for a target that is at hand. Its option names one, for osscc-opt: a
// name alone must say all that a schedule depends on.
#pragma once

#include "mlir/Pass/Pass.h"
#include <memory>

namespace osscc {

class Target;

/// Gives every matmul the blocks of `target`, which must outlive the pass.
std::unique_ptr<mlir::Pass> createSchedulePass(const Target &target);

} // namespace osscc
