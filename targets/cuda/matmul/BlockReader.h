// Where the parts of a row of a block format lie in a tile, and their loads: what multiplies
// matrices and what gathers rows reads by it. docs/design/layout.md draws the tile.
#pragma once

#include "targets/cuda/Emitter.h"

#include "dialects/pack/Blocks.h"
#include "dialects/tile/Tile.h"

namespace osscc::cuda {

/// Loads of one row of a tile, or of a table that lies row by row.
struct BlockReader {
  const Emitter &emit;
  pack::FormatAttr format;
  Number base;      ///< Of the tile, or of the table's row.
  Number row;       ///< In the tile; 0 of a row by itself.
  int64_t tileRows; ///< Whose bytes lie together: pack::kTileRows, or 1.
  pack::BlockGeometry geometry = pack::geometryOf(format);

  /// The unsigned codes of the 32 channels of record `record`, four a word; codes of a table are
  /// its entries.
  Emitter::Numbers codes(Number record) const;
  /// Those of one quad, whose number the kernel knows.
  Number quad(Number record, Number quad) const;
  /// The scale, or the minimum, of group `group` of the record's, f32.
  Number scale(Number record, int64_t group, bool minimum) const;

  /// Groups of a record: 1, or 2 of 16 channels.
  int64_t groups() const { return pack::kRecordChannels / geometry.group; }

private:
  /// Of the record's span.
  Number spanOf(Number record) const;
  Number recordInSpan(Number record) const;
  /// `type` at byte `at` of a tile's span, where 16 rows of `width` bytes each lie together.
  Number loadPart(mlir::Type type, Number span, Number at, int64_t width) const;
};

} // namespace osscc::cuda
