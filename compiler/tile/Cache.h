// How the cache of a model lies in pages, and what the runtime is told of it
// (docs/design/layout.md).
#pragma once

#include "dialects/llm/Recurrence.h"
#include "dialects/tile/Recurrence.h"
#include "mlir/IR/BuiltinOps.h"

namespace osscc {

/// Positions of one page.
inline constexpr int64_t kPageRows = 64;

/// What --cache names: f16, f32 or int8.
mlir::Type cachedType(mlir::MLIRContext *context, llvm::StringRef name);

/// What all cache groups of a module have in common.
struct CacheSettings {
  mlir::Type stored; ///< f16, f32 or i8
  int64_t maxRows;   ///< Rows of one call at most.

  /// The settings of `module`, which has its llm.config still; one without takes a row a call.
  static CacheSettings of(mlir::ModuleOp module, mlir::Type stored);

  /// How the group lies: in pages of kPageRows positions, and with a window in a ring of them.
  tile::CacheAttr layoutOf(llm::CacheType cache) const;
  /// How the states of a group lie, in f32 whatever is cached.
  static tile::StateAttr layoutOf(llm::StateType state);
};

/// Replaces `llm.config` and `llm.segment` by `abi.model`, `abi.cache_groups` and `abi.segment`:
/// what the ABI needs once the graph is gone.
void describeModel(mlir::ModuleOp module, const CacheSettings &settings);

} // namespace osscc
