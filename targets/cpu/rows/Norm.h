// What the kernels of a norm share, whether it writes f32 or codes.
#pragma once

#include "dialects/tile/Tile.h"
#include "targets/cpu/Chunks.h"

namespace osscc::cpu {

/// Whether all that the op reads and writes lies in memory.
bool isNormInMemory(tile::NormOp op);

/// 1 / sqrt(mean of the squares + eps) of a row, in every one of 16 lanes.
mlir::Value normFactor(mlir::OpBuilder &builder, tile::NormOp op, mlir::Value row);

/// Channels of a row as the norm stores them, of which `factor` is the group's: value * factor * (w
/// + offset). `chunk` is their place in the group.
mlir::Value scaleByNorm(mlir::OpBuilder &builder, tile::NormOp op, mlir::Value value,
                        mlir::Value factor, const ColumnChunk &chunk);

} // namespace osscc::cpu
