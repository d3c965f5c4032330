// Where the state of a layer lies in the page of a sequence: the one place that says so
// (docs/design/layout.md).
#pragma once

#include "dialects/tile/Recurrence.h"

namespace osscc::tile {

/// The parts of one layer, in bytes from its begin on; each begins with a line of 64 bytes.
///
///   rows [kept][channels]           oldest first
///   heads [heads * keys][values]    so that 16 channels of values are one vector
struct StateLayout {
  explicit StateLayout(StateAttr state);

  int64_t heads; ///< Rows lie at 0.
  int64_t bytes; ///< Of the layer.
  mlir::MemRefType rowsType, headsType;
};

} // namespace osscc::tile
