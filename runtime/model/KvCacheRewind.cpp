// Going back in a text: from what rings and states still hold, from a copy, or from the beginning.
#include "runtime/model/KvCache.h"

#include <algorithm>
#include <ranges>

namespace osscc::rt {

/// The first position that a row at position `rows` sees.
int64_t KvCache::firstSeen(size_t group, int64_t rows) const {
  return std::max<int64_t>(rows - groups[group].window + 1, 0);
}

bool KvCache::hasStates() const {
  return std::ranges::any_of(
      groups, [](const OssccCacheGroup &group) { return group.kind == OSSCC_CACHE_STATE; });
}

/// Whether every ring holds what the next row sees, and every state stands for the rows before it.
bool KvCache::canResume(int64_t sequence, int64_t rows) const {
  for (size_t g = 0; g < groups.size(); ++g) {
    const Sequence &s = sequences[g][sequence];
    if ((isRing(g) && firstSeen(g, rows) < s.whole) || (isState(g) && s.length != rows))
      return false;
  }
  return true;
}

bool KvCache::canResume(const Copy &copy, int64_t rows) const {
  if (rows > copy.length)
    return false;
  for (size_t g = 0; g < groups.size(); ++g)
    if ((isRing(g) && firstSeen(g, rows) < copy.rings[g].begin) ||
        (isState(g) && rows != copy.length))
      return false;
  return true;
}

int64_t KvCache::resumable(int64_t sequence, int64_t rows) const {
  if (rows == 0 || canResume(sequence, rows))
    return rows;
  // A copy serves lengths a little below its own too: it was taken in whole pages.
  for (const Copy &copy : copies[sequence] | std::views::reverse)
    if (int64_t length = std::min(rows, copy.length); canResume(copy, length))
      return length;
  return 0;
}

int64_t KvCache::rewind(int64_t sequence, int64_t rows) {
  int64_t length = resumable(sequence, rows);
  std::vector<Copy> &kept = copies[sequence];
  if (!canResume(sequence, length) && length > 0) {
    auto copy = std::ranges::find_if(kept, [&](const Copy &c) { return canResume(c, length); });
    restore(*copy, sequence, length);
  }
  release(sequence, length);
  // What a copy holds of the text that stays is of use; the rest of it is another text's.
  std::erase_if(kept, [&](Copy &copy) {
    bool serves = canResume(copy, std::min(copy.length, length));
    copy.length = std::min(copy.length, length);
    if (!serves || length == 0)
      bytesInUse -= copy.bytes();
    return !serves || length == 0;
  });
  return length;
}

void KvCache::restore(const Copy &copy, int64_t sequence, int64_t rows) {
  for (size_t g = 0; g < groups.size(); ++g) {
    Sequence &s = sequences[g][sequence];
    if (isState(g)) {
      storage->copy(s.table.front(), copy.rings[g].pages.get(), copy.rings[g].bytes);
      continue;
    }
    // A ring that still holds what is needed keeps it, and all that lies before.
    if (!isRing(g) || firstSeen(g, rows) >= s.whole)
      continue;
    const RingCopy &ring = copy.rings[g];
    int64_t bytes = groups[g].bytes_per_page, page = ring.begin / groups[g].rows_per_page;
    for (int64_t at = 0; at < ring.bytes; at += bytes)
      storage->copy(s.table[size_t(page++) % s.table.size()], ring.pages.get() + at, bytes);
    s.whole = ring.begin;
  }
}

int64_t KvCache::Copy::bytes() const {
  int64_t sum = 0;
  for (const RingCopy &ring : rings)
    sum += ring.bytes;
  return sum;
}

/// Copies the pages from that of the first position which a row at position `rows` - 1 sees: of a
/// prompt that comes again the last token is computed again, for its logits.
/// \errors  as Storage::allocate.
Result<KvCache::RingCopy> KvCache::copyRing(size_t group, int64_t sequence, int64_t rows) const {
  const Sequence &s = sequences[group][sequence];
  int64_t pageRows = groups[group].rows_per_page, bytes = groups[group].bytes_per_page;
  int64_t begin = 0, end = 1;
  RingCopy copy;
  if (!isState(group)) {
    begin = std::max(firstSeen(group, rows - 1), s.whole) / pageRows;
    end = (rows + pageRows - 1) / pageRows;
    copy.begin = std::max(begin * pageRows, s.whole);
  }
  copy.bytes = std::max<int64_t>(end - begin, 0) * bytes;
  auto block = storage->allocate(copy.bytes, std::max<int64_t>(groups[group].align, 1));
  if (!block)
    return std::unexpected(std::move(block).error());
  copy.pages = std::move(*block);
  for (int64_t page = begin; page < end; ++page)
    storage->copy(copy.pages.get() + (page - begin) * bytes, s.table[size_t(page) % s.table.size()],
                  bytes);
  return copy;
}

/// Bytes of a copy of a group at most; INT64_MAX if it is more.
int64_t KvCache::copyBytes(size_t group) const {
  int64_t pages = isState(group)  ? 1
                  : isRing(group) ? pagesFor(groups[group], groups[group].window) + 2
                                  : 0;
  int64_t bytes = 0;
  return __builtin_mul_overflow(pages, groups[group].bytes_per_page, &bytes) ? INT64_MAX : bytes;
}

void KvCache::keep(int64_t sequence, int64_t rows) {
  int64_t bytes = 0;
  for (size_t g = 0; g < groups.size(); ++g)
    if (__builtin_add_overflow(bytes, copyBytes(g), &bytes))
      return;
  if (!hasStates() && bytes > kCopiedBytes)
    return;
  std::vector<Copy> &kept = copies[sequence];
  if (bytes == 0 || rows == 0 || (!kept.empty() && kept.back().length == rows) || !checkRoom(bytes))
    return;
  Copy copy{rows, {}};
  for (size_t g = 0; g < groups.size(); ++g) {
    auto ring = isRing(g) || isState(g) ? copyRing(g, sequence, rows) : RingCopy{};
    if (!ring)
      return; // a wish
    copy.rings.push_back(std::move(*ring));
  }
  bytesInUse += copy.bytes();
  kept.push_back(std::move(copy));
  auto sum = [&] {
    int64_t all = 0;
    for (const Copy &each : kept)
      all += each.bytes();
    return all;
  };
  // What was kept last may still be the way back when the next text is longer than it.
  int64_t most = hasStates() ? std::max(kCopiedBytes, 2 * kept.back().bytes()) : kCopiedBytes;
  while (sum() > most) {
    bytesInUse -= kept.front().bytes();
    kept.erase(kept.begin());
  }
}

} // namespace osscc::rt
