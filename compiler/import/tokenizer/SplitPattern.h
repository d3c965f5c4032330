// Split patterns (regular expressions over code points) compiled to automata. The runtime then
// needs no regular expression engine, which would recurse a million deep on a million equal
// letters.
//
//   pattern ─ parse ─▶ PatternProgram, of Thompson's kind ─ buildPretokenizer ─▶
//   bundle::PretokenizerT, deterministic
//
// A match is the one that a backtracking engine finds: alternatives in their order, repetitions
// greedy.
#pragma once

#include "compiler/import/tokenizer/UnicodeSets.h"
#include "runtime/bundle/Tokenizer_generated.h"
#include <memory>
#include <vector>

namespace osscc {

/// Ranges in rising order, with gaps between them.
using CodePointSet = std::vector<CodePointRange>;

/// A pattern as steps; threads of one match run through them in order of preference.
struct PatternProgram {
  struct Step {
    enum Kind {
      Consume,   ///< a code point of `set`, then `next`
      NotBefore, ///< no code point of `set` follows here, then `next`
      Fork,      ///< `next`, or if that fails `other`
      Match,
    } kind;
    int set = 0, next = 0, other = 0;
  };
  std::vector<Step> steps;
  std::vector<CodePointSet> sets;
  int start = 0;
};

/// Parses a pattern of the compiler's own (never one from a checkpoint): literals, `\s`, `\S`,
/// `\r`, `\n`, `\p{Lo}` and `\p{..}` with the names of unicodeSet, classes `[^..]` of these and of
/// ranges, whose punctuation may be escaped, `|`, `?`, `*`, `+`, `{m,n}`, `(?:..)`, `(?i:..)` of
/// ASCII, `(?!x)` for one class x, and `$`. Aborts on anything else.
PatternProgram parsePattern(llvm::StringRef pattern);

/// The automata of `patterns`, one a stage, over common symbols.
std::unique_ptr<bundle::PretokenizerT> buildPretokenizer(llvm::ArrayRef<llvm::StringRef> patterns);

} // namespace osscc
