#include "runtime/serve/Running.h"

#include "runtime/chat/Harmony.h"
#include "runtime/sample/LogSoftmax.h"

#include <algorithm>

namespace osscc::rt::serve {

namespace {

/// What ends thoughts. In harmony it would begin the answer too; where calls are held, what comes
/// is for the model to say.
std::vector<int32_t> closingOf(const Job &job, const Served &served) {
  bool mayCall = job.format.tools && !job.format.tools->empty();
  if (job.format.style == AnswerFormat::Style::kHarmony && job.schema && mayCall)
    if (auto end = tokenOf(served.tokenizer, "<|end|>"))
      return {*end};
  return served.closing;
}

} // namespace

Running::Running(std::shared_ptr<Job> job, const Served &served, int64_t sequence, int64_t cached,
                 std::unique_ptr<AnswerParser> parsed)
    : asked(std::move(job)), served(served), place(sequence), cached(cached),
      parser(std::move(parsed)),
      request{.prompt = asked->prompt,
              .format = asked->format,
              .budget = asked->budget,
              .close = closingOf(*asked, served),
              .turnEnds = asked->readsTurns ? served.turnEnds : std::vector<int32_t>(),
              .stops = asked->stops},
      draft(served.tokenizer, *parser, request, sink, answer), sampler(asked->sampler) {
  step.index = asked->index;
  sampler.forbid(served.forbidden);
  auto add = [this](Piece::Kind kind) {
    return [this, kind](std::string_view text) -> Status {
      step.pieces.push_back({kind, std::string(text)});
      return {};
    };
  };
  if (asked->schema) {
    std::vector<int32_t> ends = request.turnEnds.empty() ? served.defaults.eos : request.turnEnds;
    constraint.emplace(asked->schema, served.trie->of(served.tokenizer, served.vocabulary),
                       served.tokenizer, std::move(ends));
    request.constraint = &*constraint;
  }
  sink.content = add(Piece::kContent);
  sink.reasoning = add(Piece::kReasoning);
  sink.call = [this](const ToolCall &call) {
    if (!isPastCalls())
      step.pieces.push_back({Piece::kCall, std::string(call.name())});
    ++calls;
  };
  sink.arguments = [this](std::string_view text) {
    if (calls > 0 && !(asked->callsOnce && calls > 1))
      step.pieces.push_back({Piece::kArguments, std::string(text)});
  };
  draft.begin(served.context - int64_t(asked->prompt.size()), asked->maxTokens);
}

Result<std::unique_ptr<Running>> Running::create(std::shared_ptr<Job> job, const Served &served,
                                                 int64_t sequence, int64_t cached) {
  auto parser = AnswerParser::create(job->format, served.tokenizer);
  if (!parser)
    return std::unexpected(std::move(parser).error());
  return std::unique_ptr<Running>(
      new Running(std::move(job), served, sequence, cached, std::move(*parser)));
}

TokenLogprob Running::logprobOf(std::span<const float> logits, int32_t token) const {
  constexpr double kLeast = -9999; // JSON has no infinity
  double all = logSumExp(logits);
  auto chance = [&](int32_t id) {
    double logprob = logits[size_t(id)] - all;
    return TokenChance{id, logprob > kLeast ? logprob : kLeast};
  };
  TokenLogprob out{.chosen = chance(token), .top = {}};
  for (int32_t id : largest(logits, *asked->topLogprobs))
    out.top.push_back(chance(id));
  return out;
}

void Running::scorePrompt(std::span<const float> logits, int64_t at) {
  step.promptLogprobs.push_back(logprobOf(logits, asked->prompt[size_t(at) + 1]));
}

void Running::draw(std::span<float> logits) {
  if (asked->maxTokens == 0)
    return endIf(Finish::kLength);
  if (asked->topLogprobs)
    untouched.assign(logits.begin(), logits.end());
  asked->edits.apply(logits, counts);
  sampler.allowOnly(draft.allowed());
  auto token = sampler.sample(logits, draft.text());
  if (!token) {
    step.error = ApiError{.status = 500, .message = token.error().message, .param = "", .code = ""};
    over = true;
    return;
  }
  accept(*token);
}

void Running::accept(int32_t token) {
  const std::vector<int32_t> &eos = served.defaults.eos;
  if (request.turnEnds.empty() && std::ranges::find(eos, token) != eos.end())
    return endIf(Finish::kEnd);
  ++counts[token];
  bool thought = draft.reasons();
  bool goesOn = draft.take(token);
  if (asked->topLogprobs && !thought && !draft.reasons() && !served.tokenizer.isSpecial(token))
    step.logprobs.push_back(logprobOf(untouched, token));
  if (hasCalledOnce())
    goesOn = false;
  if (!goesOn)
    endIf(draft.ended() ? Finish::kEnd : Finish::kStop);
  else if (asked->maxTokens && answer.tokens >= *asked->maxTokens)
    endIf(Finish::kLength);
  else if (int64_t(draft.text().size()) > served.context)
    endIf(Finish::kContext);
}

/// Whether the one call that there may be is whole. In harmony calls are known before their
/// arguments, and the model ends behind them; elsewhere they are known when they are whole.
bool Running::hasCalledOnce() const {
  bool isHarmony = asked->format.style == AnswerFormat::Style::kHarmony;
  return asked->callsOnce && calls > (isHarmony ? 1 : 0);
}

void Running::endIf(Finish why) {
  if (draft.goesOnBehind(why)) {
    if (!asked->maxTokens || answer.tokens < *asked->maxTokens)
      return;
    answer.finish = Finish::kLength;
  }
  end();
}

std::string Running::reasonFor() const {
  if (isCut || answer.finish == Finish::kLength || answer.finish == Finish::kContext)
    return "length";
  return calls > 0 ? "tool_calls" : "stop";
}

void Running::end() {
  draft.finish(!isCut && (answer.finish == Finish::kEnd || hasCalledOnce()));
  Ending ending{.reason = reasonFor(),
                .promptTokens = int64_t(asked->prompt.size()),
                .cachedTokens = cached,
                .answerTokens = answer.tokens,
                .reasoningTokens = answer.thoughts,
                .faultCode = cutCode,
                .fault = cutWhy};
  if (const auto &error = answer.message.error; error && !isCut) {
    ending.faultCode = nameOf(error->fault);
    ending.fault = error->text;
  }
  step.ending = std::move(ending);
  over = true;
}

void Running::cut(std::string code, std::string why) {
  isCut = true;
  cutCode = std::move(code);
  cutWhy = std::move(why);
  end();
}

void Running::tell() {
  bool isNew = !step.pieces.empty() || !step.logprobs.empty() || step.ending || step.error;
  if (!isNew || asked->isCancelled)
    return;
  Step told = std::move(step);
  step = {.index = asked->index};
  asked->listener->onStep(std::move(told));
}

} // namespace osscc::rt::serve
