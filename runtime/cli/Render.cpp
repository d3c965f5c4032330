// A chat request of a file as the prompt that the model sees.
#include "runtime/chat/Render.h"

#include "runtime/base/File.h"
#include "runtime/cli/Clock.h"
#include "runtime/cli/Commands.h"
#include "runtime/template/ReadJson.h"

#include <fmt/format.h>

namespace osscc::rt::cli {
namespace {

/// A request for the next answer, unless it says otherwise.
Result<Value> readRequest(const std::string &file) {
  auto text = readAll(file, limitByMemory());
  if (!text)
    return std::unexpected(std::move(text).error());
  Result<Value> request = readJson(*text, /*isTemplate=*/false);
  const Dict *object = request ? asDict(*request) : nullptr;
  if (!object)
    return fail(Code::kInvalidArgument,
                fmt::format("{}: expected a JSON object: {}", file == "-" ? "standard input" : file,
                            request ? "found another value" : request.error().message),
                "give a request like {\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}");
  const Value *goesOn = object->find("continue_final_message");
  if (object->find("add_generation_prompt") || (goesOn && isTrue(*goesOn)))
    return request;
  auto entries = object->entries;
  entries.emplace_back(makeText("add_generation_prompt", /*isTemplate=*/false), true);
  return makeDict(std::move(entries));
}

} // namespace

Status runRender(const Assistant &assistant) {
  auto request = readRequest(assistant.options.input);
  if (!request)
    return std::unexpected(std::move(request).error());
  auto clock = pinnedClock(assistant.options.date);
  if (!clock)
    return std::unexpected(std::move(clock).error());
  Reasoning reasoning(assistant.bundle.index());
  if (const std::string &mode = assistant.options.reasoning; !mode.empty())
    OSSCC_RETURN_IF_ERROR(reasoning.choose(mode));
  auto rendered = renderRequest(assistant.bundle, *clock, *request, reasoning);
  if (!rendered)
    return std::unexpected(std::move(rendered).error());
  if (!assistant.options.ids)
    return writeOutput(rendered->text);
  auto tokenizer = assistant.tokenizer();
  if (!tokenizer)
    return std::unexpected(std::move(tokenizer).error());
  auto ids = tokenizer->encode(rendered->text, rendered->spans);
  if (!ids)
    return std::unexpected(std::move(ids).error());
  return writeOutput(formatIds(*ids) + "\n");
}

} // namespace osscc::rt::cli
