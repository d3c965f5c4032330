#include "runtime/model/KvCache.h"

#include <algorithm>

namespace osscc::rt {

KvCache::KvCache(std::span<const OssccCacheGroup> groups, int64_t context, int64_t maxRows)
    : groups(groups), context(context), maxRows(maxRows), sequences(groups.size()),
      pageTables(groups.size()), groupTables(groups.size()) {}

int64_t KvCache::pagesFor(const OssccCacheGroup &group, int64_t rows) const {
  if (group.kind == OSSCC_CACHE_STATE)
    return 1;
  if (group.kind == OSSCC_CACHE_WINDOW)
    rows = std::min(rows, group.window + maxRows - 1);
  return (rows + group.rows_per_page - 1) / group.rows_per_page;
}

int64_t KvCache::bytesFor(int64_t rows) const {
  int64_t sum = 0, bytes = 0;
  for (const OssccCacheGroup &group : groups)
    if (__builtin_mul_overflow(pagesFor(group, rows), group.bytes_per_page, &bytes) ||
        __builtin_add_overflow(sum, bytes, &sum))
      return INT64_MAX;
  return sum;
}

int64_t KvCache::addSequence() {
  for (size_t g = 0; g < groups.size(); ++g) {
    Sequence sequence;
    sequence.table.assign(pagesFor(groups[g], context), nullptr);
    sequences[g].push_back(std::move(sequence));
    pageTables[g].push_back(sequences[g].back().table.data());
    groupTables[g] = pageTables[g].data();
  }
  ++sequenceCount;
  return sequenceCount - 1;
}

Status KvCache::reserve(int64_t sequence, int64_t rows) {
  for (size_t g = 0; g < groups.size(); ++g) {
    Sequence &s = sequences[g][sequence];
    auto pages = size_t(pagesFor(groups[g], std::min(rows, context)));
    while (s.pages.size() < pages) {
      auto page = AlignedBuffer::allocate(groups[g].bytes_per_page, groups[g].align, true);
      if (!page)
        return std::unexpected(std::move(page).error());
      s.table[s.pages.size()] = page->data();
      s.pages.push_back(std::move(*page));
      bytesInUse += groups[g].bytes_per_page;
    }
  }
  return {};
}

void KvCache::release(int64_t sequence, int64_t rows) {
  for (size_t g = 0; g < groups.size(); ++g) {
    Sequence &s = sequences[g][sequence];
    auto keep = rows == 0 ? 0 : size_t(pagesFor(groups[g], rows));
    while (s.pages.size() > keep) {
      s.pages.pop_back();
      s.table[s.pages.size()] = nullptr;
      bytesInUse -= groups[g].bytes_per_page;
    }
  }
}

} // namespace osscc::rt
