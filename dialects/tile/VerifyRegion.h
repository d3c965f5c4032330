// What the verifiers of kernels and of blocks share.
#pragma once

#include "dialects/tile/Tile.h"

namespace osscc::tile {

/// The region takes so many f32 and yields one.
mlir::LogicalResult verifyRegion(mlir::Operation *op, mlir::Region &region, size_t arguments);

} // namespace osscc::tile
