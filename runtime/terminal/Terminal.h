// The terminal's modes. Whatever ends the process, the terminal gets back the mode it had.
#pragma once

#include <optional>

namespace osscc::rt::terminal {

enum class Mode {
  kUsual,  ///< As the process found it.
  kEdit,   ///< Each key arrives by itself, Ctrl-C too; pastes are bracketed.
  kAnswer, ///< Ctrl-C is a signal; keys wait unseen for the next line.
};

/// Whether lines can be edited: standard input and standard error are a terminal, and TERM does not
/// say that it is a dumb one.
bool isEditable();

/// Takes the mode of the terminal at standard input. The first call remembers the usual one, and
/// gives it back at exit and when SIGTERM, SIGHUP or SIGQUIT ends the process.
void setMode(Mode mode);

/// Gives back the usual mode. For signal handlers.
void restoreMode();

/// Stops the process, as Ctrl-Z does, in the usual mode; takes kEdit when it goes on.
void suspend();

/// Columns of the terminal, 80 if it does not say.
int columns();

/// One byte of standard input; none at its end, and after 50 ms without one unless `isWaiting`.
std::optional<char> readByte(bool isWaiting);

} // namespace osscc::rt::terminal
