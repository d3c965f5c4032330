// One question from the command line, a file or a pipe; without one, on a terminal, a chat.
#include "runtime/base/File.h"
#include "runtime/base/Say.h"
#include "runtime/chat/Conversation.h"
#include "runtime/chat/Repl.h"
#include "runtime/chat/Show.h"
#include "runtime/cli/Commands.h"
#include "runtime/cli/Question.h"
#include "runtime/cli/Signals.h"

#include <boost/json/serialize.hpp>

namespace osscc::rt::cli {
namespace {

namespace json = boost::json;

std::string_view reasonOf(Finish finish) {
  bool isCut = finish == Finish::kLength || finish == Finish::kContext;
  return isCut ? "length" : "stop";
}

/// An answer as one object on standard output, and nothing else there.
class JsonAnswer {
public:
  AnswerSink sink() {
    AnswerSink out;
    out.content = [this](std::string_view text) { return add(content, text); };
    out.reasoning = [this](std::string_view text) { return add(reasoning, text); };
    return out;
  }

  Status write(Finish finish, const Conversation::Stats &stats) const {
    json::object out{{"content", content},
                     {"reasoning", reasoning},
                     {"finish_reason", reasonOf(finish)},
                     {"usage",
                      {{"prompt_tokens", stats.prompt},
                       {"cached_tokens", stats.reused},
                       {"completion_tokens", stats.answer},
                       {"reasoning_tokens", stats.thoughts}}}};
    if (stats.fault)
      out["error"] = {{"code", nameOf(stats.fault->fault)}, {"message", stats.fault->text}};
    return writeOutput(json::serialize(out));
  }

private:
  static Status add(std::string &to, std::string_view text) {
    to += text;
    return {};
  }
  std::string content, reasoning;
};

} // namespace

Status runAnswer(const Assistant &assistant) {
  auto question = readQuestion(assistant.options, assistant.limitByContext());
  if (!question)
    return std::unexpected(std::move(question).error());
  auto conversation = Conversation::create(assistant);
  if (!conversation)
    return std::unexpected(std::move(conversation).error());
  say("{}, ready in {:.1f} ms\n", conversation->banner(), assistant.clock.milliseconds());
  if (!*question && assistant.options.json)
    return usageError("--json: there is no question, and a chat is no object", "give a question");
  if (!*question) {
    catchInterrupt(SecondInterrupt::kExplains);
    return chat(*conversation, assistant.options.hideReasoning);
  }

  catchInterrupt();
  JsonAnswer object;
  bool isJson = assistant.options.json;
  auto finish = conversation->ask(
      **question, isJson ? object.sink() : shownAnswer(assistant.options.hideReasoning));
  if (!finish)
    return std::unexpected(std::move(finish).error());
  if (isJson)
    OSSCC_RETURN_IF_ERROR(object.write(*finish, conversation->stats()));
  OSSCC_RETURN_IF_ERROR(writeOutput("\n"));
  sayFault(conversation->stats().fault);
  if (conversation->stats().isMute)
    say("note: the model came to no answer: {} tokens of thoughts, --reasoning-budget=N ends "
        "them\n",
        conversation->stats().thoughts);
  if (*finish == Finish::kContext)
    say("note: the context of {} tokens is full\n", conversation->context());
  if (!conversation->stats().isHeld)
    return fail(Code::kRuntime, "the answer was cut before it was what the schema asks for",
                "allow more by --max-tokens or --context, or bound the schema's texts and arrays");
  return {};
}

} // namespace osscc::rt::cli
