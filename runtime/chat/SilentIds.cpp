#include "runtime/chat/SilentIds.h"

#include <algorithm>

namespace osscc::rt {

std::vector<IdRange> silentIds(const Tokenizer &tokenizer, int64_t vocabulary,
                               std::span<const int32_t> eos) {
  std::vector<IdRange> ranges;
  for (int32_t id = 0; id < vocabulary; ++id) {
    std::string_view piece = tokenizer.piece(id);
    bool isReserved = tokenizer.isSpecial(id) && piece.starts_with("<|reserved_");
    if ((!piece.empty() && !isReserved) || std::ranges::find(eos, id) != eos.end())
      continue;
    if (!ranges.empty() && ranges.back().end == id)
      ranges.back().end = id + 1;
    else
      ranges.push_back({id, id + 1});
  }
  return ranges;
}

} // namespace osscc::rt
