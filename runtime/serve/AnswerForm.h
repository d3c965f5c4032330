// What form a request wants its answer to have: `response_format`, or `text.format` of responses.
#pragma once

#include "runtime/schema/Constraint.h"
#include "runtime/serve/Fields.h"

#include <optional>

namespace osscc::rt::serve {

/// \param format  {"type": "text"}, {"type": "json_object"}, or {"type": "json_schema"} with the
/// schema in `schema` or in `json_schema.schema`; none: text.
/// \returns null for text.
/// Throws ApiError for another type, and for a schema that is wrong or not
/// supported, naming the place in it.
Schema readAnswerForm(const std::optional<Fields> &format);

} // namespace osscc::rt::serve
