// What attention makes of a span of a row's past, for the query heads of a block.
#pragma once

#include "targets/cuda/attention/Pages.h"
#include "targets/cuda/attention/Rope.h"

namespace osscc::cuda {

/// Positions of a span, aligned to the absolute position: a part of the numbers. A thread has the
/// score of one.
inline constexpr int64_t kSpan = 256;

/// Query heads of a block: those that share a key-value head, or fewer where many do.
int64_t headsOfBlock(tile::AttendOp op);
/// Blocks of a row.
int64_t blocksOfRow(tile::AttendOp op);
/// Spans of a row's past at most. \param positions  of the model.
int64_t spansOf(tile::AttendOp op, int64_t positions);

/// Sums over positions of the heads of a block; each of the vectors has an element a head.
struct Sums {
  Emitter::Numbers maxima, totals; ///< Equal in all threads.
  Emitter::Numbers outputs;        ///< [chunks][heads]: of the thread's channels.
};

/// The emitter of a block of kSpan threads.
struct AttendBlock {
  Kernel &k;
  tile::AttendOp op;
  Rows q;
  std::optional<Rows> rest; ///< Of latents.
  Number row, block, offset;
  Number position, sequence, first; ///< The row's own, and the first that it sees.
  std::optional<Rotation> rotation;
  Number queries; ///< Shared: [channels][heads].
  Number weights; ///< Shared: [kSpan][heads].
  Number folded;  ///< Shared: [warps][heads].
  Number joined;  ///< Shared: [kSpan][heads]; null where a thread has all positions of a channel.

  static AttendBlock in(Kernel &kernel, tile::AttendOp op);

  tile::CacheAttr cache() { return op.getCache(); }
  int64_t heads() { return headsOfBlock(op); }
  /// Channels of an output, and how many of them a thread has.
  int64_t size() { return cache().valueSize(); }
  int64_t chunks() { return llvm::divideCeil(size(), kSpan); }
  /// In how many parts the positions of a span are weighed.
  int64_t parts();
  Number head(); ///< The key-value head.

  Number firstSpan() { return first / kSpan; }
  Number lastSpan() { return position / kSpan; }
  /// Puts the block's queries into shared memory.
  void loadQueries();
  /// What becomes of span `span`, of whose positions some are visible.
  Sums emitSpan(Number span);
  /// The channel of chunk `chunk` that a thread has outputs of, and whether it has.
  Number channelOf(int64_t chunk);
  Number hasChannel(int64_t chunk);

private:
  Number scoreFactor();
  Emitter::Numbers scores(Number position);
  /// A number of each head over the threads of the block.
  Emitter::Numbers fold(llvm::ArrayRef<Number> values, bool maximum);
  void loadPair(Number head, Number pair);
  Emitter::Numbers weigh(Number span);
};

} // namespace osscc::cuda
