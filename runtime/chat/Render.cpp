#include "runtime/chat/Render.h"

#include "runtime/base/File.h"
#include "runtime/cli/Clock.h"
#include "runtime/cli/Commands.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace osscc::rt::cli {
namespace {

Result<boost::json::object> readRequest(const std::string &file) {
  auto text = readAll(file);
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

Result<Rendered> renderRequest(const Bundle &bundle, const Tokenizer &tokenizer,
                               std::optional<int64_t> clock, boost::json::object request) {
  const bundle::Template *program = bundle.index().template_();
  if (!program)
    return fail(Code::kInvalidArgument, "this model has no chat template",
                "use --raw to continue plain text");
  const bundle::Generation &generation = *bundle.index().generation();
  for (const char *own : {"bos_token", "eos_token", "strftime_now"})
    request.erase(own);
  if (clock)
    request["strftime_now"] = *clock;
  if (generation.bos() >= 0)
    request["bos_token"] = tokenizer.piece(generation.bos());
  if (generation.eos() && generation.eos()->size() > 0)
    request["eos_token"] = tokenizer.piece(generation.eos()->Get(0));
  return renderChat(*program, request);
}

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
