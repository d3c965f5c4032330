// Two ways to the same result: short pieces, which nearly all are, keep the ranks of their pairs in
// an array and look for the smallest; long ones keep candidates in a heap over a linked list, so
// that 10 MB of one letter stay cheap.
#include "runtime/tokenizer/BytePairs.h"

#include "runtime/bundle/TokenizerHash.h"

#include <algorithm>
#include <array>
#include <functional>
#include <queue>
#include <unordered_map>

namespace osscc::rt {
namespace {

using bundle::kNoEntry;

constexpr size_t kShort = 48; // ids; measured: beyond this the queue is faster

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

/// Pairs that may merge, by rank and then position. Positions of one rank nearly always come in
/// rising order, so they queue up in an array, read once from front to back; what comes out of
/// order goes to a heap. One heap of all pairs would miss the cache at every step of a long piece.
class PairQueue {
public:
  struct Pair {
    uint32_t rank, left; ///< `left`: position of the left id.
  };

  void push(Pair pair) {
    Lane &lane = lanes[pair.rank];
    if (lane.empty())
      ranks.push(pair.rank);
    if (lane.next == lane.rising.size() || lane.rising.back() <= pair.left)
      lane.rising.push_back(pair.left);
    else
      lane.others.push(pair.left);
  }

  bool empty() const { return ranks.empty(); }

  /// The pair of the lowest rank, leftmost of equals; the queue must not be empty.
  Pair pop() {
    uint32_t rank = ranks.top();
    Lane &lane = lanes[rank];
    Pair pair{rank, lane.pop()};
    if (lane.empty())
      ranks.pop();
    return pair;
  }

private:
  template <class T> using Smallest = std::priority_queue<T, std::vector<T>, std::greater<>>;

  struct Lane {
    std::vector<uint32_t> rising;
    size_t next = 0; ///< Of `rising`, the first that is still queued.
    Smallest<uint32_t> others;

    bool empty() const { return next == rising.size() && others.empty(); }
    uint32_t pop() {
      if (next == rising.size() || (!others.empty() && others.top() < rising[next])) {
        uint32_t left = others.top();
        others.pop();
        return left;
      }
      uint32_t left = rising[next++];
      if (next == rising.size()) {
        rising.clear();
        next = 0;
      }
      return left;
    }
  };

  std::unordered_map<uint32_t, Lane> lanes; ///< By rank.
  Smallest<uint32_t> ranks;                 ///< Of lanes that are not empty, each once.
};

/// A piece as a linked list over the array of its ids. Positions have 32 bits: Tokenizer takes no
/// longer text.
class LongPiece {
public:
  LongPiece(const MergeTable &table, std::span<int32_t> ids)
      : table(table), ids(ids), links(ids.size()) {
    for (uint32_t i = 0; i < ids.size(); ++i) {
      links[i] = {i - 1, i + 1};
      if (i > 0)
        propose(i - 1, i);
    }
  }

  /// \returns how many ids are left, at the front of the array.
  size_t merge() {
    while (!queue.empty())
      mergeAt(queue.pop());
    size_t count = 0;
    for (size_t i = 0; i < ids.size(); i = links[i].next)
      ids[count++] = ids[i];
    return count;
  }

private:
  void propose(uint32_t left, uint32_t right) {
    uint32_t rank = table.rank(uint32_t(ids[left]), uint32_t(ids[right]));
    if (rank != kNoEntry)
      queue.push({rank, left});
  }

  /// Merges a pair if it still is one: either of its ids may have merged with another meanwhile.
  void mergeAt(PairQueue::Pair pair) {
    uint32_t left = pair.left, right = links[left].next;
    if (ids[left] == kGone || right >= ids.size())
      return;
    const bundle::Merge &merge = table.merges[pair.rank];
    if (merge.left() != uint32_t(ids[left]) || merge.right() != uint32_t(ids[right]))
      return;
    ids[left] = int32_t(merge.id());
    ids[right] = kGone;
    uint32_t after = links[left].next = links[right].next;
    if (left > 0)
      propose(links[left].previous, left);
    if (after < ids.size()) {
      links[after].previous = left;
      propose(left, after);
    }
  }

  static constexpr int32_t kGone = -1;
  struct Link {
    uint32_t previous, next;
  };

  const MergeTable &table;
  std::span<int32_t> ids;
  std::vector<Link> links;
  PairQueue queue;
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
