// Where the keys and values of a layer lie in a page of the cache: the one place that says so, for
// those who give a layer its place and for the kernels that read it (docs/design/layout.md).
#pragma once

#include "dialects/tile/Tile.h"

namespace osscc::tile {

/// The parts of one layer, in bytes from its begin on.
///
///   keys [heads][rows / 64][size][64]   so that 16 positions are one vector
///   values [heads][rows][size]          so that 16 channels are one vector
///   of codes also: scales of keys [heads][rows], scales of values [heads][rows], f32
///
/// Of latents there are values alone, whose rows are the keys too; their scales are those of the
/// channels that are the value and those of the others.
struct PageLayout {
  explicit PageLayout(CacheAttr cache);

  int64_t values;                 ///< Keys lie at 0.
  int64_t keyScales, valueScales; ///< Of codes; else the end.
  int64_t bytes;                  ///< Of the layer.
  mlir::MemRefType keysType, valuesType, scalesType;
};

} // namespace osscc::tile
