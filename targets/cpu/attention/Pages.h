// Where keys and values lie in a page of the cache (docs/design/layout.md), for attend and append,
// which describe the cache alike:
//
//   page of a layer:   keys [heads][rows / 64][size][64]   so that 16 positions are one vector
//                      values [heads][rows][size]          so that 16 channels are one vector
//   of codes also      key scales [heads][rows], value scales [heads][rows]
#pragma once

#include "targets/cpu/Emitter.h"

#include "dialects/tile/Tile.h"

namespace osscc::cpu {

/// Positions whose keys lie together, a step of online softmax.
inline constexpr int64_t kPageStep = tile::kAttentionStep;
/// Positions of one vector of keys.
inline constexpr int64_t kKeyLanes = tile::kSumLanes;

/// The keys and values of one layer in the page that holds a position.
struct Page {
  mlir::Value keys, values;
  mlir::Value keyScales, valueScales; ///< of codes, else null
};

/// Channels [begin, begin + lanes) of a head, a power of two up to 16.
struct HeadSlice {
  int64_t begin, lanes;
};

/// The slices of a head of `size` channels.
llvm::SmallVector<HeadSlice> slicesOf(int64_t size);

/// A layer's place in the cache, as attend and append have it in their attributes.
struct CachePlace {
  mlir::Value offset; ///< of the layer's keys, bytes from the begin of a page
  int64_t group, heads, size, pageRows;
  mlir::Type stored; ///< f16, f32 or i8
};

template <typename Op> CachePlace cacheOf(Op op) {
  auto integer = [](uint64_t value) { return static_cast<int64_t>(value); };
  return {op.getOffset(),
          integer(op.getGroup()),
          integer(op.getHeads()),
          integer(op.getSize()),
          integer(op.getPageRows()),
          op.getCached().value_or(mlir::Float16Type::get(op.getContext()))};
}

/// Emits arithmetic and access to pages.
struct PageAccess : Emitter {
  CachePlace cache;

  using Body = llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)>;

  /// Calls `body` with every number of [begin, end); what it gives goes round.
  llvm::SmallVector<mlir::Value> loop(mlir::Value begin, mlir::Value end, mlir::ValueRange start,
                                      Body body) const;

  mlir::Type stored() const { return cache.stored; }
  bool codes() const { return stored().isInteger(); }

  Page pageOf(mlir::Value sequence, mlir::Value position) const;
};

} // namespace osscc::cpu
