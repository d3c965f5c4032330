// Where the parts of a tile of a block format lie, and their loads: what unpacks matrices and what
// gathers rows reads by it. docs/design/layout.md draws the tile.
#pragma once

#include "targets/cpu/Emitter.h"

#include "dialects/pack/Blocks.h"
#include "dialects/tile/Tile.h"

namespace osscc::cpu {

/// Loads from the span of channel `k` in tile `tile` and those behind it, rows in vectors of
/// `lanes`: chunk c holds rows from c * lanes on, and a chunk past the first tile is of the next.
struct BlockReader : Emitter {
  mlir::Value w, tile, k;
  pack::FormatAttr format;
  int64_t lanes;
  pack::BlockGeometry geometry = pack::geometryOf(format);

  /// The unsigned codes of the quads of `k`'s 32 channels, a vector of 4 bytes a row each, by
  /// number of quad and chunk; codes of a table are its entries.
  void forEachQuad(int64_t chunks,
                   llvm::function_ref<void(mlir::Value codes, int64_t quad, int64_t chunk)> body);
  /// The scales of `k`'s group, or its minimums, of the rows of a chunk as f32.
  mlir::Value loadScales(int64_t chunk, bool minimum);

private:
  /// Bytes of a chunk's rows, `ofRow` each, `base` bytes behind the begin of `k`'s span; with
  /// `unit` as many units of `unitBytes` later as there are units of channels before `k` in it.
  mlir::Value loadBytes(int64_t chunk, int64_t ofRow, int64_t base, int64_t unit,
                        int64_t unitBytes);
  /// A byte in every byte of a vector of `type`.
  mlir::Value byte(int64_t value, mlir::VectorType type);
  /// The field of a plane's register that belongs to a quad, moved to bit `below` of each byte.
  mlir::Value field(mlir::Value stored, int64_t bits, int64_t shift, int64_t below);
  /// One f16, or half a power of two, a row.
  mlir::Value widen(mlir::Value bytes);
  /// One integer a row, as f32.
  mlir::Value integers(int64_t chunk, bool minimum);
};

} // namespace osscc::cpu
