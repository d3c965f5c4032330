// Where the words of a plan lie: what `route` writes and the kernels of experts read. With S slots:
//
//   active | experts [S] | begins [S] | rows [S] | slots [S] | weights [S]
#pragma once

#include "targets/cpu/Emitter.h"

#include "dialects/tile/Tile.h"

namespace osscc::cpu {

/// The emitter of reads and writes of one plan. Numbers are indices.
struct Plan : Emitter {
  mlir::Value words; ///< memref<? x i32>
  mlir::Value slots; ///< S
  int64_t top;       ///< Experts of a row.

  /// Of the plan in `memory`, as `tile.route` has it.
  static Plan in(const Emitter &emitter, mlir::Value memory);

  enum class Part { Experts, Begins, Rows, Slots, Weights };
  /// The `index`-th word of a part.
  mlir::Value load(Part part, mlir::Value index) const;
  void store(mlir::Value number, Part part, mlir::Value index) const;

  /// How many experts have rows, `most` at most, whatever stands there.
  mlir::Value active(int64_t most) const;
  void storeActive(mlir::Value number) const;
  /// Of the experts that have rows the `index`-th one's number, first slot, and the slot behind its
  /// last.
  mlir::Value expert(mlir::Value index) const { return load(Part::Experts, index); }
  mlir::Value begin(mlir::Value index) const { return load(Part::Begins, index); }
  mlir::Value end(mlir::Value index) const;

  /// The number of row `row` at its `chosen`-th expert, in parts that have one for each.
  mlir::Value ofRow(mlir::Value row, mlir::Value chosen) const;
  /// The weight at ofRow(), f32.
  mlir::Value loadWeight(mlir::Value index) const;
  void storeWeight(mlir::Value weight, mlir::Value index) const;

private:
  mlir::Value placeOf(Part part, mlir::Value index) const;
};

} // namespace osscc::cpu
