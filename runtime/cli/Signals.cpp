#include "runtime/cli/Signals.h"

#include "runtime/bundle/Bundle.h"
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

void say(std::string_view message) {
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, message.data(), message.size());
}

void onMissingPage(int number, siginfo_t *info, void *) {
  constexpr int kStatus = 74;
  bool isFault = info->si_code > 0; // else a process has sent the signal
  if (isFault && isOfThisExecutable(info->si_addr)) {
    say("error: payload: part of the executable cannot be read; the file is truncated or its disk "
        "fails\n"
        "help: copy the executable again, or compile it again with osscc\n");
    _exit(kStatus);
  }
  if (isFault)
    say("error: memory: a page that is no part of the executable cannot be read\n"
        "help: look at the system's log: a file was cut short while in use, or memory fails\n");
  signal(number, SIG_DFL);
  raise(number); // comes when this handler returns
}

void handle(int number, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler; // without SA_RESTART: a waiting read returns
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
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
  struct sigaction action{};
  action.sa_sigaction = onMissingPage;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, nullptr);
}

} // namespace osscc::rt::cli
