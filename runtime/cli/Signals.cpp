#include "runtime/cli/Signals.h"

#include "runtime/base/Descriptor.h"
#include "runtime/bundle/Bundle.h"
#include "runtime/terminal/Terminal.h"

#include <cerrno>
#include <csignal>
#include <string_view>
#include <unistd.h>

namespace osscc::rt::cli {
namespace {

constexpr int kPatience = 200; // ms that a handler waits for whoever reads standard error

// A signal handler can reach nothing but a global.
volatile sig_atomic_t secondExplains = 0;

void tell(std::string_view sentence) {
  writeAll(STDERR_FILENO, sentence, kPatience);
}

void onMissingPage(int number, siginfo_t *info, void *) {
  constexpr int kStatus = 74;
  bool isFault = info->si_code > 0; // else a process has sent the signal
  if (isFault && isOfThisExecutable(info->si_addr)) {
    tell("error: payload: part of the executable cannot be read; the file is truncated or its disk "
         "fails\n"
         "help: copy the executable again, or compile it again with osscc\n");
    _exit(kStatus);
  }
  if (isFault)
    tell("error: memory: a page that is no part of the executable cannot be read\n"
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

bool isIgnored(int signal) {
  struct sigaction action{};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void onEnd(int signal) {
  terminal::restoreMode();
  handle(signal, SIG_DFL);
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, signal);
  pthread_sigmask(SIG_UNBLOCK, &own, nullptr);
  raise(signal);
  _exit(128 + signal); // the first process of a container: the default action is to do nothing
}

void onInterrupt(int) {
  if (!raiseInterrupt())
    return;
  int kept = errno;
  if (secondExplains)
    tell("\n(the answer is being stopped; Ctrl-D or /exit then leaves, Ctrl-\\ ends at once)\n");
  else
    onEnd(SIGINT);
  errno = kept;
}

} // namespace

void endOnSignals() {
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    if (!isIgnored(signal))
      handle(signal, onEnd);
}

void catchInterrupt(SecondInterrupt second) {
  secondExplains = second == SecondInterrupt::kExplains;
  if (!isIgnored(SIGINT))
    handle(SIGINT, onInterrupt);
}

void explainMissingPages() {
  struct sigaction action{};
  action.sa_sigaction = onMissingPage;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, nullptr);
}

} // namespace osscc::rt::cli
