// The numbers of a CPU that were measured, in one place: kernels and passes of any CPU ask here.
#pragma once

#include <cstdint>

namespace osscc::cpu {

/// What decides the speed of a CPU's kernels, never a result. A target fills it.
struct Tuning {
  // Where the workers of a call meet.
  int64_t ownChannels;    ///< Of a row, up to which computing it takes less time than meeting.
  int64_t headStartBytes; ///< Of weights that a worker asks for before it waits for the others.
  int64_t headStartRows;  ///< Of a call, up to which memory is the limit, so that they count.

  // Attention.
  int64_t cutRows;        ///< Of a call, up to which spans of the past are spread over the workers.
  int64_t partialRecords; ///< There is room for, at least, in which the workers leave those spans.
  int64_t headsTogether;  ///< Query heads whose scores are in registers at a time, at most.
  int64_t outputVectors;  ///< Of 16 lanes that their outputs take in registers, at most.

  // Products of weights in blocks, where a group is 32 channels.
  int64_t groupsOfTurn;   ///< Of a stream at a time, of few rows. Longer turns leave the other
                          ///< streams waiting, shorter ones load and store the sums more often.
  int64_t groupsAhead[2]; ///< Prefetched for few rows, into the first- and the second-level cache.
  int64_t narrowGroupsAhead; ///< Prefetched for one row in registers of 8 lanes or fewer.
  int64_t shortGroupsAhead;  ///< Prefetched for one row in two planes over 4-bit codes, of a weight
  int64_t shortBytes;        ///< of at most so many bytes.

  // Products of any weights.
  bool partsApart = false; ///< Of many rows: gate, then up, so that each has all registers.
};

} // namespace osscc::cpu
