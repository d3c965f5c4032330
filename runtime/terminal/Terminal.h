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

/// Takes the mode of the terminal at standard input. The first call remembers the usual one, which
/// is given back at exit.
void setMode(Mode mode);

/// Gives back the usual mode, if another was taken. For the handlers of signals that end the
/// process.
void restoreMode();

/// Stops the process, as Ctrl-Z does, in the usual mode; takes kEdit when it goes on.
void suspend();

/// Columns of the terminal, 80 if it does not say.
int columns();

constexpr char kCtrlC = '\x03';

/// One byte of standard input; none at its end, and after 50 ms without one unless `isWaiting`. An
/// interrupt that comes meanwhile is taken as the key that causes it, kCtrlC.
std::optional<char> readByte(bool isWaiting);

} // namespace osscc::rt::terminal
