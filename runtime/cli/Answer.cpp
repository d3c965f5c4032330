// One question from the command line, a file or a pipe; without one, on a terminal, a chat.
#include "runtime/base/File.h"
#include "runtime/chat/Conversation.h"
#include "runtime/chat/Repl.h"
#include "runtime/cli/Signals.h"

#include <fmt/format.h>

#include <unistd.h>

namespace osscc::rt::cli {
namespace {

/// The question, or none if this is to be a chat. The newline that ends a file is no part of it,
/// except with --raw.
Result<std::optional<std::string>> readQuestion(const Options &options) {
  if (options.prompt)
    return options.prompt;
  if (options.promptFile.empty() && isatty(STDIN_FILENO))
    return std::nullopt;
  auto text = readAll(options.promptFile.empty() ? "-" : options.promptFile);
  if (!text)
    return std::unexpected(std::move(text).error());
  if (!options.raw && text->ends_with('\n'))
    text->pop_back();
  if (!options.raw && text->ends_with('\r'))
    text->pop_back();
  return std::optional(std::move(*text));
}

} // namespace

Status runAnswer(const Assistant &assistant) {
  auto question = readQuestion(assistant.options);
  if (!question)
    return std::unexpected(std::move(question).error());
  if (*question && (*question)->empty())
    return fail(Code::kUsage, "the prompt is empty",
                "give a question, or start on a terminal to chat");
  auto conversation = Conversation::create(assistant);
  if (!conversation)
    return std::unexpected(std::move(conversation).error());
  fmt::print(stderr, "{}, ready in {:.1f} ms\n", conversation->banner(),
             assistant.clock.milliseconds());
  catchInterrupt();
  if (!*question)
    return chat(*conversation);

  auto finish = conversation->ask(**question, showAnswer);
  if (!finish)
    return std::unexpected(std::move(finish).error());
  OSSCC_RETURN_IF_ERROR(writeOutput("\n"));
  if (*finish == Finish::kContext)
    fmt::print(stderr, "note: the context of {} tokens is full\n", conversation->context());
  return {};
}

} // namespace osscc::rt::cli
