// What was found in the input that changes no number: it stops nothing, and the summary tells it.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Twine.h"
#include <string>
#include <vector>

namespace osscc {

/// One finding. Printed as `note: where: message`.
struct Note {
  std::string where;   ///< As in InputError.
  std::string message; ///< What was found, and what became of it; one line, no full stop.
};

/// The findings of one run, in the order in which they were made. A hostile file can have any
/// number of slips, so the first kMost are kept and the others counted.
class Notes {
public:
  static constexpr size_t kMost = 16;

  void add(const llvm::Twine &where, const llvm::Twine &message) {
    if (!isFull())
      kept.push_back({where.str(), message.str()});
    else
      ++rest;
  }

  /// Whether the next one will only be counted, so that its place need not be found.
  bool isFull() const { return kept.size() == kMost; }
  llvm::ArrayRef<Note> all() const { return kept; }
  /// How many more there were.
  size_t more() const { return rest; }

private:
  std::vector<Note> kept;
  size_t rest = 0;
};

} // namespace osscc
