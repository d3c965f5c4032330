// Which bytes of a rendered prompt were written by the model's chat template and which came from
// the user. The tokenizer may match special tokens in the first kind only, so "<|im_end|>" inside a
// message stays text.
#pragma once

#include <cstddef>

namespace osscc::rt {

/// The bytes [begin, end) of a text. Spans of one text are in order, adjacent, and cover it.
struct TokenSpan {
  size_t begin = 0, end = 0; ///< In bytes; never inside a UTF-8 character.
  bool isTemplate = false;   ///< True: written by the template, special tokens match here.

  bool operator==(const TokenSpan &) const = default;
};

} // namespace osscc::rt
