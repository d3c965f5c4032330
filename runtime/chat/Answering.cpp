#include "runtime/chat/Answering.h"

#include "runtime/chat/AnswerDraft.h"
#include "runtime/model/Session.h"

#include <algorithm>

namespace osscc::rt {
namespace {

/// Draws behind the draft's text until something ends that.
Status draw(Session &session, Sampler &sampler, GenerateOptions options, int64_t promptTokens,
            AnswerDraft &draft, Answer &answer, Finish &why) {
  if (options.maxTokens)
    *options.maxTokens -= answer.tokens;
  bool isFirst = answer.tokens == 0;
  std::vector<int32_t> text = draft.text();
  auto result = generate(session, 0, text, options, sampler,
                         [&](int32_t token) { return draft.take(token); });
  if (!result)
    return std::unexpected(std::move(result).error());
  if (isFirst)
    answer.reused = std::min(result->reused, promptTokens);
  why = result->finish;
  return {};
}

} // namespace

Status drawAnswer(Session &session, const Tokenizer &tokenizer, Sampler &sampler,
                  const GenerateOptions &options, const AnswerRequest &request,
                  const AnswerSink &sink, Answer &answer) {
  auto parser = AnswerParser::create(request.format, tokenizer);
  if (!parser)
    return std::unexpected(std::move(parser).error());
  AnswerDraft draft(tokenizer, **parser, request, sink, answer);
  GenerateOptions chosen = options;
  if (!request.turnEnds.empty())
    chosen.eos.clear(); // the parser reads them
  auto promptTokens = int64_t(request.prompt.size());
  chosen.allowed = [&draft] { return draft.allowed(); };
  draft.begin(session.context() - promptTokens, options.maxTokens);
  Status status;
  for (bool again = true; again;) {
    Finish why = Finish::kEnd;
    status = draw(session, sampler, chosen, promptTokens, draft, answer, why);
    again = status && draft.goesOnBehind(why);
  }
  draft.finish(status && answer.finish == Finish::kEnd);
  OSSCC_RETURN_IF_ERROR(draft.status());
  return status;
}

} // namespace osscc::rt
