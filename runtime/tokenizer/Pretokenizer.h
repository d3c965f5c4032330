// Splits a text into the pieces within which byte pairs merge, by the automata that the compiler
// made of the model's split patterns (bundle::Pretokenizer). Runs in one pass a stage: no
// backtracking, no stack that grows with the text.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/bundle/Tokenizer_generated.h"

#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace osscc::rt {

class Pretokenizer {
public:
  /// \param tables  must outlive the object, which keeps pointers into it.
  /// \errors  kDataDamaged if an entry leads outside its table.
  static Result<Pretokenizer> load(const bundle::Pretokenizer &tables);

  /// Calls `onPiece` with the pieces of `text` in order; none is empty, and together they are the
  /// text.
  ///
  /// \param text  valid UTF-8.
  /// Cost: linear in the text for the patterns that the compiler knows.
  void split(std::string_view text, const std::function<void(std::string_view)> &onPiece) const;

private:
  uint32_t symbolAt(const char *at, uint32_t &bytes) const;
  /// Bytes of the match that starts with `text`; 0 if there is none.
  size_t match(std::span<const uint16_t> cells, std::string_view text) const;
  void splitFrom(size_t stage, std::string_view text,
                 const std::function<void(std::string_view)> &onPiece) const;

  std::span<const uint16_t> blocks;
  std::span<const uint8_t> symbols;
  uint32_t symbolCount = 0;
  std::vector<std::span<const uint16_t>> stages;
};

} // namespace osscc::rt
