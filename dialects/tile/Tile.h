// The tile dialect in C++: kernels and their blocks as TileDialect.td, TileKernels.td and
// TileBlocks.td define them.
#pragma once

#include "dialects/pack/Pack.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/tile/TileDialectEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/tile/TileDialectAttrs.h.inc"

#include "dialects/tile/TileDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/tile/TileOps.h.inc"

namespace osscc::tile {

/// The logical [rows, channels] of a packed weight; for a memref of tiles its rows and channels are
/// padded to whole tiles.
llvm::SmallVector<int64_t> packedShape(mlir::Type packed);

/// Words of one record of `quantize_rows`, of 32 channels: codes, scale, sum, offset; with `halves`
/// also a sum and an offset of each 16 channels, for weights in groups of 16.
constexpr int64_t codeWords(int64_t planes) {
  return planes * pack::kRecordChannels / 4;
}
constexpr int64_t recordWords(int64_t planes, bool halves = false) {
  return codeWords(planes) + (halves ? 7 : 3);
}

/// Times the sum of a group's codes, the last word of its record, negated.
inline constexpr int64_t kOffset = 128;

/// Rows whose records lie together where they are `interleaved`.
inline constexpr int64_t kInterleavedRows = 16;

/// Records of a row of `channels` channels.
int64_t recordsOfRow(int64_t channels);

/// Words of a row of `channels` channels, in whole records.
int64_t wordsOfRow(int64_t channels, int64_t planes, bool halves = false);

/// Words a row of a plan for `top` experts of each row (`route`).
constexpr int64_t planWords(int64_t top) {
  return 5 * top + 1;
}

/// Whether rows of words have the width of a plan.
bool isPlan(mlir::Value plan);

/// The experts of each row in a plan.
int64_t chosenOf(mlir::Value plan);

/// Rows of a call that are few: sequences that decode together, speculation, short prompts. Memory
/// is their limit as much as arithmetic.
inline constexpr int64_t kFewRows = 32;

/// Positions that online softmax takes at a time, aligned to the absolute position: a part of the
/// numerics contract.
inline constexpr int64_t kAttentionStep = 64;

/// Positions of a span, into which the past of a row is cut, whether one worker reads it or
/// several, so that a row's numbers do not depend on their number.
inline constexpr int64_t kAttentionSpan = 512;

/// Lanes in which sums over a row and over positions run, on every machine: a part of the numerics
/// contract.
inline constexpr int64_t kSumLanes = 16;

/// Query heads that a block of attention takes of the `share` that have a key-value head in common:
/// all of them, or over latents, where many have one, a few.
int64_t headsOfBlock(CacheAttr cache, int64_t share);

/// Floats of a head of `size` channels in a partial record: outputs [size], running sums [16] and
/// running maximum [16], all lanes of it equal.
constexpr int64_t partialFloats(int64_t size) {
  return size + 2 * kSumLanes;
}

/// Teaches one-shot-bufferize every kernel-level op.
void registerBufferizableOpInterfaceModels(mlir::DialectRegistry &registry);

} // namespace osscc::tile
