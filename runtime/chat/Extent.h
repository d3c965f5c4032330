// Where a bracketed value ends, found while its text comes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace osscc::rt {

/// How the texts within a value are quoted.
enum class Quotes {
  kJson,   ///< "...", with backslashes.
  kPython, ///< '...' or "...", with backslashes.
  kGemma,  ///< Between two <|"|>, which no text has.
};

/// Follows the brackets and texts of one value. What stands between them is not looked at.
class Extent {
public:
  explicit Extent(Quotes quotes) : quotes(quotes) {}

  /// Goes on with the same text, which may have grown since.
  /// \param text  begins with a bracket: ( [ or {.
  /// \returns whether the value has ended.
  bool scan(std::string_view text);

  /// Bytes of the value, if it has ended; else those that were looked at.
  size_t size() const { return at; }

private:
  Quotes quotes;
  size_t at = 0;
  size_t depth = 0;
  char quote = 0; ///< That ends the text which is being passed over; 0: none is.
};

constexpr std::string_view kGemmaQuote = "<|\"|>";

} // namespace osscc::rt
