// How the cache of a model lies in pages, and what the runtime is told of it
// (docs/design/layout.md).
#pragma once

#include "dialects/llm/Llm.h"
#include "mlir/IR/BuiltinOps.h"

namespace osscc {

/// Positions of one page.
inline constexpr int64_t kPageRows = 64;

/// Bytes that one layer takes in a page: f32 keys [heads][rows / 16][size][16], then f32 values
/// [heads][rows][size].
inline int64_t layerBytes(llm::CacheType cache) {
  return 2 * cache.getHeads() * cache.getSize() * kPageRows * static_cast<int64_t>(sizeof(float));
}

/// Replaces `llm.config` and `llm.segment` by `abi.model`, `abi.cache_groups` and `abi.segment`:
/// what the ABI needs once the graph is gone.
void describeModel(mlir::ModuleOp module);

} // namespace osscc
