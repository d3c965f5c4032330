// What a person sees as one character, and how many columns a terminal gives it.
#pragma once

#include <cstddef>
#include <string_view>

namespace osscc::rt::terminal {

/// The end of the grapheme cluster that begins at byte `at` of `text`, which is UTF-8; text.size()
/// at the end. Source: Unicode Standard Annex 29, by utf8proc.
size_t nextGrapheme(std::string_view text, size_t at);

/// The begin of the cluster that ends at byte `at`; 0 at the begin. Cost: linear in `at`.
size_t previousGrapheme(std::string_view text, size_t at);

/// Columns of one cluster: 0 to 2. Those of its widest code point, as terminals draw a joined emoji
/// in the place of its first part. Independent of the locale.
int graphemeWidth(std::string_view cluster);

} // namespace osscc::rt::terminal
