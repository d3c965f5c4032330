// The tokens of an answer as the message that they make.
#include "runtime/base/Say.h"
#include "runtime/chat/AnswerParser.h"
#include "runtime/cli/Commands.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace osscc::rt::cli {
namespace {

/// Whether `id` ends an answer. The ends of harmony are for its parser: they say what was ended.
bool endsAnswer(const AnswerFormat &format, const bundle::Generation &generation, int32_t id) {
  const auto *eos = generation.eos();
  return format.style != AnswerFormat::Style::kHarmony && eos &&
         std::ranges::find(*eos, id) != eos->end();
}

} // namespace

Status runParse(const Assistant &assistant) {
  const bundle::Bundle &index = assistant.bundle.index();
  auto tokenizer = assistant.tokenizer();
  if (!tokenizer)
    return std::unexpected(std::move(tokenizer).error());
  auto text = readAll(assistant.options.input, limitByMemory());
  if (!text)
    return std::unexpected(std::move(text).error());
  auto ids = parseIds(*text, "token ids", index.model()->vocabulary());
  if (!ids)
    return std::unexpected(std::move(ids).error());
  AnswerFormat format = answerFormatOf(assistant.bundle, *tokenizer);
  auto parser = AnswerParser::create(format, *tokenizer);
  if (!parser)
    return std::unexpected(std::move(parser).error());
  auto end = std::ranges::find_if(
      *ids, [&](int32_t id) { return endsAnswer(format, *index.generation(), id); });
  for (auto id = ids->begin(); id != end; ++id)
    (*parser)->feed(*id);
  (*parser)->finish(end != ids->end());
  const Message &message = (*parser)->message();
  OSSCC_RETURN_IF_ERROR(writeOutput(boost::json::serialize(toJson(message)) + "\n"));
  if (message.error)
    say("note: {}\n", boost::json::serialize(boost::json::string(message.error->text)));
  return {};
}

} // namespace osscc::rt::cli
