#include "runtime/terminal/Terminal.h"

#include "runtime/base/Descriptor.h"
#include "runtime/base/Interrupt.h"

#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <string_view>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace osscc::rt::terminal {
namespace {

// A signal handler can reach nothing but a global.
termios usual;
volatile sig_atomic_t isKept = 0;

constexpr std::string_view kPasteOn = "\x1b[?2004h", kPasteOff = "\x1b[?2004l";

void put(std::string_view bytes) {
  constexpr int kPatience = 200; // ms; a signal's handler must not wait for a terminal that hangs
  writeAll(STDERR_FILENO, bytes, kPatience);
}

void keepUsual() {
  if (isKept || tcgetattr(STDIN_FILENO, &usual) != 0)
    return;
  isKept = 1;
  std::atexit(restoreMode);
}

} // namespace

bool isEditable() {
  const char *kind = std::getenv("TERM");
  return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && kind && std::string_view(kind) != "dumb";
}

void restoreMode() {
  if (!isKept)
    return;
  put(kPasteOff);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &usual);
}

void setMode(Mode mode) {
  keepUsual();
  if (!isKept)
    return;
  if (mode == Mode::kUsual)
    return restoreMode();
  termios changed = usual;
  changed.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN);
  changed.c_iflag &= ~tcflag_t(ICRNL | IXON);
  if (mode == Mode::kEdit)
    changed.c_lflag &= ~tcflag_t(ISIG);
  changed.c_cc[VMIN] = 1;
  changed.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSADRAIN, &changed);
  put(mode == Mode::kEdit ? kPasteOn : kPasteOff);
}

void suspend() {
  restoreMode();
  raise(SIGTSTP);
  setMode(Mode::kEdit);
}

int columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::optional<char> readByte(bool isWaiting) {
  constexpr int kPause = 50; // ms; the bytes of one key follow each other at once
  if (!isWaiting && !waitFor(STDIN_FILENO, POLLIN, kPause))
    return std::nullopt;
  char byte = 0;
  ssize_t got = readSome(STDIN_FILENO, &byte, 1);
  if (got < 0 && isInterrupted()) {
    clearInterrupt();
    return kCtrlC;
  }
  return got == 1 ? std::optional(byte) : std::nullopt;
}

} // namespace osscc::rt::terminal
