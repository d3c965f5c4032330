// Byte-pair merging of one piece: of all adjacent pairs the one of the lowest rank merges first,
// the leftmost of equals, until no pair is in the table.
#pragma once

#include "runtime/bundle/Tokenizer_generated.h"

#include <cstdint>
#include <span>
#include <vector>

namespace osscc::rt {

/// The merges of a vocabulary, in rank order, with their hash (Tokenizer.fbs). Bounds are checked
/// by Tokenizer::load.
struct MergeTable {
  std::span<const bundle::Merge> merges;
  std::span<const uint32_t> slots; ///< At least one is kNoEntry.

  /// Rank of the pair; kNoEntry if it does not merge.
  uint32_t rank(uint32_t left, uint32_t right) const;
};

/// Merges `ids`, the bytes of one piece as tokens, in place, from `first` to the end.
/// Cost: n log n in the number of ids.
void mergeBytePairs(const MergeTable &table, std::vector<int32_t> &ids, size_t first);

} // namespace osscc::rt
