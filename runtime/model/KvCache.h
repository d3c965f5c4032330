// The pages in which the kernels keep keys and values. A page is opaque bytes here: this file
// decides only how many a sequence has, and where they lie.
//
//   tables()[group][sequence][page]     page = position / rows_per_page, of a window's ring % pages
//
// A ring forgets: what is written later takes the place of what lies a ring before it. The cache
// knows from which position on each ring is whole, and so to which lengths a sequence can go back.
// Copies of a ring's last window, taken at the end of a prompt, bring back what it has lost.
//
// A state, page 0 alone, has no positions: a call changes it in place, and it stands for the whole
// text, no beginning of it. A sequence goes back by a copy of the state at exactly that length, or
// to position 0, where a state is zeros.
//
// Pages are taken when the first row needs them, so memory follows the text and not the context.
// They are cut from slabs of some MiB, on huge pages where the kernel gives them: attention reads
// all of the past, and would miss the TLB at every 4 KiB.
#pragma once

#include "runtime/abi/Abi.h"
#include "runtime/device/Memory.h"
#include "runtime/device/Storage.h"

#include <span>
#include <vector>

namespace osscc::rt {

class KvCache {
public:
  /// \param groups   of the model; must outlive the cache.
  /// \param context  positions of a sequence at most.
  /// \param maxRows  rows of one call at most, as the rings were compiled for (osscc_ring_pages).
  /// \param memory   asked before each slab: what is taken beyond it, the system grants, and ends
  /// the process when it is touched.
  /// \param storage  where the pages lie; must outlive the cache.
  KvCache(std::span<const OssccCacheGroup> groups, int64_t context, int64_t maxRows,
          AskMemory memory = {}, Storage &storage = hostStorage());

  /// Adds an empty sequence and returns its index. Invalidates tables().
  int64_t addSequence();

  /// Bytes of the slabs that are still to be taken before positions 0 .. rows - 1 of `sequence`
  /// have pages; INT64_MAX if it is more.
  int64_t missingBytes(int64_t sequence, int64_t rows) const;

  /// \errors  kOutOfMemory naming both numbers where so many bytes are not available.
  Status checkRoom(int64_t bytes) const;

  /// Makes sure that positions 0 .. rows - 1 of `sequence` have pages; new ones are zeroed. Those
  /// from the text's end on are about to be written, which takes the place of the oldest in rings.
  ///
  /// \errors  kOutOfMemory: pages that were taken before it stay.
  Status reserve(int64_t sequence, int64_t rows);

  /// The longest text, of at most the first `rows` positions of `sequence`, behind which every
  /// group can go on with all that its layers see: `rows`, or the length of a copy, or 0.
  int64_t resumable(int64_t sequence, int64_t rows) const;

  /// Cuts `sequence` to the first resumable(sequence, rows) positions, which it returns. Gives back
  /// the pages that they do not need; what a ring has lost of them comes from its copy.
  int64_t rewind(int64_t sequence, int64_t rows);

  /// Whether every group can go on behind position `rows`, the end of the text, as it is: not after
  /// a call that was cancelled with a state half changed.
  bool canResume(int64_t sequence, int64_t rows) const;

  /// Copies what the rings of `sequence` hold of the last window before position `rows`, the end of
  /// its text, and its states, so that it can be cut there again. Copies take kCopiedBytes at most,
  /// or as much as two of a sequence with states, the oldest go first; a window that is larger, or
  /// for which there is no memory, is not copied.
  void keep(int64_t sequence, int64_t rows);

  /// Bytes of all copies of one sequence at most.
  static constexpr int64_t kCopiedBytes = int64_t(64) << 20;

  /// Whether a sequence can go back to a few lengths alone, those that were kept.
  bool hasStates() const;

  /// Writes to the storage what tables() of a device lacks of the pages reserved by now. On a host
  /// there is nothing to do.
  /// \errors  as Storage::allocate.
  Status publish();

  /// As OssccCall.caches wants it: an address of the storage. Pages that are not reserved are null
  /// on a host; on a device nothing is said of them, and it counts from publish() on.
  uint8_t *const *const *const *tables() const;

  /// Bytes of the pages that a sequence of `rows` positions needs; INT64_MAX if it is more.
  int64_t bytesFor(int64_t rows) const;

  /// Bytes of all pages in use and of all copies.
  int64_t bytes() const { return bytesInUse; }

private:
  int64_t pagesFor(const OssccCacheGroup &group, int64_t rows) const;

  /// The pages of one group of one sequence: the first `pages` of its slabs. The table has its full
  /// length from the start, so it never moves.
  struct Sequence {
    size_t pages = 0;
    std::vector<Storage::Block> slabs;
    std::vector<uint8_t *> table;
    Storage::Block deviceTable; ///< a copy of `table`, of which the first `published` are written
    size_t published = 0;
    int64_t whole = 0;  ///< a ring holds every position of the text from here on
    int64_t length = 0; ///< of the text for which a state stands, once the call has succeeded
  };

  /// The pages of a ring that hold positions `begin` to the copy's length, one after the other, or
  /// a state.
  struct RingCopy {
    int64_t begin = 0;
    int64_t bytes = 0;
    Storage::Block pages;
  };
  /// Of one sequence: its first `length` positions, and a copy for each group, empty if it is full.
  /// One with states serves that length alone.
  struct Copy {
    int64_t length = 0;
    std::vector<RingCopy> rings;
    int64_t bytes() const;
  };

  static int64_t slabBytes(const OssccCacheGroup &group, const Sequence &sequence, size_t slab);
  Status addSlab(const OssccCacheGroup &group, Sequence &sequence) const;
  Status publishTable(Sequence &sequence);
  Status growGroupTables(int64_t count);
  bool isRing(size_t group) const { return groups[group].kind == OSSCC_CACHE_WINDOW; }
  bool isState(size_t group) const { return groups[group].kind == OSSCC_CACHE_STATE; }
  int64_t firstSeen(size_t group, int64_t rows) const;
  bool canResume(const Copy &copy, int64_t rows) const;
  void restore(const Copy &copy, int64_t sequence, int64_t rows);
  void release(int64_t sequence, int64_t rows);
  Result<RingCopy> copyRing(size_t group, int64_t sequence, int64_t rows) const;
  int64_t copyBytes(size_t group) const;

  std::span<const OssccCacheGroup> groups;
  int64_t context;
  int64_t maxRows;
  AskMemory memory;
  Storage *storage;
  int64_t bytesInUse = 0;
  std::vector<std::vector<Sequence>> sequences;          // [group][sequence]
  std::vector<std::vector<Copy>> copies;                 // [sequence], by rising length
  std::vector<std::vector<uint8_t *const *>> pageTables; // [group][sequence]
  std::vector<uint8_t *const *const *> groupTables;      // [group]
  // On a device the same, but with room for more sequences than there are:
  int64_t deviceRoom = 0, devicePublished = 0;
  std::vector<Storage::Block> devicePageTables; // [group]
  Storage::Block deviceGroupTables;
};

} // namespace osscc::rt
