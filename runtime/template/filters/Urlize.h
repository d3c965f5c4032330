// The filter `urlize`, which has a file of its own.
#pragma once

#include "runtime/template/Interpreter.h"

namespace osscc::rt {

/// urlize(trim_url_limit, nofollow, target, rel, extra_schemes).
Value urlize(TemplateInterpreter &in, const Value &value, const Arguments &arguments);

} // namespace osscc::rt
