// The regular expressions of `pattern` and `patternProperties`: the regular ones of ECMA-262, found
// anywhere in a text.
#pragma once

#include "runtime/schema/Automaton.h"

#include <string_view>

namespace osscc::rt::schema {

/// The texts in which `pattern` is found. Its characters are code points, as with ECMA-262's flag
/// u;
/// \d, \w and \s are its sets.
///
/// \errors  Refusal naming what is not regular or not supported (groups that look ahead or behind,
/// backreferences, word borders), and for an expression that is wrong or has too many states.
DfaPtr compilePattern(std::string_view pattern, Budget &budget);

} // namespace osscc::rt::schema
