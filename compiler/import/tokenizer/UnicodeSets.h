// Character classes that split patterns name, with the members that the `tokenizers` package gives
// them. Generated, because classes change with each version of Unicode and ids must equal the
// reference's.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace osscc {

/// Code points from `first` to `last`, both included.
struct CodePointRange {
  uint32_t first, last;

  bool operator==(const CodePointRange &) const = default;
};

/// The ranges of a class in rising order, with gaps between them: "L", "N" and those of
/// letterSet() and symbolSet(), general categories; "Space", White_Space; "Digits", what the
/// pre-tokenizer of this name takes for a digit; "Word", what an added token with `single_word` is
/// not found beside. Empty for another name.
llvm::ArrayRef<CodePointRange> unicodeSet(llvm::StringRef name);

/// The same for the categories of punctuation and of symbols: "P" and "S".
llvm::ArrayRef<CodePointRange> symbolSet(llvm::StringRef name);

/// The same for the categories of letters and marks: "Lu", "Ll", "Lt", "Lm" and "M".
llvm::ArrayRef<CodePointRange> letterSet(llvm::StringRef name);

} // namespace osscc
