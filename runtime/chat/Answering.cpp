#include "runtime/chat/Answering.h"

#include "runtime/chat/StopFilter.h"
#include "runtime/model/Session.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace osscc::rt {
namespace {

double secondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// An answer on its way.
class Drawing {
public:
  Drawing(Session &session, const Tokenizer &tokenizer, AnswerParser &parser,
          const AnswerRequest &request, const AnswerSink &sink, Answer &answer)
      : session(session), tokenizer(tokenizer), parser(parser), request(request), sink(sink),
        answer(answer), filter(request.stops), text(request.prompt.begin(), request.prompt.end()) {}

  Status run(Sampler &sampler, GenerateOptions options);

private:
  Status draw(Sampler &sampler, const GenerateOptions &options);
  bool take(int32_t token);
  bool isSpent() const { return limit && parser.reasons() && answer.thoughts >= *limit; }
  void closeThoughts();
  void finish(bool byModel);
  void put(std::string_view content);
  void show(const std::vector<AnswerEvent> &events);
  void countThoughts();

  Session &session;
  const Tokenizer &tokenizer;
  AnswerParser &parser;
  const AnswerRequest &request;
  const AnswerSink &sink;
  Answer &answer;
  StopFilter filter;
  std::vector<int32_t> text; ///< The prompt and all behind it.
  std::string content;       ///< What is shown of it.
  std::optional<int64_t> limit;
  Status shown;
  bool ended = false; ///< By a token that the parser has read.
  bool reasoned = false;
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now(), thoughtBegin;
};

void Drawing::put(std::string_view piece) {
  content += piece;
  if (shown && !piece.empty())
    shown = sink.content(piece);
}

void Drawing::show(const std::vector<AnswerEvent> &events) {
  for (const AnswerEvent &event : events) {
    bool isBeside = event.kind == AnswerEvent::kReasoning || event.kind == AnswerEvent::kCommentary;
    if (event.kind == AnswerEvent::kContent)
      put(filter.feed(event.text));
    else if (isBeside && shown && sink.reasoning)
      shown = sink.reasoning(event.text);
  }
}

/// Notes where thoughts begin, and tells where they have ended.
void Drawing::countThoughts() {
  if (parser.reasons() && !reasoned)
    thoughtBegin = std::chrono::steady_clock::now();
  if (!parser.reasons() && reasoned && answer.thoughts > 0 && sink.thought)
    sink.thought(answer.thoughts, secondsSince(thoughtBegin));
  reasoned = parser.reasons();
}

/// \returns whether the answer goes on.
bool Drawing::take(int32_t token) {
  if (answer.tokens++ == 0)
    answer.promptSeconds = secondsSince(begin);
  text.push_back(token);
  // Markers of the template are no part of the answer, but they may end it.
  if (!reasoned && tokenizer.isSpecial(token))
    put(filter.feedHidden(tokenizer.piece(token)));
  show(parser.feed(token));
  if (reasoned && parser.reasons()) // what ends thoughts is none
    ++answer.thoughts;
  countThoughts();
  ended = std::ranges::find(request.turnEnds, token) != request.turnEnds.end();
  return !ended && !isSpent() && shown.has_value() && !filter.stopped() && !parser.failed();
}

/// Ends the thoughts as the format ends them, and begins the answer.
void Drawing::closeThoughts() {
  for (int32_t token : request.close) {
    text.push_back(token);
    show(parser.feed(token));
  }
  countThoughts();
  limit.reset(); // whatever comes now is not closed again
}

Status Drawing::draw(Sampler &sampler, const GenerateOptions &options) {
  GenerateOptions rest = options;
  if (rest.maxTokens)
    *rest.maxTokens -= answer.tokens;
  bool isFirst = answer.tokens == 0;
  auto result =
      generate(session, 0, text, rest, sampler, [&](int32_t token) { return take(token); });
  if (!result)
    return std::unexpected(std::move(result).error());
  if (isFirst)
    answer.reused = std::min(result->reused, int64_t(request.prompt.size()));
  answer.finish = ended ? Finish::kEnd : result->finish;
  return {};
}

void Drawing::finish(bool byModel) {
  show(parser.finish(byModel));
  put(filter.finish());
  if (reasoned && answer.thoughts > 0 && sink.thought)
    sink.thought(answer.thoughts, secondsSince(thoughtBegin));
  answer.message = parser.message();
  answer.message.content = content;
  answer.drawn.assign(text.begin() + std::ptrdiff_t(request.prompt.size()), text.end());
  answer.answerSeconds = secondsSince(begin) - answer.promptSeconds;
}

Status Drawing::run(Sampler &sampler, GenerateOptions options) {
  if (request.budget && !request.close.empty()) {
    int64_t room = session.context() - int64_t(text.size()) - int64_t(request.close.size());
    room = std::max<int64_t>(std::min(room, options.maxTokens.value_or(room)), 0);
    limit = std::min(*request.budget, std::max<int64_t>(room - std::max<int64_t>(room / 4, 1), 0));
  }
  if (!request.turnEnds.empty())
    options.eos.clear(); // the parser reads them
  countThoughts();
  Status status;
  for (bool again = true; again && status;) {
    if (isSpent())
      closeThoughts();
    status = draw(sampler, options);
    // With a budget there is an answer: thoughts that end without one are closed, too.
    bool isMute = status && answer.finish == Finish::kEnd && limit && parser.reasons();
    if (isMute && !ended)
      limit = answer.thoughts;
    again = status && isSpent() && answer.finish != Finish::kContext && shown;
  }
  finish(status && answer.finish == Finish::kEnd);
  OSSCC_RETURN_IF_ERROR(shown);
  return status;
}

} // namespace

Status drawAnswer(Session &session, const Tokenizer &tokenizer, Sampler &sampler,
                  const GenerateOptions &options, const AnswerRequest &request,
                  const AnswerSink &sink, Answer &answer) {
  auto parser = AnswerParser::create(request.format, tokenizer);
  if (!parser)
    return std::unexpected(std::move(parser).error());
  return Drawing(session, tokenizer, **parser, request, sink, answer).run(sampler, options);
}

} // namespace osscc::rt
