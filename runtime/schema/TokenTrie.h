// The vocabulary as a tree of bytes: what tokens begin alike is walked once.
#pragma once

#include "runtime/tokenizer/Tokenizer.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

class TokenTrie {
public:
  /// Tokens that an answer may be written with: those with bytes that are no special tokens.
  static std::shared_ptr<const TokenTrie> of(const Tokenizer &tokenizer, int64_t vocabulary);

  /// \param pieces  the bytes of each token; an empty one is in no text.
  explicit TokenTrie(const std::vector<std::string_view> &pieces);

  /// A byte behind others. Nodes stand in the order of a walk, so that what begins with a node's
  /// bytes are the nodes from it to `end`.
  struct Node {
    uint8_t byte = 0;
    uint16_t depth = 0; ///< Bytes before it.
    uint32_t end = 0;
    uint32_t tokens = 0; ///< Where its tokens begin; they end where the next node's begin.
  };

  std::span<const Node> nodes() const { return {all.data(), all.size() - 1}; }
  /// The tokens whose last byte is this node's.
  std::span<const int32_t> tokensOf(size_t node) const {
    return std::span(ids).subspan(all[node].tokens, all[node + 1].tokens - all[node].tokens);
  }
  std::string_view piece(int32_t token) const;
  int64_t vocabulary() const { return int64_t(ends.size()); }
  size_t longest() const { return mostBytes; } ///< Bytes.

private:
  std::vector<Node> all; ///< And one behind them.
  std::vector<int32_t> ids;
  std::string bytes;
  std::vector<size_t> ends; ///< [token] of its bytes.
  size_t mostBytes = 0;
};

/// A tree that is made when it is first asked for, by whatever thread.
class LazyTokenTrie {
public:
  /// The same for every call of one object.
  std::shared_ptr<const TokenTrie> of(const Tokenizer &tokenizer, int64_t vocabulary) {
    std::call_once(once, [&] { made = TokenTrie::of(tokenizer, vocabulary); });
    return made;
  }

private:
  std::once_flag once;
  std::shared_ptr<const TokenTrie> made;
};

} // namespace osscc::rt
