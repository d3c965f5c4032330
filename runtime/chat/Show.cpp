#include "runtime/chat/Show.h"

#include "runtime/base/File.h"
#include "runtime/base/Say.h"
#include "runtime/terminal/Printable.h"

#include <cstdlib>
#include <unistd.h>

namespace osscc::rt::cli {

Status showAnswer(std::string_view text) {
  static const bool isTerminal = isatty(STDOUT_FILENO);
  return isTerminal ? writeOutput(terminal::printable(text)) : writeOutput(text);
}

Status showReasoning(std::string_view text) {
  static const bool isTerminal = isatty(STDERR_FILENO);
  static const bool isDim = isTerminal && !getenv("NO_COLOR");
  std::string shown = isTerminal ? terminal::printable(text) : std::string(text);
  say("{}{}{}", isDim ? "\x1b[2m" : "", shown, isDim ? "\x1b[0m" : "");
  return {};
}

AnswerSink shownAnswer(bool hidesReasoning) {
  AnswerSink sink;
  sink.content = showAnswer;
  if (!hidesReasoning)
    sink.reasoning = showReasoning;
  sink.thought = [hidesReasoning](int64_t tokens, double seconds) {
    say("{}thought for {:.1f} s ({} token{})\n", hidesReasoning ? "" : "\n", seconds, tokens,
        tokens == 1 ? "" : "s");
  };
  return sink;
}

void sayFault(const std::optional<AnswerError> &fault) {
  if (fault)
    say("error: the answer cannot be read on: {}\n", terminal::printable(fault->text));
}

} // namespace osscc::rt::cli
