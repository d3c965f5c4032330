// Which word was meant.
#pragma once

#include <span>
#include <string_view>

namespace osscc::rt {

/// The one of `words` that takes the fewest edits of one letter to become `word`, the first of
/// equals; empty if even that takes more than 2. Source: Levenshtein.
std::string_view nearestWord(std::string_view word, std::span<const std::string_view> words);

} // namespace osscc::rt
