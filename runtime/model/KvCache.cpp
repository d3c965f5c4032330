#include "runtime/model/KvCache.h"

#include "runtime/base/AlignedBuffer.h"

#include <fmt/format.h>

#include <algorithm>

namespace osscc::rt {
namespace {

/// Bytes of a slab at least, unless the whole context takes fewer.
constexpr int64_t kSlabBytes = 8 * AlignedBuffer::kHugePage;

/// Bytes from one page of a slab to the next; pages that large fail to be allocated.
int64_t strideOf(const OssccCacheGroup &group) {
  int64_t align = std::max<int64_t>(group.align, 1), stride = 0;
  if (__builtin_add_overflow(group.bytes_per_page, align - 1, &stride))
    return INT64_MAX;
  return stride & -align;
}

size_t pagesOfSlab(const OssccCacheGroup &group) {
  return size_t(std::max<int64_t>(kSlabBytes / std::max<int64_t>(strideOf(group), 1), 1));
}

} // namespace

KvCache::KvCache(std::span<const OssccCacheGroup> groups, int64_t context, int64_t maxRows,
                 AskMemory memory, Storage &storage)
    : groups(groups), context(context), maxRows(maxRows), memory(std::move(memory)),
      storage(&storage), sequences(groups.size()), pageTables(groups.size()),
      groupTables(groups.size()) {}

int64_t KvCache::pagesFor(const OssccCacheGroup &group, int64_t rows) const {
  if (group.kind == OSSCC_CACHE_STATE)
    return std::min<int64_t>(rows, 1);
  int64_t pages = (rows + group.rows_per_page - 1) / group.rows_per_page;
  if (group.kind == OSSCC_CACHE_WINDOW)
    pages = std::min(pages, osscc_ring_pages(group.window, maxRows, group.rows_per_page));
  return pages;
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
  copies.emplace_back();
  return int64_t(copies.size()) - 1;
}

/// Bytes of a sequence's slab of that number; the last one holds what the context still needs.
int64_t KvCache::slabBytes(const OssccCacheGroup &group, const Sequence &sequence, size_t slab) {
  size_t inSlab = pagesOfSlab(group), left = sequence.table.size() - slab * inSlab, bytes = 0;
  if (__builtin_mul_overflow(std::min(inSlab, left), size_t(strideOf(group)), &bytes))
    return INT64_MAX;
  return int64_t(std::min<size_t>(bytes, INT64_MAX));
}

int64_t KvCache::missingBytes(int64_t sequence, int64_t rows) const {
  int64_t sum = 0;
  for (size_t g = 0; g < groups.size(); ++g) {
    const Sequence &s = sequences[g][sequence];
    size_t inSlab = pagesOfSlab(groups[g]),
           pages = size_t(pagesFor(groups[g], std::min(rows, context)));
    for (size_t slab = s.slabs.size(); slab * inSlab < pages; ++slab)
      if (__builtin_add_overflow(sum, slabBytes(groups[g], s, slab), &sum))
        return INT64_MAX;
  }
  return sum;
}

Status KvCache::checkRoom(int64_t bytes) const {
  // The rest of the process takes memory too, until the next look.
  constexpr int64_t kOthers = int64_t(8) << 20;
  std::optional<int64_t> available = bytes > 0 && memory ? memory() : std::nullopt;
  if (!available || bytes <= *available - std::min(bytes / 2, kOthers))
    return {};
  return fail(Code::kOutOfMemory,
              fmt::format("{}: {:.1f} MB are needed to hold more of the text, {:.1f} MB are "
                          "available",
                          storage->name(), double(bytes) / 1e6, double(*available) / 1e6),
              "give a shorter text, or close other programs");
}

Status KvCache::addSlab(const OssccCacheGroup &group, Sequence &sequence) const {
  int64_t bytes = slabBytes(group, sequence, sequence.slabs.size());
  OSSCC_RETURN_IF_ERROR(checkRoom(bytes));
  auto slab = storage->allocate(bytes, group.align);
  if (!slab)
    return std::unexpected(std::move(slab).error());
  sequence.slabs.push_back(std::move(*slab));
  return {};
}

Status KvCache::reserve(int64_t sequence, int64_t rows) {
  for (size_t g = 0; g < groups.size(); ++g) {
    Sequence &s = sequences[g][sequence];
    auto pages = size_t(pagesFor(groups[g], std::min(rows, context)));
    size_t inSlab = pagesOfSlab(groups[g]);
    if (isRing(g)) // before the call, so that one that is cancelled has taken its places too
      s.whole = std::max(s.whole, rows - int64_t(s.table.size()) * groups[g].rows_per_page);
    s.length = rows; // likewise
    while (s.pages < pages) {
      if (s.pages == s.slabs.size() * inSlab)
        OSSCC_RETURN_IF_ERROR(addSlab(groups[g], s));
      uint8_t *page = s.slabs.back().get() + s.pages % inSlab * strideOf(groups[g]);
      storage->zero(page, groups[g].bytes_per_page);
      s.table[s.pages++] = page;
      bytesInUse += groups[g].bytes_per_page;
    }
  }
  return {};
}

/// Gives back the pages that positions from `rows` on would need; of a ring that has come round all
/// are in use.
void KvCache::release(int64_t sequence, int64_t rows) {
  for (size_t g = 0; g < groups.size(); ++g) {
    Sequence &s = sequences[g][sequence];
    s.length = rows;
    if (rows == 0)
      s.whole = 0;
    if (s.whole > 0)
      continue;
    auto keep = size_t(pagesFor(groups[g], rows));
    size_t inSlab = pagesOfSlab(groups[g]);
    while (s.pages > keep) {
      s.table[--s.pages] = nullptr;
      bytesInUse -= groups[g].bytes_per_page;
    }
    s.slabs.resize((s.pages + inSlab - 1) / inSlab);
    s.published = std::min(s.published, s.pages);
  }
}

} // namespace osscc::rt
