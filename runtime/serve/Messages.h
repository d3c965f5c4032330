// The messages of a chat request, checked and brought to what chat templates read.
#pragma once

#include "runtime/serve/Fields.h"

#include <span>
#include <string>

namespace osscc::rt::serve {

/// The messages of a request, a list for the template. Contents in parts become one text; a
/// developer's message is the system's; arguments of calls that are JSON become objects.
/// \param field   its name in the request.
/// \param system  message that goes first where the request has none; empty: none.
/// Throws ApiError naming the field.
Value readMessages(std::span<const Value> given, const std::string &field,
                   const std::string &system);
/// The same of the field `messages`.
Value readMessages(const Fields &request, const std::string &system);

/// A message's content, a text or a list of text parts, as one text.
/// \param path  of the content.
std::string readContent(const Value &content, const std::string &path);

} // namespace osscc::rt::serve
