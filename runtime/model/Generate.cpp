#include "runtime/model/Generate.h"

#include "runtime/model/Session.h"

#include <algorithm>

namespace osscc::rt {
namespace {

/// Tokens at a prompt's end that may be another text's next time: those that ask for the answer, as
/// the first of a reasoning's. States are kept before them.
constexpr int64_t kAsking = 16;

/// Feeds what of `prompt` the sequence does not hold yet, or no longer in all layers; returns how
/// many tokens it held. The end of the prompt is kept: the next turn of a chat may drop what was
/// answered to it, and asking again does.
Result<int64_t> feedPrompt(Session &session, int64_t sequence, std::span<const int32_t> prompt,
                           std::span<float> logits) {
  auto held = session.tokens(sequence);
  auto differ = std::ranges::mismatch(prompt, held).in1 - prompt.begin();
  // The last token is always computed: its logits are what is asked for.
  int64_t reused = session.rewind(sequence, std::min<int64_t>(differ, int64_t(prompt.size()) - 1));
  int64_t kept = reused;
  if (session.hasStates()) {
    kept = std::max(reused, int64_t(prompt.size()) - kAsking);
    OSSCC_RETURN_IF_ERROR(session.append(sequence, prompt.subspan(reused, kept - reused), {}));
    session.keep(sequence);
  }
  OSSCC_RETURN_IF_ERROR(session.append(sequence, prompt.subspan(kept), logits));
  if (!session.hasStates())
    session.keep(sequence);
  return reused;
}

} // namespace

Result<Generated> generate(Session &session, int64_t sequence, std::span<const int32_t> prompt,
                           const GenerateOptions &options, Sampler &sampler,
                           const std::function<bool(int32_t)> &onToken) {
  if (prompt.empty())
    return fail(Code::kInvalidArgument, "the prompt is empty", "give at least one character");
  std::vector<float> logits(session.vocabulary());
  auto reused = feedPrompt(session, sequence, prompt, logits);
  if (!reused)
    return std::unexpected(std::move(reused).error());

  sampler.setOptions(options.sampler);
  Generated result;
  result.reused = *reused;
  auto ended = [&](Finish why) {
    result.finish = why;
    return result;
  };
  int64_t most = options.maxTokens.value_or(INT64_MAX);
  while (int64_t(result.tokens.size()) < most) {
    if (!result.tokens.empty()) {
      if (int64_t(session.tokens(sequence).size()) >= session.context())
        return ended(Finish::kContext);
      OSSCC_RETURN_IF_ERROR(session.append(sequence, {&result.tokens.back(), 1}, logits));
    }
    if (options.allowed)
      sampler.allowOnly(options.allowed());
    auto token = sampler.sample(logits, session.tokens(sequence));
    if (!token)
      return std::unexpected(std::move(token).error());
    if (std::ranges::find(options.eos, *token) != options.eos.end())
      return ended(Finish::kEnd);
    result.tokens.push_back(*token);
    if (!onToken(*token))
      return ended(Finish::kStop);
  }
  return ended(Finish::kLength);
}

} // namespace osscc::rt
