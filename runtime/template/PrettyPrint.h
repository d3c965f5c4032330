// pprint.pformat() of Python: values over several lines where one of 80 characters is too short.
#pragma once

#include "runtime/template/Value.h"

namespace osscc::rt {

/// Nothing where a text would have to be broken over lines, which is not supported, or where the
/// result has more than a hundred times the value's weight. Costs as much.
std::optional<std::string> prettyText(const Value &value);

} // namespace osscc::rt
