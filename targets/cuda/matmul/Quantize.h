// Rows as codes of 8 bits, as `quantize_rows` defines their records; how the words of a row lie is
// the device's own: codes first, so that they are loaded 16 bytes at a time.
#pragma once

#include "targets/cuda/Kernel.h"

namespace osscc::cuda {

/// The words of a row.
///
///   codes [groups][planes][8]   then of each group: scale, sum, offset, and with halves
///                               sums [2], offsets [2]; each [groups]
struct RecordLayout {
  int64_t planes, groups;
  bool halves;

  /// Of rows of `words` words that stand for `channels` channels.
  static RecordLayout of(int64_t words, int64_t channels, int64_t planes);

  enum Tail : int64_t { Scale, Sum, Offset, SumOfHalf, OffsetOfHalf = SumOfHalf + 2 };
  Number codes(Number group, int64_t plane) const;
  Number tail(Number group, int64_t which) const;
};

/// Writes the record of a group of 32 channels, one a thread of a warp: `value` is the channel's,
/// 0 where there is none.
void emitRecord(const Emitter &emitter, const RecordLayout &layout, const Rows &to, Number row,
                Number group, Number lane, Number value);

} // namespace osscc::cuda
