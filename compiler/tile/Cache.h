// How the cache of a model lies in pages, and what the runtime is told of it
// (docs/design/layout.md).
#pragma once

#include "dialects/llm/Llm.h"
#include "mlir/IR/BuiltinOps.h"

namespace osscc {

/// Positions of one page.
inline constexpr int64_t kPageRows = 64;

/// Bytes that one layer takes in a page: keys [heads][rows / 64][size][64], then values
/// [heads][rows][size], in f16 or, where `wide`, f32.
inline int64_t layerBytes(llm::CacheType cache, bool wide) {
  return 2 * cache.getHeads() * cache.getSize() * kPageRows * (wide ? 4 : 2);
}

/// Replaces `llm.config` and `llm.segment` by `abi.model`, `abi.cache_groups` and `abi.segment`:
/// what the ABI needs once the graph is gone.
void describeModel(mlir::ModuleOp module, bool wideCache);

} // namespace osscc
