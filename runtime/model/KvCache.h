// The pages in which the kernels keep keys and values. A page is opaque bytes here: this file
// decides only how many a sequence has, and where they lie.
//
//   tables()[group][sequence][page]     page = position / rows_per_page
//
// Pages are taken when the first row needs them, so memory follows the text and not the context.
// They are cut from slabs of some MiB, on huge pages where the kernel gives them: attention reads
// all of the past, and would miss the TLB at every 4 KiB.
#pragma once

#include "runtime/abi/Abi.h"
#include "runtime/base/AlignedBuffer.h"
#include "runtime/device/Memory.h"

#include <span>
#include <vector>

namespace osscc::rt {

class KvCache {
public:
  /// \param groups   of the model; must outlive the cache.
  /// \param context  positions of a sequence at most.
  /// \param maxRows  rows of one call at most: a window's ring holds window + maxRows - 1
  /// positions.
  /// \param memory   asked before each slab: what is taken beyond it, the system grants, and ends
  /// the process when it is touched.
  KvCache(std::span<const OssccCacheGroup> groups, int64_t context, int64_t maxRows,
          AskMemory memory = {});

  /// Adds an empty sequence and returns its index. Invalidates tables().
  int64_t addSequence();

  /// Bytes of the slabs that are still to be taken before positions 0 .. rows - 1 of `sequence`
  /// have pages; INT64_MAX if it is more.
  int64_t missingBytes(int64_t sequence, int64_t rows) const;

  /// \errors  kOutOfMemory naming both numbers where so many bytes are not available.
  Status checkRoom(int64_t bytes) const;

  /// Makes sure that positions 0 .. rows - 1 of `sequence` have pages; new ones are zeroed.
  ///
  /// \errors  kOutOfMemory: pages that were taken before it stay.
  Status reserve(int64_t sequence, int64_t rows);

  /// Gives back the pages of `sequence` that positions from `rows` on would need.
  void release(int64_t sequence, int64_t rows);

  /// As OssccCall.caches wants it. Pages that are not reserved are null.
  uint8_t *const *const *const *tables() const { return groupTables.data(); }

  /// Bytes of the pages that a sequence of `rows` positions needs; INT64_MAX if it is more.
  int64_t bytesFor(int64_t rows) const;

  /// Bytes of all pages in use.
  int64_t bytes() const { return bytesInUse; }

private:
  int64_t pagesFor(const OssccCacheGroup &group, int64_t rows) const;

  /// The pages of one group of one sequence: the first `pages` of its slabs. The table has its full
  /// length from the start, so it never moves.
  struct Sequence {
    size_t pages = 0;
    std::vector<AlignedBuffer> slabs;
    std::vector<uint8_t *> table;
  };

  static int64_t slabBytes(const OssccCacheGroup &group, const Sequence &sequence, size_t slab);
  Status addSlab(const OssccCacheGroup &group, Sequence &sequence) const;

  std::span<const OssccCacheGroup> groups;
  int64_t context;
  int64_t maxRows;
  AskMemory memory;
  int64_t bytesInUse = 0;
  int64_t sequenceCount = 0;
  std::vector<std::vector<Sequence>> sequences;          // [group][sequence]
  std::vector<std::vector<uint8_t *const *>> pageTables; // [group][sequence]
  std::vector<uint8_t *const *const *> groupTables;      // [group]
};

} // namespace osscc::rt
