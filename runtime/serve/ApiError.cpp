#include "runtime/serve/ApiError.h"

#include <fmt/format.h>

namespace osscc::rt::serve {
namespace {

const char *typeOf(int status) {
  switch (status) {
  case 401:
    return "authentication_error";
  case 403:
    return "permission_error";
  case 404:
    return "not_found_error";
  case 429:
    return "rate_limit_error";
  default:
    return status < 500 ? "invalid_request_error" : "server_error";
  }
}

boost::json::value orNull(const std::string &text) {
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

} // namespace

boost::json::object toJson(const ApiError &error) {
  return {{"error",
           {{"message", error.message},
            {"type", typeOf(error.status)},
            {"param", orNull(error.param)},
            {"code", orNull(error.code)}}}};
}

ApiError wrongField(std::string path, std::string_view expected, std::string_view found) {
  std::string message = fmt::format("{}: expected {}, found {}", path, expected, found);
  return {.message = std::move(message), .param = std::move(path), .code = "invalid_value"};
}

ApiError unsupported(std::string path, std::string_view what) {
  std::string message = fmt::format("{}: {}", path, what);
  return {.message = std::move(message), .param = std::move(path), .code = "unsupported_value"};
}

} // namespace osscc::rt::serve
