// Unicode normalization, for tokenizers whose vocabulary was made of composed text.
#pragma once

#include <string>
#include <string_view>

namespace osscc::rt {

/// Whether every character is ASCII: such text is in every normalization form.
bool isAscii(std::string_view text);

/// `text`, valid UTF-8, in normalization form C (Unicode Standard Annex 15) of Unicode 9, which is
/// what the `tokenizers` package normalizes by: text for training was made by it. May throw
/// std::bad_alloc. Cost: n log n at most.
std::string normalizationFormC(std::string_view text);

} // namespace osscc::rt
