// How a request wants its answers drawn and told: the fields that all kinds of requests share.
#pragma once

#include "runtime/sample/Sampler.h"
#include "runtime/serve/Fields.h"
#include "runtime/serve/LogitEdits.h"
#include "runtime/serve/Served.h"

namespace osscc::rt::serve {

struct Settings {
  SamplerOptions sampler;
  LogitEdits edits = {};
  std::vector<std::string> stops = {};
  int64_t answers = 1;                 ///< `n`
  bool hasSeed = false;                ///< Else each answer has a seed of its own.
  bool streams = false;                ///< `stream`
  bool tellsUsage = false;             ///< `stream_options.include_usage`
  uint64_t seedOf(size_t index) const; ///< Of an answer.
};

/// Reads temperature, top_p, top_k, min_p, repetition_penalty, presence_penalty,
/// frequency_penalty, logit_bias, seed, stop, n, stream and stream_options, over the defaults of
/// the model. Throws ApiError naming the field.
Settings readSettings(const Fields &request, const Served &served);

/// Tokens of an answer at most, under the first of these names that is there.
std::optional<int64_t> readMaxTokens(const Fields &request,
                                     std::initializer_list<std::string_view> names, int64_t least);

} // namespace osscc::rt::serve
