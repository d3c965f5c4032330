// What methods of str share with filters.
#pragma once

#include "runtime/template/Interpreter.h"

namespace osscc::rt {

/// str.strip(chars) on one or both sides; None strips whitespace.
Value stripText(TemplateInterpreter &in, const TextPtr &text, const Arguments &arguments, bool left,
                bool right);
/// str.replace(from, to, limit).
Value replaceIn(TemplateInterpreter &in, const Text &text, const Text &from, const Text &to,
                int64_t limit, bool isMarkup);
/// str.center(width, fill).
Value centerText(TemplateInterpreter &in, const TextPtr &text, int64_t width,
                 std::string_view fill);

} // namespace osscc::rt
