// One run of osscc: errors and crashes become messages and exit statuses.
#include "compiler/pipeline/Driver.h"

#include "compiler/pipeline/Compilation.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <cstdlib>
#include <unistd.h>

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
  return statusOf(compilation.run(), compilation);
}

} // namespace osscc
