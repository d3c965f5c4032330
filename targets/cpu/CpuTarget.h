// What the targets that are CPUs have in common: workers that meet at barriers and share the blocks
// of each kernel, in vectors.
#pragma once

#include "dialects/tile/Tile.h"
#include "targets/Target.h"
#include "targets/cpu/Tuning.h"

namespace osscc {

/// A CPU of any architecture.
class CpuTarget : public Target {
public:
  cpu::Tuning tuning = {};

  /// The blocks of a matmul of `n` output channels in `parts` parts, rows quantized in `planes`
  /// planes, 0 for rows of f32.
  virtual tile::ScheduleAttr schedule(mlir::MLIRContext *context, int64_t n, int64_t parts,
                                      int64_t planes) const = 0;
  /// Whether many rows are multiplied by a matrix unit, which wants the records of 16 together.
  virtual bool interleavesRows() const { return false; }

  void addKernelPasses(mlir::OpPassManager &passes) const override;
  const CpuTarget *asCpu() const override { return this; }
};

} // namespace osscc
