// Text to ids and back, as the model sees it.
#include "runtime/base/File.h"
#include "runtime/cli/Commands.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <functional>

namespace osscc::rt::cli {
namespace {

/// Calls `convert` with each line of `text` (without its newline) and prints the results, a line
/// each. `convert` names the line in its errors.
Status convertLines(
    std::string_view text,
    const std::function<Result<std::string>(std::string_view, std::string_view)> &convert) {
  std::string out;
  for (int64_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    auto converted = convert(line, fmt::format("line {}", number));
    if (!converted)
      return std::unexpected(std::move(converted).error());
    out += *converted + "\n";
  }
  return writeOutput(out);
}

Result<std::string> parseString(std::string_view json, std::string_view where) {
  boost::system::error_code error;
  boost::json::value value = boost::json::parse({json.data(), json.size()}, error);
  if (error || !value.is_string())
    return fail(Code::kInvalidArgument, fmt::format("{}: expected a JSON string", where),
                "--lines takes one JSON string a line, like \"one \\n text\"");
  return std::string(value.get_string());
}

Result<std::string> inputText(const Options &options) {
  if (options.input == "-")
    return readAll("-", limitByMemory());
  return options.input;
}

} // namespace

Status runTokenize(const Assistant &assistant) {
  auto tokenizer = assistant.tokenizer();
  if (!tokenizer)
    return std::unexpected(std::move(tokenizer).error());
  auto text = inputText(assistant.options);
  if (!text)
    return std::unexpected(std::move(text).error());
  auto special = assistant.options.special ? SpecialTokens::kMatch : SpecialTokens::kText;
  auto encode = [&](std::string_view part) -> Result<std::string> {
    auto ids = tokenizer->encode(part, special);
    if (!ids)
      return std::unexpected(std::move(ids).error());
    return formatIds(*ids);
  };
  if (assistant.options.lines)
    return convertLines(*text,
                        [&](std::string_view line, std::string_view where) -> Result<std::string> {
                          auto part = parseString(line, where);
                          if (!part)
                            return part;
                          return encode(*part);
                        });
  auto line = encode(*text);
  if (!line)
    return std::unexpected(std::move(line).error());
  return writeOutput(*line + "\n");
}

Status runDetokenize(const Assistant &assistant) {
  auto tokenizer = assistant.tokenizer();
  if (!tokenizer)
    return std::unexpected(std::move(tokenizer).error());
  auto text = inputText(assistant.options);
  if (!text)
    return std::unexpected(std::move(text).error());
  int64_t vocabulary = assistant.bundle.index().model()->vocabulary();
  if (assistant.options.lines)
    return convertLines(
        *text, [&](std::string_view line, std::string_view where) -> Result<std::string> {
          auto ids = parseIds(line, where, vocabulary);
          if (!ids)
            return std::unexpected(std::move(ids).error());
          return boost::json::serialize(boost::json::string(tokenizer->decode(*ids)));
        });
  auto ids = parseIds(*text, "token ids", vocabulary);
  if (!ids)
    return std::unexpected(std::move(ids).error());
  return writeOutput(tokenizer->decode(*ids));
}

} // namespace osscc::rt::cli
