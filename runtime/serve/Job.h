// One answer that the scheduler is asked for, and what it tells of it.
#pragma once

#include "runtime/chat/AnswerFormat.h"
#include "runtime/sample/Sampler.h"
#include "runtime/schema/Constraint.h"
#include "runtime/serve/ApiError.h"
#include "runtime/serve/LogitEdits.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace osscc::rt::serve {

/// A part of an answer, in the order in which it came.
struct Piece {
  enum Kind {
    kContent,
    kReasoning,
    kCall,      ///< A tool call begins; the text is its name.
    kArguments, ///< Of the call that has begun last.
  } kind;
  std::string text; ///< Whole characters.
};

struct TokenChance {
  int32_t token = 0;
  double logprob = 0;
};

/// What the model said of one token, before any setting of the sampler.
struct TokenLogprob {
  TokenChance chosen;
  std::vector<TokenChance> top; ///< The most likely, falling.
};

/// How an answer came to its end, and what it took.
struct Ending {
  std::string reason; ///< "stop", "length", "tool_calls".
  int64_t promptTokens = 0, cachedTokens = 0;
  int64_t answerTokens = 0, reasoningTokens = 0;
  std::string faultCode, fault; ///< What is wrong with the answer; empty: nothing.
};

/// What has become of a job since the last step.
struct Step {
  size_t index = 0; ///< Of the job among those of its request.
  std::vector<Piece> pieces = {};
  std::vector<TokenLogprob> logprobs = {};       ///< Of the tokens of the answer, thoughts aside.
  std::vector<TokenLogprob> promptLogprobs = {}; ///< Of the prompt's tokens from the second on.
  std::optional<Ending> ending = {};             ///< The last step has one, or an error.
  std::optional<ApiError> error = {};
};

/// Who waits for steps. They come from the scheduler's thread, one at a time, and none after the
/// last.
class JobListener {
public:
  virtual ~JobListener() = default;
  virtual void onStep(Step step) = 0;
};

struct Job {
  std::vector<int32_t> prompt; ///< Not empty, within the context.
  AnswerFormat format = {};
  std::optional<int64_t> budget = {}; ///< Tokens of thoughts.
  std::vector<std::string> stops = {};
  bool readsTurns = false;               ///< Whether the parser reads what ends a turn: a chat.
  std::optional<int64_t> maxTokens = {}; ///< Thoughts included.
  SamplerOptions sampler = {};
  LogitEdits edits = {};
  Schema schema = {};                      ///< That the answer is held to, the thoughts not.
  std::optional<int64_t> topLogprobs = {}; ///< How many to tell of each token; none: no logprobs.
  bool scoresPrompt = false;               ///< Whether promptLogprobs are wanted.
  bool callsOnce = false;                  ///< Whether the answer ends behind its first call.
  uint64_t client = 0;                     ///< For fairness.
  uint64_t owner = 0; ///< Whose cache it may go on from: texts of others are never looked at.
  size_t index = 0;
  std::shared_ptr<JobListener> listener = {};
  std::atomic<bool> isCancelled = false; ///< Any thread may set it; no step follows.
};

} // namespace osscc::rt::serve
