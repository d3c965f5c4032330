// What the kernels of a norm share, whether it writes f32 or codes.
#pragma once

#include "dialects/tile/Tile.h"

namespace osscc::cpu {

/// 1 / sqrt(mean of the squares + eps) of a row, in every one of 16 lanes.
mlir::Value normFactor(mlir::OpBuilder &builder, tile::NormOp op, mlir::Value row);

} // namespace osscc::cpu
