#include "runtime/serve/LogitEdits.h"

namespace osscc::rt::serve {

void LogitEdits::apply(std::span<float> logits,
                       const std::unordered_map<int32_t, int64_t> &counts) const {
  for (auto [id, more] : bias)
    if (id >= 0 && size_t(id) < logits.size())
      logits[size_t(id)] += more;
  if (presence == 0 && frequency == 0)
    return;
  // Each id once: the map's order does not matter.
  for (auto [id, count] : counts)
    logits[size_t(id)] -= float(presence + frequency * double(count));
}

} // namespace osscc::rt::serve
