// One question from the command line, a file or a pipe; without one, on a terminal, a chat.
#include "runtime/base/Say.h"
#include "runtime/chat/Conversation.h"
#include "runtime/chat/Repl.h"
#include "runtime/chat/Show.h"
#include "runtime/cli/Commands.h"
#include "runtime/cli/Question.h"
#include "runtime/cli/Signals.h"

namespace osscc::rt::cli {

Status runAnswer(const Assistant &assistant) {
  auto question = readQuestion(assistant.options, assistant.limitByContext());
  if (!question)
    return std::unexpected(std::move(question).error());
  auto conversation = Conversation::create(assistant);
  if (!conversation)
    return std::unexpected(std::move(conversation).error());
  say("{}, ready in {:.1f} ms\n", conversation->banner(), assistant.clock.milliseconds());
  if (!*question) {
    catchInterrupt(SecondInterrupt::kExplains);
    return chat(*conversation, assistant.options.hideReasoning);
  }

  catchInterrupt();
  auto finish = conversation->ask(**question, shownAnswer(assistant.options.hideReasoning));
  if (!finish)
    return std::unexpected(std::move(finish).error());
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
