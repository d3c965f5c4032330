// What osscc tells on stderr while it compiles: a line a stage, a moving one on a terminal, and a
// closing summary.
#pragma once

#include "compiler/emit/BundleWriter.h"
#include "llvm/ADT/StringRef.h"
#include <chrono>

namespace osscc {

class Report {
public:
  explicit Report(bool quiet);

  /// A stage begins.
  void stage(llvm::StringRef name, llvm::StringRef detail);
  /// Bytes done of a stage; redrawn in place on a terminal, silent elsewhere.
  void progress(llvm::StringRef name, uint64_t done, uint64_t total);
  /// The executable is there: size, stored precision, target, seconds, and what to try.
  void summary(llvm::StringRef output, const Written &written, const bundle::BundleT &assets);

private:
  double seconds() const;

  bool quiet, terminal;
  int number = 0;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now(), drawn = start;
};

} // namespace osscc
