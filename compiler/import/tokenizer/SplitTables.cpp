// From the steps of split patterns to tables: code points that no set tells apart share a symbol,
// and sets of threads become states.
//
// A state is a list of threads, the preferred first, each about to take a step. A thread behind one
// that matches is dropped, for a backtracking engine would never reach it. What follows a character
// decides `(?!x)`, so threads run on only when the next symbol is known; a match is noted one
// symbol late, in the cell of that symbol.
#include "compiler/import/tokenizer/SplitPattern.h"

#include "runtime/bundle/TokenizerHash.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include <map>
#include <set>

using namespace llvm;

namespace osscc {
namespace {

using bundle::kCodePoints;
using bundle::kSymbolBlock;
using Step = PatternProgram::Step;

/// Which sets a symbol's code points are in: bit i for the i-th set of all patterns together.
using Membership = std::vector<bool>;

struct Alphabet {
  std::vector<Membership> symbols;
  std::vector<uint8_t> symbolOf; ///< [kCodePoints]
};

Alphabet makeAlphabet(ArrayRef<CodePointSet> sets) {
  std::set<uint32_t> borders{0, kCodePoints};
  for (const CodePointSet &set : sets)
    for (CodePointRange range : set)
      borders.insert({range.first, range.last + 1});
  Alphabet out;
  out.symbolOf.resize(kCodePoints);
  std::map<Membership, size_t> numbers;
  for (auto border = borders.begin(); *border != kCodePoints;) {
    uint32_t begin = *border, end = *++border;
    Membership in;
    for (const CodePointSet &set : sets)
      in.push_back(
          any_of(set, [&](auto &range) { return range.first <= begin && begin <= range.last; }));
    auto [entry, isNew] = numbers.try_emplace(in, out.symbols.size());
    if (isNew)
      out.symbols.push_back(in);
    if (out.symbols.size() > 256)
      report_fatal_error("split patterns tell more than 256 classes apart");
    std::fill(out.symbolOf.begin() + begin, out.symbolOf.begin() + end, uint8_t(entry->second));
  }
  return out;
}

class StateBuilder {
public:
  /// \param firstSet  the number of the program's first set among all patterns'.
  StateBuilder(const PatternProgram &program, const Alphabet &alphabet, size_t firstSet)
      : program(program), alphabet(alphabet), firstSet(firstSet) {}

  std::vector<uint16_t> build() {
    stateOf({}); // 0: dead
    stateOf({program.start});
    std::vector<uint16_t> cells;
    for (size_t state = 0; state < threads.size(); ++state)
      for (size_t symbol = 0; symbol <= alphabet.symbols.size(); ++symbol)
        cells.push_back(cell(std::vector<int>(threads[state]), symbol));
    return cells;
  }

private:
  uint16_t stateOf(std::vector<int> list) {
    auto [entry, isNew] = numbers.try_emplace(list, threads.size());
    if (isNew)
      threads.push_back(std::move(list));
    if (threads.size() >= bundle::kMatchFlag)
      report_fatal_error("a split pattern has too many states");
    return uint16_t(entry->second);
  }

  /// `symbol` of alphabet.symbols.size() is the end of the text, which is in no set.
  bool isIn(size_t symbol, int set) const {
    return symbol < alphabet.symbols.size() && alphabet.symbols[symbol][firstSet + size_t(set)];
  }

  uint16_t cell(ArrayRef<int> list, size_t symbol) {
    std::vector<int> next;
    std::vector<bool> seen(program.steps.size());
    bool matched = false;
    for (int step : list)
      if (!matched)
        matched = run(step, symbol, seen, next);
    return uint16_t(stateOf(std::move(next)) | (matched ? bundle::kMatchFlag : 0));
  }

  /// Runs a thread from `step` until it takes `symbol`, then notes where it goes on.
  /// \returns whether it matches before the symbol.
  bool run(int step, size_t symbol, std::vector<bool> &seen, std::vector<int> &next) {
    if (seen[step])
      return false;
    seen[step] = true;
    const Step &at = program.steps[step];
    switch (at.kind) {
    case Step::Match:
      return true;
    case Step::Fork:
      return run(at.next, symbol, seen, next) || run(at.other, symbol, seen, next);
    case Step::NotBefore:
      return !isIn(symbol, at.set) && run(at.next, symbol, seen, next);
    case Step::Consume:
      if (isIn(symbol, at.set) && !is_contained(next, at.next))
        next.push_back(at.next);
      return false;
    }
    llvm_unreachable("all kinds are handled");
  }

  const PatternProgram &program;
  const Alphabet &alphabet;
  size_t firstSet;
  std::vector<std::vector<int>> threads;
  std::map<std::vector<int>, size_t> numbers;
};

/// Stores equal blocks of code points once.
void fillBlocks(ArrayRef<uint8_t> symbolOf, bundle::PretokenizerT &out) {
  std::map<std::vector<uint8_t>, uint16_t> numbers;
  for (size_t begin = 0; begin < symbolOf.size(); begin += kSymbolBlock) {
    std::vector<uint8_t> block = symbolOf.slice(begin, kSymbolBlock).vec();
    auto [entry, isNew] = numbers.try_emplace(block, uint16_t(numbers.size()));
    if (isNew)
      out.symbols.insert(out.symbols.end(), block.begin(), block.end());
    out.blocks.push_back(entry->second);
  }
}

} // namespace

std::unique_ptr<bundle::PretokenizerT> buildPretokenizer(ArrayRef<StringRef> patterns) {
  std::vector<PatternProgram> programs;
  std::vector<CodePointSet> sets;
  for (StringRef pattern : patterns) {
    programs.push_back(parsePattern(pattern));
    append_range(sets, programs.back().sets);
  }
  Alphabet alphabet = makeAlphabet(sets);
  auto out = std::make_unique<bundle::PretokenizerT>();
  out->symbol_count = uint32_t(alphabet.symbols.size());
  fillBlocks(alphabet.symbolOf, *out);
  size_t firstSet = 0;
  for (const PatternProgram &program : programs) {
    auto stage = std::make_unique<bundle::SplitStageT>();
    stage->cells = StateBuilder(program, alphabet, firstSet).build();
    out->stages.push_back(std::move(stage));
    firstSet += program.sets.size();
  }
  return out;
}

} // namespace osscc
