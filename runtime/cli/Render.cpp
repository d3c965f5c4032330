// A chat request of a file as the prompt that the model sees.
#include "runtime/chat/Render.h"

#include "runtime/base/File.h"
#include "runtime/cli/Clock.h"
#include "runtime/cli/Commands.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace osscc::rt::cli {
namespace {

Result<boost::json::object> readRequest(const std::string &file) {
  auto text = readAll(file, limitByMemory());
  if (!text)
    return std::unexpected(std::move(text).error());
  boost::system::error_code error;
  boost::json::value request = boost::json::parse(*text, error);
  if (error || !request.is_object())
    return fail(Code::kInvalidArgument,
                fmt::format("{}: expected a JSON object: {}", file == "-" ? "standard input" : file,
                            error ? error.message() : "found another value"),
                "give a request like {\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}");
  boost::json::object object = std::move(request.get_object());
  if (!object.contains("add_generation_prompt"))
    object["add_generation_prompt"] = true;
  return object;
}

} // namespace

Status runRender(const Assistant &assistant) {
  auto request = readRequest(assistant.options.input);
  if (!request)
    return std::unexpected(std::move(request).error());
  auto clock = pinnedClock(assistant.options.date);
  if (!clock)
    return std::unexpected(std::move(clock).error());
  auto tokenizer = assistant.tokenizer();
  if (!tokenizer)
    return std::unexpected(std::move(tokenizer).error());
  auto rendered = renderRequest(assistant.bundle, *tokenizer, *clock, std::move(*request));
  if (!rendered)
    return std::unexpected(std::move(rendered).error());
  if (!assistant.options.ids)
    return writeOutput(rendered->text);
  auto ids = tokenizer->encode(rendered->text, rendered->spans);
  if (!ids)
    return std::unexpected(std::move(ids).error());
  return writeOutput(formatIds(*ids) + "\n");
}

} // namespace osscc::rt::cli
