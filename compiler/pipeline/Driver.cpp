// One run of osscc: errors and crashes become messages and exit statuses.
#include "compiler/pipeline/Driver.h"

#include "compiler/pipeline/Compilation.h"
#include "support/Error.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <cstdlib>
#include <future>
#include <system_error>
#include <thread>
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

/// Tries whether the system gives as many threads at a time as a compilation may use: LLVM takes it
/// for a bug where it does not, as in a sandbox or under a limit of processes.
llvm::Error checkThreads(unsigned wanted) {
  std::vector<std::thread> threads;
  std::promise<void> enough;
  std::shared_future<void> wait = enough.get_future().share();
  std::string reason;
  try {
    while (threads.size() < wanted)
      threads.emplace_back([wait] { wait.wait(); });
  } catch (const std::system_error &error) {
    reason = error.code().message();
  }
  enough.set_value();
  for (std::thread &thread : threads)
    thread.join();
  if (reason.empty())
    return llvm::Error::success();
  return inputError(
      "threads",
      llvm::formatv("{0} are needed, the system gives {1}: {2}", wanted, threads.size(), reason),
      "give a smaller -j, at least 1, or allow osscc more processes");
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
  Compilation compilation(options);
  llvm::sys::PrintStackTraceOnErrorSignal(options.program);
  llvm::sys::AddSignalHandler(onCrash, &compilation);
  llvm::install_fatal_error_handler(onFatalError);
  constexpr unsigned kOthers = 2; // one hashes the sources, one takes what the linker writes
  unsigned pool = llvm::hardware_concurrency(options.jobs).compute_thread_count();
  llvm::Error error = checkThreads(pool + kOthers);
  return statusOf(error ? std::move(error) : compilation.run(), compilation);
}

} // namespace osscc
