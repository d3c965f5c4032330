// A chat request as the exact prompt that the model would see.
#include "runtime/base/File.h"
#include "runtime/serve/Commands.h"
#include "runtime/text/ChatTemplate.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace osscc::rt::serve {

Status runRender(const Assistant &assistant) {
  const Options &options = assistant.options;
  const bundle::Template *program = assistant.bundle.index().template_();
  if (!program)
    return fail(Code::kInvalidArgument, "render: this model has no chat template",
                "use --raw to continue plain text");
  auto text = readAll(options.input);
  if (!text)
    return std::unexpected(std::move(text).error());
  boost::system::error_code error;
  boost::json::value request = boost::json::parse(*text, error);
  if (error || !request.is_object())
    return fail(Code::kInvalidArgument,
                fmt::format("{}: expected a JSON object: {}",
                            options.input == "-" ? "standard input" : options.input,
                            error ? error.message() : "found another value"),
                "give a request like {\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}");
  boost::json::object &object = request.get_object();
  if (!object.contains("add_generation_prompt"))
    object["add_generation_prompt"] = true;
  auto rendered = renderChat(*program, object);
  if (!rendered)
    return std::unexpected(std::move(rendered).error());
  if (!options.ids)
    return writeOutput(rendered->text);
  auto tokenizer = assistant.tokenizer();
  if (!tokenizer)
    return std::unexpected(std::move(tokenizer).error());
  auto ids = tokenizer->encode(rendered->text, rendered->spans);
  if (!ids)
    return std::unexpected(std::move(ids).error());
  return writeOutput(formatIds(*ids) + "\n");
}

} // namespace osscc::rt::serve
