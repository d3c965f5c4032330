// One run of osscc: errors and crashes become messages and exit statuses.
#include "compiler/pipeline/Driver.h"

#include "compiler/pipeline/Compilation.h"
#include "support/Error.h"
#include "support/StartThread.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <future>
#include <unistd.h>
#include <vector>

namespace osscc {

namespace {

constexpr int kInternalError = 70; // EX_SOFTWARE of sysexits.h

/// What LLVM calls fatal ends as a crash does.
void onFatalError(void *, const char *reason, bool) {
  llvm::errs() << "LLVM: " << reason << "\n";
  std::abort();
}

/// After a crash, in whichever thread: temporary files are gone already, and the stack is printed.
void onCrash(void *compilation) {
  // What the crash has left locked may hold up the report, but not the end.
  std::signal(SIGALRM, [](int) { ::_exit(kInternalError); });
  ::alarm(5);
  auto *run = static_cast<Compilation *>(compilation);
  run->report().internalError("crashed", run->keepReproducer());
  ::_exit(kInternalError);
}

/// What the system gives of the threads that are wanted.
struct GivenThreads {
  unsigned count;
  std::string reason; ///< Why there are no more; empty: it gives all.
};

/// Tries how many threads the system gives at a time, as a sandbox or a limit of processes may give
/// fewer: a pool of LLVM that asks for more ends the process.
GivenThreads tryThreads(unsigned wanted) {
  std::vector<std::thread> threads;
  std::promise<void> enough;
  std::shared_future<void> wait = enough.get_future().share();
  std::string reason;
  while (threads.size() < wanted && reason.empty()) {
    std::thread thread;
    reason = startThread(thread, [wait] { wait.wait(); });
    if (reason.empty())
      threads.push_back(std::move(thread));
  }
  enough.set_value();
  for (std::thread &thread : threads)
    thread.join();
  return {static_cast<unsigned>(threads.size()), reason};
}

int statusOf(llvm::Error error, Compilation &compilation) {
  int status = 0;
  llvm::handleAllErrors(
      std::move(error),
      [&](const InputError &input) {
        compilation.report().error(input);
        status = input.exitStatus;
      },
      [&](const llvm::ErrorInfoBase &internal) {
        compilation.report().internalError(internal.message(), compilation.keepReproducer());
        status = kInternalError;
      });
  return status;
}

} // namespace

int compile(const DriverOptions &options) {
  constexpr unsigned kOthers = 2; // one hashes the sources, one takes what the linker writes
  unsigned wanted = llvm::hardware_concurrency(options.jobs).compute_thread_count() + kOthers;
  GivenThreads given = tryThreads(wanted);
  Compilation compilation(options, given.count - std::min(given.count, kOthers));
  if (!given.reason.empty())
    compilation.report().note(llvm::formatv("{0} of {1} threads: the system gives no more ({2})",
                                            given.count, wanted, given.reason));
  llvm::sys::PrintStackTraceOnErrorSignal(options.program);
  llvm::sys::AddSignalHandler(onCrash, &compilation);
  llvm::install_fatal_error_handler(onFatalError);
  return statusOf(compilation.run(), compilation);
}

} // namespace osscc
