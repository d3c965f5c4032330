// The loop that answers: feed the prompt, then one token at a time until something ends it.
#pragma once

#include "runtime/sample/Sampler.h"

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace osscc::rt {

class Session;

struct GenerateOptions {
  SamplerOptions sampler;           ///< from this answer on
  std::optional<int64_t> maxTokens; ///< none: until the context is full
  std::vector<int32_t> eos;         ///< ids that end an answer; they are not part of it
  /// Asked before each token: the ids of which it must be one, as Sampler::allowOnly() takes them.
  std::function<std::span<const uint64_t>()> allowed = {};
};

/// Why an answer ended.
enum class Finish {
  kEnd,     ///< an id of GenerateOptions.eos
  kStop,    ///< the receiver of the tokens asked for it
  kLength,  ///< maxTokens
  kContext, ///< the context is full
};

struct Generated {
  std::vector<int32_t> tokens; ///< the answer, without the id that ended it
  int64_t reused = 0;          ///< tokens of the prompt that were not computed again
  Finish finish = Finish::kEnd;
};

/// Continues `prompt` in one sequence. What the sequence already holds of the prompt's beginning is
/// kept and not computed again, as far as Session::resumable has it; the rest of what it holds is
/// dropped.
///
/// \param prompt   the whole text so far, not empty.
/// \param sampler  takes options.sampler; its random numbers go on where the answer before ended.
/// \param onToken  called with each token of the answer as it is known; false ends the answer.
/// \errors  kInvalidArgument for an empty prompt or one beyond the context; those of Session::feed
/// and Sampler::sample. What was given to onToken before an error is the answer so far.
Result<Generated> generate(Session &session, int64_t sequence, std::span<const int32_t> prompt,
                           const GenerateOptions &options, Sampler &sampler,
                           const std::function<bool(int32_t)> &onToken);

} // namespace osscc::rt
