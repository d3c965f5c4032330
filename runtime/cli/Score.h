// Teacher-forced scoring: the model is told the whole text, and says at each token what it expected
// to come next.
#pragma once

#include "runtime/base/Status.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace osscc::rt {
class Session;
class ThreadPool;
} // namespace osscc::rt

namespace osscc::rt::cli {

struct ScoreOptions {
  int64_t top = 1;             ///< how many of the most likely tokens each line lists
  std::string logitsFile = {}; ///< .npy, float32 [n, V]; empty: none
};

/// The line of the distribution `logits` [V], where `next` is the token that followed, or -1 at the
/// end of the text:
/// {"token":t,"logprob":x,"top":[[id,logprob],...]}, with null for what is not a finite number.
/// Adds the log-probability of `next` to *logprob.
std::string scoreLine(std::span<const float> logits, int32_t next, int64_t top, double *logprob);

/// Scores `tokens` in sequence 0 of `session`, which must hold nothing. The calls are of
/// session.rowsPerCall() rows, and no more than one call's logits are in memory.
///
/// \param emit  takes the lines of one call, in order.
/// \returns the perplexity over tokens 1 .. n-1; 0 if there are none.
/// \errors  kInvalidArgument for no tokens, or more than the context (both numbers named); those of
/// feeding and writing.
Result<double> score(Session &session, ThreadPool &pool, std::span<const int32_t> tokens,
                     const ScoreOptions &options,
                     const std::function<Status(std::string_view)> &emit);

} // namespace osscc::rt::cli
