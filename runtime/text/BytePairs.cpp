// Two ways to the same result: short pieces, which nearly all are, keep the ranks of their pairs in
// an array and look for the smallest; long ones keep candidates in a heap over a linked list, so
// that 10 MB of one letter stay cheap.
#include "runtime/text/BytePairs.h"

#include "runtime/bundle/TokenizerHash.h"

#include <algorithm>
#include <array>
#include <functional>
#include <queue>

namespace osscc::rt {
namespace {

using bundle::kNoEntry;

constexpr size_t kShort = 48; // ids; measured: beyond this the heap is faster

void mergeShort(const MergeTable &table, std::vector<int32_t> &ids, size_t first) {
  size_t count = ids.size() - first;
  int32_t *id = ids.data() + first;
  std::array<uint32_t, kShort> ranks; // ranks[i]: of id[i] with id[i + 1]
  for (size_t i = 0; i + 1 < count; ++i)
    ranks[i] = table.rank(uint32_t(id[i]), uint32_t(id[i + 1]));
  while (count > 1) {
    auto best = std::min_element(ranks.begin(), ranks.begin() + (count - 1));
    if (*best == kNoEntry)
      break;
    size_t i = size_t(best - ranks.begin());
    id[i] = int32_t(table.merges[*best].id());
    std::copy(id + i + 2, id + count, id + i + 1);
    std::copy(ranks.begin() + i + 1, ranks.begin() + (count - 1), ranks.begin() + i);
    --count;
    if (i > 0)
      ranks[i - 1] = table.rank(uint32_t(id[i - 1]), uint32_t(id[i]));
    if (i + 1 < count)
      ranks[i] = table.rank(uint32_t(id[i]), uint32_t(id[i + 1]));
  }
  ids.resize(first + count);
}

/// A piece as a linked list over the array of its ids. Positions are below 2^32: a longer piece is
/// cut by the caller.
class LongPiece {
public:
  LongPiece(const MergeTable &table, std::span<int32_t> ids)
      : table(table), ids(ids), links(ids.size()) {
    std::vector<uint64_t> candidates;
    for (uint32_t i = 0; i < ids.size(); ++i) {
      links[i] = {i - 1, i + 1};
      if (i > 0)
        appendCandidate(candidates, i - 1, i);
    }
    heap = Heap({}, std::move(candidates));
  }

  /// \returns how many ids are left, at the front of the array.
  size_t merge() {
    while (!heap.empty()) {
      uint64_t top = heap.top();
      heap.pop();
      mergeAt(uint32_t(top), uint32_t(top >> 32));
    }
    size_t count = 0;
    for (size_t i = 0; i < ids.size(); i = links[i].next)
      ids[count++] = ids[i];
    return count;
  }

private:
  using Heap = std::priority_queue<uint64_t, std::vector<uint64_t>, std::greater<>>;

  /// A candidate: rank in the high half, so that it decides, position of the left id in the low
  /// one.
  template <class Sink> void appendCandidate(Sink &sink, uint32_t left, uint32_t right) {
    uint32_t rank = table.rank(uint32_t(ids[left]), uint32_t(ids[right]));
    if (rank == kNoEntry)
      return;
    uint64_t candidate = uint64_t(rank) << 32 | left;
    if constexpr (requires { sink.push(candidate); })
      sink.push(candidate);
    else
      sink.push_back(candidate);
  }

  /// Merges the pair at `left` if it still has this rank: one of its ids may have merged with
  /// another meanwhile.
  void mergeAt(uint32_t left, uint32_t rank) {
    uint32_t right = links[left].next;
    if (ids[left] == kGone || right >= ids.size())
      return;
    const bundle::Merge &merge = table.merges[rank];
    if (merge.left() != uint32_t(ids[left]) || merge.right() != uint32_t(ids[right]))
      return;
    ids[left] = int32_t(merge.id());
    ids[right] = kGone;
    uint32_t after = links[left].next = links[right].next;
    if (after < ids.size()) {
      links[after].previous = left;
      appendCandidate(heap, left, after);
    }
    if (left > 0)
      appendCandidate(heap, links[left].previous, left);
  }

  static constexpr int32_t kGone = -1;
  struct Link {
    uint32_t previous, next;
  };

  const MergeTable &table;
  std::span<int32_t> ids;
  std::vector<Link> links;
  Heap heap;
};

} // namespace

uint32_t MergeTable::rank(uint32_t left, uint32_t right) const {
  if (merges.empty())
    return kNoEntry;
  for (size_t slot = bundle::firstSlot(bundle::mergeHash(left, right), slots.size());;) {
    uint32_t index = slots[slot];
    if (index == kNoEntry || (merges[index].left() == left && merges[index].right() == right))
      return index;
    if (++slot == slots.size())
      slot = 0;
  }
}

void mergeBytePairs(const MergeTable &table, std::vector<int32_t> &ids, size_t first) {
  size_t count = ids.size() - first;
  if (count < 2)
    return;
  if (count <= kShort)
    return mergeShort(table, ids, first);
  LongPiece piece(table, std::span(ids).subspan(first));
  ids.resize(first + piece.merge());
}

} // namespace osscc::rt
