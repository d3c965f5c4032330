// Joining values as text: the filter, and str.join().
#pragma once

#include "runtime/template/Interpreter.h"

namespace osscc::rt {

/// The values' texts with the separator between. Where markup is kept, a markup separator or part
/// makes all others escaped.
Value joinTexts(TemplateInterpreter &in, const Text &separator, const std::vector<Value> &values,
                bool keepsMarkup);

} // namespace osscc::rt
