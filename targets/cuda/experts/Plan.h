// Where the words of a plan lie: what `route` writes and the kernels of experts read. With S slots:
//
//   active | experts [S] | begins [S] | rows [S] | slots [S] | weights [S]
#pragma once

#include "targets/cuda/Kernel.h"

namespace osscc::cuda {

/// Reads and writes of one plan by a kernel. Numbers have 32 bits.
struct Plan {
  const Emitter &emit;
  Number words;
  Number slots; ///< S
  int64_t top;  ///< Experts of a row.

  /// Of the plan in `memory` on the host; its rows become a parameter.
  static Plan in(Kernel &kernel, Expansion &expansion, mlir::Value memory);

  enum Part : int64_t { Experts, Begins, RowsOf, Slots, Weights };
  Number load(Part part, Number index) const;
  void store(Number word, Part part, Number index) const;
  Number active() const;
  void storeActive(Number number) const;
  /// The first slot of the index-th active expert, and the slot behind its last.
  Number begin(Number index) const { return load(Begins, index); }
  Number end(Number index) const;

private:
  Number place(Part part, Number index) const;
};

} // namespace osscc::cuda
