#include "runtime/serve/Generation.h"

#include <fmt/format.h>

namespace osscc::rt::serve {

std::vector<std::shared_ptr<Job>> Generation::jobs(const std::shared_ptr<JobListener> &listener,
                                                   uint64_t client, uint64_t owner) const {
  std::vector<std::shared_ptr<Job>> all;
  for (const std::vector<int32_t> &prompt : prompts)
    for (int64_t i = 0; i < settings.answers; ++i) {
      auto job = std::make_shared<Job>();
      job->prompt = prompt;
      job->format = format;
      job->budget = budget;
      job->stops = settings.stops;
      job->readsTurns = isChat;
      job->maxTokens = maxTokens;
      job->sampler = settings.sampler;
      job->sampler.seed = settings.seedOf(size_t(i));
      job->edits = settings.edits;
      job->schema = schema;
      job->topLogprobs = topLogprobs;
      job->scoresPrompt = scoresPrompt;
      job->callsOnce = callsOnce;
      job->client = client;
      job->owner = owner;
      job->index = all.size();
      job->listener = listener;
      all.push_back(std::move(job));
    }
  return all;
}

std::vector<int32_t> readIds(std::span<const Value> list, const std::string &path,
                             int64_t vocabulary) {
  std::vector<int32_t> ids;
  for (const Value &item : list) {
    const auto *id = as<int64_t>(item);
    if (!id || *id < 0 || *id >= vocabulary)
      throw wrongField(itemPath(path, ids.size()),
                       fmt::format("a token id from 0 to {}", vocabulary - 1), describe(item));
    ids.push_back(int32_t(*id));
  }
  return ids;
}

void checkLength(const std::vector<int32_t> &prompt, const std::string &field,
                 const Served &served) {
  if (prompt.empty())
    throw wrongField(field, "at least one token", "none");
  if (int64_t(prompt.size()) > served.context)
    throw ApiError{.message = fmt::format("{}: {} tokens do not fit in the context of {}", field,
                                          prompt.size(), served.context),
                   .param = field,
                   .code = "context_length_exceeded"};
}

} // namespace osscc::rt::serve
