#include "runtime/chat/AnswerDraft.h"

#include <algorithm>
#include <cstddef>

namespace osscc::rt {
namespace {

double secondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace

AnswerDraft::AnswerDraft(const Tokenizer &tokenizer, AnswerParser &parser,
                         const AnswerRequest &request, const AnswerSink &sink, Answer &answer)
    : tokenizer(tokenizer), parser(parser), request(request), sink(sink), answer(answer),
      filter(request.stops), all(request.prompt.begin(), request.prompt.end()) {}

void AnswerDraft::begin(int64_t room, std::optional<int64_t> maxTokens) {
  if (request.budget && !request.close.empty()) {
    room -= int64_t(request.close.size());
    room = std::max<int64_t>(std::min(room, maxTokens.value_or(room)), 0);
    limit = std::min(*request.budget, std::max<int64_t>(room - std::max<int64_t>(room / 4, 1), 0));
  }
  if (request.constraint)
    request.constraint->begin(parser);
  countThoughts();
  if (isSpent())
    closeThoughts();
}

void AnswerDraft::put(std::string_view piece) {
  content += piece;
  if (shown && !piece.empty() && sink.content)
    shown = sink.content(piece);
}

void AnswerDraft::show(const std::vector<AnswerEvent> &events) {
  // One token may bring several calls, as where a list of them ends.
  auto call = parser.message().calls.end() -
              std::ranges::count(events, AnswerEvent::kCall, &AnswerEvent::kind);
  for (const AnswerEvent &event : events) {
    bool isBeside = event.kind == AnswerEvent::kReasoning || event.kind == AnswerEvent::kCommentary;
    if (event.kind == AnswerEvent::kContent)
      put(filter.feed(event.text));
    else if (isBeside && shown && sink.reasoning)
      shown = sink.reasoning(event.text);
    else if (event.kind == AnswerEvent::kCall && sink.call)
      sink.call(*call++);
    else if (event.kind == AnswerEvent::kArguments && sink.arguments)
      sink.arguments(event.text);
  }
}

void AnswerDraft::read(int32_t token) {
  show(parser.feed(token));
  if (request.constraint)
    request.constraint->take(token, parser);
}

std::span<const uint64_t> AnswerDraft::allowed() const {
  return request.constraint ? request.constraint->allowed(parser) : std::span<const uint64_t>();
}

/// Notes where thoughts begin, and tells where they have ended.
void AnswerDraft::countThoughts() {
  if (parser.reasons() && !reasoned)
    thoughtStart = std::chrono::steady_clock::now();
  if (!parser.reasons() && reasoned && answer.thoughts > 0 && sink.thought)
    sink.thought(answer.thoughts, secondsSince(thoughtStart));
  reasoned = parser.reasons();
}

bool AnswerDraft::take(int32_t token) {
  if (answer.tokens++ == 0)
    answer.promptSeconds = secondsSince(start);
  all.push_back(token);
  // Markers of the template are no part of the answer, but they may end it.
  if (!reasoned && tokenizer.isSpecial(token))
    put(filter.feedHidden(tokenizer.piece(token)));
  read(token);
  if (reasoned && parser.reasons()) // what ends thoughts is none
    ++answer.thoughts;
  countThoughts();
  isEnded = std::ranges::find(request.turnEnds, token) != request.turnEnds.end();
  return !isEnded && !isSpent() && shown.has_value() && !filter.stopped() && !parser.failed();
}

/// Ends the thoughts as the format ends them, and begins the answer.
void AnswerDraft::closeThoughts() {
  for (int32_t token : request.close) {
    all.push_back(token);
    read(token);
  }
  countThoughts();
  limit.reset(); // whatever comes now is not closed again
}

bool AnswerDraft::goesOnBehind(Finish why) {
  answer.finish = isEnded ? Finish::kEnd : why;
  // With a budget there is an answer: thoughts that end without one are closed, too.
  bool isMute = answer.finish == Finish::kEnd && limit && parser.reasons();
  if (isMute && !isEnded)
    limit = answer.thoughts;
  if (!isSpent() || answer.finish == Finish::kContext || !shown)
    return false;
  closeThoughts();
  return true;
}

void AnswerDraft::finish(bool byModel) {
  show(parser.finish(byModel));
  put(filter.finish());
  if (reasoned && answer.thoughts > 0 && sink.thought)
    sink.thought(answer.thoughts, secondsSince(thoughtStart));
  answer.message = parser.message();
  answer.message.content = content;
  answer.isHeld = !request.constraint || request.constraint->isWhole();
  answer.drawn.assign(all.begin() + std::ptrdiff_t(request.prompt.size()), all.end());
  answer.answerSeconds = secondsSince(start) - answer.promptSeconds;
}

} // namespace osscc::rt
