#include "runtime/chat/Show.h"

#include "runtime/base/File.h"
#include "runtime/terminal/Printable.h"

#include <unistd.h>

namespace osscc::rt::cli {

Status showAnswer(std::string_view text) {
  static const bool isTerminal = isatty(STDOUT_FILENO);
  return isTerminal ? writeOutput(terminal::printable(text)) : writeOutput(text);
}

} // namespace osscc::rt::cli
