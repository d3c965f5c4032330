// How fast this machine runs the model, and how fast it could read the weights at all.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/sample/Sampler.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace osscc::rt {
class Session;
class ThreadPool;
} // namespace osscc::rt

namespace osscc::rt::cli {

struct BenchOptions {
  int64_t prompt = 512;         ///< tokens
  int64_t answer = 128;         ///< tokens
  std::optional<int64_t> depth; ///< tokens in the cache before the answer; none: the prompt
  int64_t sequences = 1;        ///< that decode together, a row each a call
  int64_t repetitions = 5;
  SamplerOptions sampler = {};          ///< of the second decode
  std::optional<double> bandwidth = {}; ///< of a device's memory, bytes a second; none: measured
};

/// Medians over the repetitions.
struct BenchResult {
  double prefillTokensPerSecond = 0;
  double decodeTokensPerSecond = 0;  ///< of all sequences together
  double sampledTokensPerSecond = 0; ///< the same with a draw after each token
  double samplingSeconds = 0;        ///< of that, a draw
  double streamBytesPerSecond = 0; ///< a plain read of the weights by the same workers, between the
                                   ///< repetitions, or the device's limit
};

/// Measures the first sequences of `session`. One repetition: prefill of `prompt` tokens in
/// sequence 0, decode of `answer` tokens after `depth` in each, the same once more with a draw
/// after each token, one plain read of `weights`; a warm-up repetition goes before.
///
/// \errors  kInvalidArgument when prompt, or depth + answer, exceed the context (both numbers
/// named), those of Session::feed and Sampler::sample.
Result<BenchResult> bench(Session &session, ThreadPool &pool, std::span<const std::byte> weights,
                          const BenchOptions &options);

/// Reads all of `bytes` once, with all workers; returns bytes a second.
double streamBandwidth(ThreadPool &pool, std::span<const std::byte> bytes);

/// The middle value; of an even count the mean of the two in the middle. `values` is not empty.
double median(std::vector<double> values);

} // namespace osscc::rt::cli
