// The values of `format` that are asserted, as expressions.
#pragma once

#include <string_view>

namespace osscc::rt::schema {

/// The expression of a format, which stands for the whole text; empty: it is not known.
std::string_view expressionOfFormat(std::string_view name);

} // namespace osscc::rt::schema
