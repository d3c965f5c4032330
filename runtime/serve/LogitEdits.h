// What a request changes about the logits before a token is drawn from them.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace osscc::rt::serve {

struct LogitEdits {
  std::vector<std::pair<int32_t, float>> bias = {}; ///< Added to the logits of these ids.
  double presence = 0;  ///< Taken from the logit of each token that the answer has.
  double frequency = 0; ///< The same, for each time.

  /// \param logits  [V].
  /// \param counts  how often the answer has each token.
  void apply(std::span<float> logits, const std::unordered_map<int32_t, int64_t> &counts) const;
};

} // namespace osscc::rt::serve
