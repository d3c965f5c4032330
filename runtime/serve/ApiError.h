// What a request is told in place of an answer, in OpenAI's form.
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace osscc::rt::serve {

/// Thrown within this room, and by nothing outside of it.
struct ApiError {
  int status = 400;    ///< Of HTTP.
  std::string message; ///< One line, no full stop.
  std::string param;   ///< The field that is wrong, "messages[0].role"; empty: none.
  std::string code;    ///< "context_length_exceeded"; empty: none.
};

/// {"error": {"message", "type", "param", "code"}}.
boost::json::object toJson(const ApiError &error);

/// The error of a field: "temperature: expected a number from 0 to 2, found 'x'".
ApiError wrongField(std::string path, std::string_view expected, std::string_view found);

/// A field whose value this server knows and does not serve.
ApiError unsupported(std::string path, std::string_view what);

} // namespace osscc::rt::serve
