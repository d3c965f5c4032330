// Access to the pages of the cache, in which a layer's keys and values lie as tile::PageLayout
// says.
#pragma once

#include "targets/cuda/Kernel.h"

#include "dialects/tile/PageLayout.h"

namespace osscc::cuda {

/// Positions whose keys lie together.
inline constexpr int64_t kPageStep = tile::kAttentionStep;

/// One layer's keys and values in the page of a position.
struct Page {
  const Emitter &emit;
  tile::CacheAttr cache;
  Number base;       ///< Of the layer in the page.
  Number head, slot; ///< The key-value head, and the position's place in the page.
  tile::PageLayout layout = tile::PageLayout(cache);

  mlir::Type stored() const { return cache.getStored(); }
  bool codes() const { return stored().isInteger(); }
  /// Where a channel's key, or value, lies; of latents both are the value's.
  Number key(const Operand &channel) const;
  Number value(const Operand &channel) const;
  Number keyScale() const;
  Number valueScale() const;
  /// What is stored at a place, as f32: a code without its scale.
  Number load(Number place) const;
  void store(Number value, Number place) const;

private:
  Number behind(int64_t bytes, mlir::Type element, Number at) const;
};

/// The page with number `index` of those that a sequence has in a cache group.
Number pagePointer(const Emitter &emitter, int64_t group, Number sequence, Number index);

/// The page of a position of a sequence. \param offset  of the layer, in bytes.
Page pageOf(const Emitter &emitter, tile::CacheAttr cache, Number offset, Number sequence,
            Number position, Number head);

} // namespace osscc::cuda
