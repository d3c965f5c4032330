// JSON text as values of the renderer. Numbers keep all that the text says of them: integers are
// exact whatever their length, and a float is the nearest double.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/template/Value.h"

namespace osscc::rt {

/// Python reads no integer with more digits (sys.get_int_max_str_digits).
inline constexpr size_t kMaxIntegerDigits = 4300;

/// The value of a JSON text, as Python's json.loads() makes it: of two equal keys the last value
/// counts, at the place of the first; numbers beyond a double's range are infinite.
///
/// \param isTemplate  whether the text's strings count as the template's, not the user's.
/// \errors  kInvalidArgument naming the byte: no JSON, not UTF-8, nesting deeper than
///          `depth`, an integer of more than kMaxIntegerDigits digits.
/// Cost: linear in the text.
Result<Value> readJson(std::string_view text, bool isTemplate, unsigned depth = kMaxValueDepth);

} // namespace osscc::rt
