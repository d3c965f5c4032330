// Python's two ways of formatting: `text % values`, and str.format() with its format specs.
#pragma once

#include "runtime/template/Arguments.h"

namespace osscc::rt {

/// What stands behind the colon of `{:>8.2f}`, and between % and the letter of `%-8.2f`.
struct FormatSpec {
  std::string fill = " "; ///< One code point.
  char align = 0;         ///< < > = ^, or 0.
  char sign = '-';        ///< - + or a space.
  bool alternate = false, zeros = false;
  char grouping = 0; ///< , or _ or 0.
  size_t width = 0;
  std::optional<size_t> precision = std::nullopt;
  char type = 0;
};

/// Fields and precisions are refused beyond this many characters.
inline constexpr size_t kMaxFormatWidth = 100000;

/// `text % values`: values are a tuple, a dict or one value.
Value formatPercent(TemplateInterpreter &in, const Text &text, const Value &values);

/// text.format(*values, **named).
Value formatBraces(TemplateInterpreter &in, const Text &text, const Arguments &arguments);

/// A number by its spec; fails for a type letter that does not fit.
std::string formatNumber(TemplateInterpreter &in, const Value &number, FormatSpec spec);

/// Puts the text into the field's width; the fill counts as the template's.
TextPtr padText(const TextPtr &text, const FormatSpec &spec, char defaultAlign);

} // namespace osscc::rt
