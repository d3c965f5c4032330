// What kernels that norm rows or heads share, whether they write f32 or codes.
#pragma once

#include "dialects/tile/Tile.h"
#include "targets/cpu/Chunks.h"

namespace osscc::cpu {

/// Channels of a row that are summed together.
struct ChannelGroup {
  mlir::Value row;
  mlir::Value first; ///< Its first channel; null: 0.
  int64_t width;

  /// The chunk of the row where `chunk` of the group lies.
  ColumnChunk inRow(mlir::OpBuilder &builder, mlir::Location loc, ColumnChunk chunk) const;
};

/// The sum of a group's squares: lane l sums the channels l, l + 16, ..., then the lanes fold.
mlir::Value sumOfSquares(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x,
                         const ChannelGroup &group);

struct Moments {
  mlir::Value mean, variance; ///< f32
};

/// Those of a group's channels, whose sums run in 16 lanes as those of a norm do.
Moments momentsOf(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x,
                  const ChannelGroup &group);

/// Whether all that the op reads and writes lies in memory.
bool isNormInMemory(tile::NormOp op);

/// What a group of channels has in common, in every one of 16 lanes.
struct NormValues {
  mlir::Value mean;   ///< Of a norm that is centered, else null.
  mlir::Value factor; ///< 1 / sqrt(mean of the squares + eps)
};

/// Those of a row.
NormValues normValues(mlir::OpBuilder &builder, tile::NormOp op, mlir::Value row);

/// Channels of a row as the norm stores them, of which `norm` is the group's: (value - mean) *
/// factor * (w + offset) + bias. `chunk` is their place in the group; what lies past its end is 0.
mlir::Value applyNorm(mlir::OpBuilder &builder, tile::NormOp op, mlir::Value value,
                      const NormValues &norm, const ColumnChunk &chunk);

} // namespace osscc::cpu
