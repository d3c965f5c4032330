#include "runtime/schema/Constraint.h"

#include "runtime/schema/Steps.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace osscc::rt {

using schema::kAsksNames;
using schema::kDead;
using schema::kUnderground;
using schema::Local;
using schema::LocalId;
using schema::Origins;
using schema::StackId;
using schema::Steps;
using schema::ThreadSet;

namespace {

constexpr size_t kMostKept = 100'000;       ///< Things in Steps, some 100 MB at worst.
constexpr size_t kMostMaskBytes = 32 << 20; ///< Of masks that are kept.

} // namespace

/// Walks the vocabulary. What depends on the top of a stack alone is walked once and kept: the
/// tokens that stay in it or what they open; and where the others leave it, so that only their
/// last bytes are walked again.
class Constraint::Walker {
public:
  Walker(Schema given, std::shared_ptr<const TokenTrie> vocabulary, std::vector<int32_t> ends)
      : machine(std::move(given)), trie(std::move(vocabulary)), ends(std::move(ends)),
        steps(std::make_unique<Steps>(machine)), at(steps->start()),
        mask(size_t(trie->vocabulary() + 63) / 64) {
    std::erase_if(this->ends, [&](int32_t id) { return id < 0 || id >= trie->vocabulary(); });
    for (const schema::Frame::State &state : machine->frame.states)
      for (const schema::Frame::Mark &mark : state.marks)
        if (mark.token >= 0 && mark.token < trie->vocabulary())
          marks.insert(mark.token);
  }

  std::span<const uint64_t> allowed() {
    const Mask &known = maskOf(sameMask(steps->top(at)));
    std::ranges::copy(known.bits, mask.begin());
    for (const Exit &exit : known.exits)
      walkFrom(exit);
    for (int32_t token : marks)
      if (steps->mark(at, token) != kDead)
        set(token);
    if (steps->isDone(at))
      for (int32_t id : ends)
        set(id);
    return mask;
  }

  bool take(int32_t token) {
    StackId behind = marks.contains(token) ? steps->mark(at, token) : kDead;
    if (behind != kDead) {
      goTo(behind);
      return true;
    }
    if (std::ranges::find(ends, token) != ends.end())
      return steps->isDone(at);
    return takeText(trie->piece(token)) && !trie->piece(token).empty();
  }

  bool takeText(std::string_view bytes) {
    StackId next = steps->step(at, bytes);
    if (next != kDead)
      goTo(next);
    return next != kDead;
  }

  bool mayEnd() const { return steps->isDone(at); }

  void restart() {
    steps = std::make_unique<Steps>(machine);
    at = steps->start();
    masks.clear();
  }

private:
  /// Where tokens leave what is known of a stack by its top: the node whose byte does.
  struct Exit {
    uint32_t node;
    ThreadSet survivors; ///< Of the array or object that ends.
    Origins origins;     ///< Of a key that begins, of the threads of `local`.
    LocalId local = 0;
    bool isKey = false;
  };
  struct Mask {
    std::vector<uint64_t> bits;
    std::vector<Exit> exits;
  };

  void goTo(StackId next) {
    at = next;
    if (steps->size() > kMostKept) {
      steps = steps->fresh(at);
      at = steps->start();
      masks.clear();
    }
  }

  void set(int32_t token) { mask[size_t(token) / 64] |= uint64_t(1) << (token % 64); }

  /// A Local with the same mask: no token is as long as what a string needs or has room for.
  LocalId sameMask(LocalId id) {
    const Local &local = steps->local(id);
    if (local.lexeme != schema::Lexeme::kString)
      return id;
    auto most = uint32_t(trie->longest() + 1);
    Local other = local;
    for (schema::Thread &thread : other.threads) {
      thread.needs = std::min(thread.needs, most);
      if (thread.room != schema::Thread::kEndless)
        thread.room = std::min(thread.room, 2 * most);
    }
    bool isOrdered = std::ranges::is_sorted(other.threads) &&
                     std::ranges::adjacent_find(other.threads) == other.threads.end();
    return isOrdered && other != local ? steps->intern(std::move(other)) : id;
  }

  const Mask &maskOf(LocalId local) {
    auto found = masks.find(local);
    if (found != masks.end())
      return found->second;
    if (masks.size() * mask.size() * sizeof(uint64_t) > kMostMaskBytes)
      masks.clear();
    Mask made;
    std::ranges::fill(mask, 0);
    walk(steps->detached(local), 0, uint32_t(trie->nodes().size()), &made.exits);
    made.bits = mask;
    return masks.emplace(local, std::move(made)).first->second;
  }

  /// Walks the nodes [begin, end), which stand behind `stack`.
  /// \param exits  what cannot be told from a detached stack.
  void walk(StackId stack, uint32_t begin, uint32_t end, std::vector<Exit> *exits) {
    auto nodes = trie->nodes();
    if (begin >= end)
      return;
    std::vector<StackId> path{stack};
    size_t base = nodes[begin].depth;
    for (uint32_t i = begin; i < end;) {
      size_t depth = nodes[i].depth - base;
      path.resize(depth + 1);
      StackId next = steps->step(path[depth], nodes[i].byte);
      if (next == kUnderground || next == kAsksNames) {
        exits->push_back(
            {i, steps->lastSurvivors, steps->lastOrigins, steps->lastLocal, next == kAsksNames});
        if (next == kUnderground) // whatever lies below may go on behind the byte
          setTokens(i);
        next = kDead;
      } else if (next != kDead) {
        setTokens(i);
        path.push_back(next);
      }
      i = next == kDead ? nodes[i].end : i + 1;
    }
  }

  void setTokens(uint32_t node) {
    for (int32_t token : trie->tokensOf(node))
      set(token);
  }

  void walkFrom(const Exit &exit) {
    const TokenTrie::Node &node = trie->nodes()[exit.node];
    if (!exit.isKey) {
      walk(steps->pop(at, exit.survivors), exit.node + 1, node.end, nullptr);
      return;
    }
    StackId before = steps->replaceTop(at, exit.local, exit.origins);
    walk(before, exit.node, node.end, nullptr);
  }

  Schema machine;
  std::shared_ptr<const TokenTrie> trie;
  std::vector<int32_t> ends;
  std::set<int32_t> marks; ///< Of the frame.
  std::unique_ptr<Steps> steps;
  StackId at;
  std::vector<uint64_t> mask;
  std::unordered_map<LocalId, Mask> masks;
};

Constraint::Constraint(Schema schema, std::shared_ptr<const TokenTrie> vocabulary,
                       std::vector<int32_t> ends)
    : walker(std::make_unique<Walker>(std::move(schema), std::move(vocabulary), std::move(ends))) {}
Constraint::~Constraint() = default;
Constraint::Constraint(Constraint &&) noexcept = default;
Constraint &Constraint::operator=(Constraint &&) noexcept = default;

std::span<const uint64_t> Constraint::allowed() {
  return walker->allowed();
}
bool Constraint::take(int32_t token) {
  return walker->take(token);
}
bool Constraint::takeText(std::string_view bytes) {
  return walker->takeText(bytes);
}
bool Constraint::mayEnd() const {
  return walker->mayEnd();
}
void Constraint::restart() {
  walker->restart();
}

} // namespace osscc::rt
