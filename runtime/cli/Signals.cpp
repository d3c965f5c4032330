#include "runtime/cli/Signals.h"

#include "runtime/terminal/Terminal.h"

#include <csignal>
#include <string_view>
#include <unistd.h>

namespace osscc::rt::cli {
namespace {

// A signal handler can reach nothing but a global.
int64_t interrupted = 0;

void onInterrupt(int) {
  constexpr int kStatus = 130;
  if (__atomic_exchange_n(&interrupted, 1, __ATOMIC_RELAXED) != 0) {
    terminal::restoreMode();
    _exit(kStatus);
  }
}

void onMissingPage(int) {
  constexpr int kStatus = 74;
  constexpr std::string_view kMessage =
      "error: payload: part of the executable cannot be read; the file is truncated or its disk "
      "fails\n"
      "help: copy the executable again, or compile it again with osscc\n";
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, kMessage.data(), kMessage.size());
  _exit(kStatus);
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler; // without SA_RESTART: a waiting read returns
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

} // namespace

void catchInterrupt() {
  handle(SIGINT, onInterrupt);
}

const int64_t *interruptFlag() {
  return &interrupted;
}

void clearInterrupt() {
  __atomic_store_n(&interrupted, 0, __ATOMIC_RELAXED);
}

void explainMissingPages() {
  handle(SIGBUS, onMissingPage);
}

} // namespace osscc::rt::cli
