#include "runtime/chat/Repl.h"

#include "runtime/base/File.h"
#include "runtime/base/Interrupt.h"
#include "runtime/base/Say.h"
#include "runtime/chat/Commands.h"
#include "runtime/chat/Conversation.h"
#include "runtime/chat/Show.h"
#include "runtime/terminal/LineEditor.h"

namespace osscc::rt::cli {
namespace {

using terminal::Entered;
using terminal::LineEditor;

constexpr std::string_view kQuotes = "\"\"\"";

std::string_view trim(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r\n";
  size_t begin = line.find_first_not_of(kSpace);
  if (begin == std::string_view::npos)
    return {};
  return line.substr(begin, line.find_last_not_of(kSpace) + 1 - begin);
}

/// Reads a message: a line, or all lines from one that begins with kQuotes to one that ends so.
Entered readMessage(LineEditor &editor, std::string &message) {
  std::string line;
  Entered entered = editor.read("> ", line);
  message = trim(line);
  if (entered != Entered::kLine || !message.starts_with(kQuotes))
    return entered;
  message.erase(0, kQuotes.size());
  while (!message.ends_with(kQuotes)) {
    entered = editor.read("... ", line);
    if (entered != Entered::kLine)
      return entered;
    message += '\n' + line;
  }
  message.resize(message.size() - kQuotes.size());
  message = trim(message);
  return entered;
}

/// Says what an answer did to the context, before it is full and once it was.
void tellContext(const Conversation &conversation, Finish finish) {
  if (size_t turns = conversation.stats().dropped)
    say("(the context of {} tokens had no room: the model no longer sees the {} oldest turn{}; "
        "/save "
        "keeps all)\n",
        conversation.context(), turns, turns == 1 ? "" : "s");
  if (finish == Finish::kContext)
    say("(the context of {} tokens is full: the next question drops the oldest turns, /clear "
        "begins "
        "anew)\n",
        conversation.context());
  else if (conversation.stats().fills)
    say("(the context is nearly full, {} of {} tokens: then the oldest turns are dropped; /drop "
        "does "
        "it now)\n",
        conversation.contextUsed(), conversation.context());
}

/// Says what became of an answer, where that does not show by itself.
void tellAnswer(const Conversation &conversation) {
  sayFault(conversation.stats().fault);
  if (!conversation.stats().isHeld)
    say("(the answer was cut before it was what the schema asks for)\n");
  if (conversation.stats().isMute)
    say("(there is no answer beside {} tokens of thoughts; /nothink answers at once)\n",
        conversation.stats().thoughts);
}

/// Says how an answer ended, if not by itself.
Status close(const Conversation &conversation, const Result<Finish> &finish) {
  OSSCC_RETURN_IF_ERROR(writeOutput("\n"));
  if (finish) {
    tellAnswer(conversation);
    tellContext(conversation, *finish);
  } else if (finish.error().code == Code::kCancelled) {
    say("(stopped)\n");
  } else {
    say("error: {}\nhelp: {}\n", finish.error().message,
        finish.error().help.empty() ? "/clear begins anew" : finish.error().help);
  }
  return {};
}

/// Does what one message asks for. \returns whether the chat goes on.
Result<bool> take(Conversation &conversation, std::string_view message, const AnswerSink &sink) {
  if (!isChatCommand(message)) {
    OSSCC_RETURN_IF_ERROR(close(conversation, conversation.ask(message, sink)));
    return true;
  }
  Next next = runChatCommand(conversation, message);
  if (next == Next::kAnswerAgain)
    OSSCC_RETURN_IF_ERROR(close(conversation, conversation.askAgain(sink)));
  return next != Next::kLeave;
}

} // namespace

Status chat(Conversation &conversation, bool hidesReasoning) {
  AnswerSink sink = shownAnswer(hidesReasoning);
  LineEditor editor(completeChatCommand);
  say("/help lists the commands, Ctrl-D leaves\n");
  std::string message;
  for (bool goesOn = true; goesOn;) {
    Entered entered = readMessage(editor, message);
    clearInterrupt();
    if (entered == Entered::kEnd)
      break;
    if (entered == Entered::kInterrupted && message.empty())
      say("(Ctrl-D or /exit leaves)\n");
    if (entered == Entered::kInterrupted || message.empty())
      continue;
    auto taken = take(conversation, message, sink);
    if (!taken)
      return std::unexpected(std::move(taken).error());
    goesOn = *taken;
    clearInterrupt();
  }
  return {};
}

} // namespace osscc::rt::cli
