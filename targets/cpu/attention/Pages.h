// Access to the pages of the cache, in which a layer's keys and values lie as tile::PageLayout
// says, for attend and append, which describe the cache alike.
#pragma once

#include "targets/cpu/Emitter.h"

#include "dialects/tile/PageLayout.h"

namespace osscc::cpu {

/// Positions whose keys lie together, a step of online softmax.
inline constexpr int64_t kPageStep = tile::kAttentionStep;
/// Positions of one vector of keys.
inline constexpr int64_t kKeyLanes = tile::kSumLanes;

/// The keys and values of one layer in the page that holds a position.
struct Page {
  mlir::Value keys, values;           ///< of latents the rows are `values`
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
  tile::CacheAttr layout;
  int64_t heads, size;
};

template <typename Op> CachePlace cacheOf(Op op) {
  tile::CacheAttr layout = op.getCache();
  return {op.getOffset(), layout, layout.getHeads(), layout.getSize()};
}

/// Emits arithmetic and access to pages.
struct PageAccess : Emitter {
  CachePlace cache;

  using Body = llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)>;

  /// Calls `body` with every number of [begin, end); what it gives goes round.
  llvm::SmallVector<mlir::Value> loop(mlir::Value begin, mlir::Value end, mlir::ValueRange start,
                                      Body body) const;

  mlir::Type stored() const { return cache.layout.getStored(); }
  bool codes() const { return stored().isInteger(); }

  /// The place of a position in its page.
  mlir::Value slotOf(mlir::Value position) const { return rem(position, cache.layout.getRows()); }

  Page pageOf(mlir::Value sequence, mlir::Value position) const;
};

} // namespace osscc::cpu
