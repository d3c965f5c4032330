// How the cache of a model lies in pages, and what the runtime is told of it
// (docs/design/layout.md).
#pragma once

#include "dialects/llm/Llm.h"
#include "mlir/IR/BuiltinOps.h"

namespace osscc {

/// Positions of one page.
inline constexpr int64_t kPageRows = 64;

/// What --cache names: f16, f32 or int8.
mlir::Type cachedType(mlir::MLIRContext *context, llvm::StringRef name);

/// Bytes that one layer takes in a page: keys [heads][rows / 64][size][64], then values
/// [heads][rows][size], of `cached`; those of i8 are followed by a scale of f32 for each position
/// and head, of keys and of values.
int64_t layerBytes(llm::CacheType cache, mlir::Type cached);

/// Replaces `llm.config` and `llm.segment` by `abi.model`, `abi.cache_groups` and `abi.segment`:
/// what the ABI needs once the graph is gone.
void describeModel(mlir::ModuleOp module, mlir::Type cached);

} // namespace osscc
