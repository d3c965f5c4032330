#include "runtime/sample/LogSoftmax.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace osscc::rt {

double logSumExp(std::span<const float> logits) {
  double most = *std::ranges::max_element(logits);
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(logit - most);
  return most + std::log(sum);
}

std::vector<int32_t> largest(std::span<const float> logits, int64_t k) {
  std::vector<int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  auto before = [&](int32_t a, int32_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  };
  auto end = ids.begin() + std::min<int64_t>(k, int64_t(ids.size()));
  std::partial_sort(ids.begin(), end, ids.end(), before);
  ids.erase(end, ids.end());
  return ids;
}

} // namespace osscc::rt
