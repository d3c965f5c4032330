// Reads lines from a person: with editing and history on a terminal, plainly elsewhere.
#pragma once

#include "runtime/terminal/EditLine.h"

#include <functional>
#include <string>
#include <string_view>

namespace osscc::rt::terminal {

/// How a line ended.
enum class Entered {
  kLine,
  kInterrupted, ///< Ctrl-C: the caller drops what was typed.
  kEnd,         ///< Ctrl-D on an empty line, or the end of the input.
};

class LineEditor {
public:
  /// \param complete  what Tab makes of the text before the cursor; the same text if nothing.
  explicit LineEditor(std::function<std::string(std::string_view)> complete = {});

  /// Shows `prompt` on standard error and reads a line into `line`, which may hold newlines of a
  /// paste. The line joins the history. Afterwards the terminal is in Mode::kAnswer.
  Entered read(std::string_view prompt, std::string &line);

private:
  Entered readPlainly(std::string &line);
  Entered edit(std::string_view prompt, EditLine &line);

  std::function<std::string(std::string_view)> complete;
  History history;
};

} // namespace osscc::rt::terminal
