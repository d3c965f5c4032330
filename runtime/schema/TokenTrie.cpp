#include "runtime/schema/TokenTrie.h"

#include <algorithm>

namespace osscc::rt {
namespace {

constexpr size_t kLongest = 1024; ///< Bytes of a token; longer ones are left out.

} // namespace

std::shared_ptr<const TokenTrie> TokenTrie::of(const Tokenizer &tokenizer, int64_t vocabulary) {
  std::vector<std::string_view> pieces;
  for (int32_t id = 0; id < vocabulary; ++id)
    pieces.push_back(tokenizer.isSpecial(id) ? std::string_view() : tokenizer.piece(id));
  return std::make_shared<const TokenTrie>(pieces);
}

TokenTrie::TokenTrie(const std::vector<std::string_view> &pieces) {
  std::vector<int32_t> order;
  for (size_t id = 0; id < pieces.size(); ++id) {
    bytes += pieces[id];
    ends.push_back(bytes.size());
    if (!pieces[id].empty() && pieces[id].size() <= kLongest)
      order.push_back(int32_t(id));
  }
  std::ranges::sort(order, {}, [&](int32_t id) { return std::pair(pieces[size_t(id)], id); });
  std::vector<uint32_t> open; // nodes of the piece before
  std::string_view before;
  auto close = [&](size_t depth) {
    for (; open.size() > depth; open.pop_back())
      all[open.back()].end = uint32_t(all.size());
  };
  for (int32_t id : order) {
    std::string_view piece = pieces[size_t(id)];
    auto common = size_t(std::ranges::mismatch(piece, before).in1 - piece.begin());
    close(common);
    for (size_t depth = common; depth < piece.size(); ++depth) {
      open.push_back(uint32_t(all.size()));
      all.push_back({uint8_t(piece[depth]), uint16_t(depth), 0, uint32_t(ids.size())});
    }
    ids.push_back(id);
    before = piece;
    mostBytes = std::max(mostBytes, piece.size());
  }
  close(0);
  all.push_back({0, 0, uint32_t(all.size()) + 1, uint32_t(ids.size())});
}

std::string_view TokenTrie::piece(int32_t token) const {
  if (token < 0 || size_t(token) >= ends.size())
    return {};
  size_t begin = token == 0 ? 0 : ends[size_t(token) - 1];
  return std::string_view(bytes).substr(begin, ends[size_t(token)] - begin);
}

} // namespace osscc::rt
