#include "compiler/pipeline/Report.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

namespace osscc {

Report::Report(bool quiet) : quiet(quiet), terminal(llvm::sys::Process::StandardErrIsDisplayed()) {}

double Report::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Report::stage(llvm::StringRef name, llvm::StringRef detail) {
  ++number;
  if (!quiet)
    llvm::errs() << "[" << number << "/4] " << name << "   " << detail << "\n";
}

void Report::progress(llvm::StringRef name, uint64_t done, uint64_t total) {
  auto now = std::chrono::steady_clock::now();
  if (quiet || !terminal || (done < total && now - drawn < std::chrono::milliseconds(100)))
    return;
  drawn = now;
  llvm::errs() << "\r      " << name
               << llvm::format("   %.2f/%.2f GB", static_cast<double>(done) / 1e9,
                               static_cast<double>(total) / 1e9)
               << (done == total ? "\n" : "");
}

void Report::summary(llvm::StringRef output, const Written &written,
                     const bundle::BundleT &assets) {
  if (quiet)
    return;
  uint64_t parameters = 0;
  for (const auto &weight : assets.weights)
    parameters += weight->parameters;
  double each =
      parameters ? static_cast<double>(written.weights) / static_cast<double>(parameters) : 0;
  llvm::errs() << output
               << llvm::format(": %.1f MB, %.1f M parameters at %.2f bytes, ",
                               static_cast<double>(written.file) / 1e6,
                               static_cast<double>(parameters) / 1e6, each)
               << assets.target << ", context " << (assets.model ? assets.model->context : 0)
               << llvm::format(", %.1f s\n", seconds());
  if (assets.model && assets.model->licence == "unknown")
    llvm::errs() << "note: the licence of the weights is unknown; whoever passes the executable on "
                    "passes them on\n";
  llvm::errs() << "try: " << (output.contains('/') ? "" : "./") << output
               << " \"Why is the sky blue?\"\n";
}

} // namespace osscc
