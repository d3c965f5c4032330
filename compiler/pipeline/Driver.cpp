// One run of osscc: errors and crashes become messages and exit statuses.
#include "compiler/pipeline/Driver.h"

#include "compiler/pipeline/Compilation.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

namespace osscc {

namespace {

constexpr int kInternalError = 70; // EX_SOFTWARE of sysexits.h

/// What LLVM calls fatal ends as a crash does, in compile's hands.
void onFatalError(void *, const char *reason, bool) {
  llvm::errs() << "LLVM: " << reason << "\n";
  std::abort();
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
  // In this order: a crash goes to the recovery first, which removes the temporary files that the
  // other would.
  llvm::sys::PrintStackTraceOnErrorSignal(options.program);
  llvm::CrashRecoveryContext::Enable();
  llvm::install_fatal_error_handler(onFatalError);
  Compilation compilation(options);
  int status = kInternalError;
  llvm::CrashRecoveryContext recovery;
  recovery.DumpStackAndCleanupOnFailure = true;
  if (!recovery.RunSafely([&] { status = statusOf(compilation.run(), compilation); })) {
    compilation.report().internalError("crashed", compilation.keepReproducer());
    // Threads may wait for what the crash left behind: no destructor is safe.
    llvm::sys::Process::Exit(kInternalError, /*NoCleanup=*/true);
  }
  llvm::remove_fatal_error_handler();
  return status;
}

} // namespace osscc
