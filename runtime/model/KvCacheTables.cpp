// The tables of pages as kernels follow them. A host's are the cache's own vectors; a device has
// copies in its memory, which are renewed where they differ:
//
//   deviceGroupTables [group] -> devicePageTables[group] [sequence] -> deviceTable [page] -> page
#include "runtime/model/KvCache.h"

#include <algorithm>

namespace osscc::rt {

static constexpr int64_t kPointer = sizeof(uint8_t *);

uint8_t *const *const *const *KvCache::tables() const {
  if (storage->isHost())
    return groupTables.data();
  return reinterpret_cast<uint8_t *const *const *const *>(deviceGroupTables.get());
}

Status KvCache::publish() {
  if (storage->isHost())
    return {};
  for (std::vector<Sequence> &group : sequences)
    for (Sequence &sequence : group)
      OSSCC_RETURN_IF_ERROR(publishTable(sequence));
  int64_t count = int64_t(copies.size());
  if (deviceRoom < count)
    OSSCC_RETURN_IF_ERROR(growGroupTables(count));
  for (size_t g = 0; devicePublished < count && g < groups.size(); ++g) {
    std::vector<const uint8_t *> added;
    for (int64_t s = devicePublished; s < count; ++s)
      added.push_back(sequences[g][s].deviceTable.get());
    storage->write(devicePageTables[g].get() + devicePublished * kPointer, added.data(),
                   int64_t(added.size()) * kPointer);
  }
  devicePublished = count;
  return {};
}

/// Writes the addresses of pages that are new. A table has its full length from the start, so it
/// stays where it is.
Status KvCache::publishTable(Sequence &sequence) {
  if (!sequence.deviceTable) {
    auto block = storage->allocate(int64_t(sequence.table.size()) * kPointer, kPointer);
    if (!block)
      return std::unexpected(std::move(block).error());
    sequence.deviceTable = std::move(*block);
  }
  int64_t from = int64_t(sequence.published), count = int64_t(sequence.pages) - from;
  if (count > 0)
    storage->write(sequence.deviceTable.get() + from * kPointer, &sequence.table[size_t(from)],
                   count * kPointer);
  sequence.published = sequence.pages;
  return {};
}

/// Makes room for `count` sequences at least, and for twice as many as before. None is written yet.
Status KvCache::growGroupTables(int64_t count) {
  constexpr int64_t kLeastRoom = 8;
  int64_t room = std::max({kLeastRoom, count, 2 * deviceRoom});
  std::vector<Storage::Block> tables;
  std::vector<const uint8_t *> addresses;
  for (size_t g = 0; g < groups.size(); ++g) {
    auto block = storage->allocate(room * kPointer, kPointer);
    if (!block)
      return std::unexpected(std::move(block).error());
    addresses.push_back(block->get());
    tables.push_back(std::move(*block));
  }
  auto top = storage->allocate(int64_t(addresses.size()) * kPointer, kPointer);
  if (!top)
    return std::unexpected(std::move(top).error());
  storage->write(top->get(), addresses.data(), int64_t(addresses.size()) * kPointer);
  devicePageTables = std::move(tables);
  deviceGroupTables = std::move(*top);
  deviceRoom = room;
  devicePublished = 0;
  return {};
}

} // namespace osscc::rt
