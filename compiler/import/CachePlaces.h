// Where the keys and values of each layer go, or its state: into the cache group of its kind.
#pragma once

#include "compiler/import/ModelSpec.h"

namespace osscc {

/// A layer's place in the cache.
struct CachePlace {
  int64_t group = 0; ///< Groups are numbered in the order of their first layers.
  int64_t layer = 0; ///< Among the layers of the group.
  /// Positions that the layer sees, 0 if all: a window that the context never leaves is none.
  int64_t window = 0;
};

/// The place of every layer. Layers of equal heads and window share a group, and those of equal
/// states; one that reads the keys and values of another has that one's place.
llvm::SmallVector<CachePlace> placeCaches(const ModelSpec &spec);

} // namespace osscc
