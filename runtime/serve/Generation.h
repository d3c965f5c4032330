// What a request for text comes to, whichever of the API's forms it has.
#pragma once

#include "runtime/serve/Job.h"
#include "runtime/serve/Settings.h"

#include <memory>
#include <string>
#include <vector>

namespace osscc::rt::serve {

struct Generation {
  std::vector<std::vector<int32_t>> prompts; ///< One, but completions may have several.
  std::vector<std::string> promptTexts = {}; ///< For completions that echo theirs; else empty.
  Settings settings;
  AnswerFormat format = {};
  bool isChat = false;
  Schema schema = {}; ///< That the answers are held to; null: none.
  std::optional<int64_t> budget = {}, maxTokens = {}, topLogprobs = {};
  bool scoresPrompt = false, callsOnce = false;

  /// The jobs of all answers: those of the first prompt, then those of the second.
  std::vector<std::shared_ptr<Job>> jobs(const std::shared_ptr<JobListener> &listener,
                                         uint64_t client, uint64_t owner) const;
};

/// /v1/chat/completions. Throws ApiError.
Generation readChat(const Fields &request, const Served &served);

/// /v1/completions. Throws ApiError.
Generation readCompletion(const Fields &request, const Served &served);

/// /v1/responses. Throws ApiError.
Generation readResponses(const Fields &request, const Served &served);

/// Ids of a list of numbers, each below the vocabulary. Throws ApiError.
std::vector<int32_t> readIds(std::span<const Value> list, const std::string &path,
                             int64_t vocabulary);

/// The prompt of a chat that a template renders, and how its answer is read.
struct ChatPrompt {
  std::vector<int32_t> ids;
  AnswerFormat format;
};

/// \param messages  a list, as readMessages() gives it.
/// \param more      fields that the template shall see beside it.
/// Throws ApiError.
ChatPrompt renderChat(const Served &served, const cli::Reasoning &mode, Value messages,
                      const struct Tools &tools, std::vector<std::pair<Value, Value>> more = {});

/// Throws ApiError, naming both numbers, for a prompt beyond the context, and for an empty one.
void checkLength(const std::vector<int32_t> &prompt, const std::string &field,
                 const Served &served);

} // namespace osscc::rt::serve
