// What osscc tells on stderr while it compiles: one moving line on a terminal, a plain line a step
// elsewhere, errors, and a closing summary.
#pragma once

#include "compiler/emit/BundleWriter.h"
#include "support/Error.h"
#include "support/Notes.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

namespace osscc {

/// Bytes that a running executable needs.
struct Memory {
  uint64_t weights, cache, scratch; ///< mapped; at the full context; of one call
};

/// "13.8 GB", "272.3 MB", "12.0 kB", "7 bytes".
std::string byteText(uint64_t bytes);

class Report {
public:
  enum class Detail { Quiet, Normal, Verbose };

  /// \param steps  how many times step() will be called.
  Report(Detail detail, int steps);

  /// A step begins: `[2/5] lower   znver4`.
  void step(llvm::StringRef name, llvm::StringRef what);
  /// What a step is made of, or what it found: verbose runs alone.
  void detail(const llvm::Twine &text);
  /// A line that stays; not in quiet runs.
  void say(const llvm::Twine &text);
  /// Weights written: redrawn in place on a terminal, a line every few seconds elsewhere.
  void progress(const BundleProgress &progress);
  /// `note: text`; not in quiet runs.
  void note(const llvm::Twine &text);
  /// What was found in the input that changes no number.
  void notes(const Notes &notes);
  /// The executable is there: size, stored precision, target, memory, seconds, and what to try.
  void summary(llvm::StringRef output, const Written &written, const bundle::BundleT &assets,
               const Memory &memory);
  /// `where: error: message`, then its help.
  void error(const InputError &error);
  /// `osscc: internal error: message`, then what to do with `reproducer`, a file's name or empty.
  void internalError(llvm::StringRef message, llvm::StringRef reproducer);
  bool verbose() const { return level == Detail::Verbose; }

  /// What is to be said of the licence of the weights: a line of the summary.
  void licence(llvm::StringRef output, const bundle::BundleT &assets);
  /// Seconds since the run began.
  double seconds() const;

private:
  using Clock = std::chrono::steady_clock;

  /// Text in a colour, where colours are wanted.
  llvm::raw_ostream &paint(llvm::raw_ostream::Colors colour, llvm::StringRef text);
  /// Ends or wipes the moving line.
  void clearLine();
  std::string tag(llvm::StringRef name) const;

  Detail level;
  int number = 0, steps;
  bool terminal, colours, drawn = false;
  std::string current; ///< The step's name.
  Clock::time_point start = Clock::now(), stepped = start, told = start;
};

} // namespace osscc
