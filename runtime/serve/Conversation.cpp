#include "runtime/serve/Conversation.h"

#include "runtime/serve/Render.h"
#include "runtime/serve/Signals.h"

#include <fmt/format.h>

#include <unistd.h>

namespace osscc::rt::serve {
namespace {

uint64_t drawSeed() {
  uint64_t seed = 0;
  if (getentropy(&seed, sizeof seed) != 0)
    seed = uint64_t(getpid());
  return seed;
}

/// The storage of most of the weights' bytes.
std::string_view mainFormat(const bundle::Bundle &index) {
  const bundle::Weight *largest = nullptr;
  for (const bundle::Weight *w : *index.weights())
    if (!largest || w->bytes() > largest->bytes())
      largest = w;
  return largest && largest->format() ? largest->format()->c_str() : "no weights";
}

boost::json::object message(std::string_view role, std::string_view content) {
  return {{"role", role}, {"content", content}};
}

Status checkReasoning(const Options &options) {
  if (options.reasoning.empty() || options.reasoning == "off")
    return {};
  return fail(Code::kInvalidArgument,
              fmt::format("--reasoning={}: this model has no reasoning mode", options.reasoning),
              "leave the option out");
}

} // namespace

Result<GenerateOptions> chooseGeneration(const Options &o, const bundle::Generation &defaults) {
  GenerateOptions generation;
  SamplerOptions &sampler = generation.sampler;
  sampler.temperature = o.temperature.value_or(defaults.do_sample() ? defaults.temperature() : 0.0);
  sampler.topK = o.topK.value_or(defaults.top_k());
  sampler.topP = o.topP.value_or(defaults.top_p());
  sampler.minP = o.minP.value_or(defaults.min_p());
  sampler.repetitionPenalty = o.repetitionPenalty.value_or(defaults.repetition_penalty());
  sampler.seed = o.seed ? *o.seed : drawSeed();
  OSSCC_RETURN_IF_ERROR(checkSampler(sampler));
  generation.maxTokens = o.maxTokens;
  if (defaults.eos())
    generation.eos.assign(defaults.eos()->begin(), defaults.eos()->end());
  return generation;
}

Conversation::Conversation(const Assistant &assistant, Tokenizer tokenizer, Machine machine)
    : assistant(&assistant), tokenizer(std::move(tokenizer)), machine(std::move(machine)) {}

Result<Conversation> Conversation::create(const Assistant &assistant) {
  const Options &options = assistant.options;
  const bundle::Bundle &index = assistant.bundle.index();
  OSSCC_RETURN_IF_ERROR(checkReasoning(options));
  auto generation = chooseGeneration(options, *index.generation());
  if (!generation)
    return std::unexpected(std::move(generation).error());
  auto tokenizer = assistant.tokenizer();
  if (!tokenizer)
    return std::unexpected(std::move(tokenizer).error());
  auto machine = assistant.machine();
  if (!machine)
    return std::unexpected(std::move(machine).error());

  Conversation chat(assistant, std::move(*tokenizer), std::move(*machine));
  auto session = Session::create(*chat.machine.model, *chat.machine.pool,
                                 {.context = options.context, .cancel = interruptFlag()});
  if (!session)
    return std::unexpected(std::move(session).error());
  chat.session = std::make_unique<Session>(std::move(*session));
  chat.session->addSequence();
  chat.generation = std::move(*generation);
  chat.raw = options.raw || !index.template_();
  if (options.system)
    chat.messages.push_back(message("system", *options.system));
  else if (index.system())
    chat.messages.push_back(message("system", index.system()->c_str()));
  return chat;
}

Result<std::vector<int32_t>> Conversation::encodeChat() const {
  boost::json::object request{{"messages", messages}, {"add_generation_prompt", true}};
  auto rendered = renderRequest(assistant->bundle, tokenizer, std::move(request));
  if (!rendered)
    return std::unexpected(std::move(rendered).error());
  return tokenizer.encode(rendered->text, rendered->spans);
}

Result<Finish> Conversation::answer(std::span<const int32_t> prompt,
                                    const std::function<Status(std::string_view)> &show,
                                    std::string &text) {
  Detokenizer detokenizer(tokenizer);
  StopFilter filter(assistant->options.stops);
  Status shown;
  auto put = [&](const std::string &piece) {
    text += piece;
    if (shown && !piece.empty())
      shown = show(piece);
  };
  auto result = generate(*session, 0, prompt, generation, [&](int32_t token) {
    if (!tokenizer.isSpecial(token)) // markers of the template are no part of the answer
      put(filter.feed(detokenizer.feed(token)));
    return shown.has_value() && !filter.stopped();
  });
  put(filter.feed(detokenizer.finish()));
  put(filter.finish());
  OSSCC_RETURN_IF_ERROR(shown);
  if (!result)
    return std::unexpected(std::move(result).error());
  return result->finish;
}

Result<Finish> Conversation::ask(std::string_view question,
                                 const std::function<Status(std::string_view)> &show) {
  if (!raw)
    messages.push_back(message("user", question));
  auto prompt = raw ? tokenizer.encode(question, SpecialTokens::kText) : encodeChat();
  std::string text;
  auto finish =
      prompt ? answer(*prompt, show, text) : Result<Finish>(std::unexpected(prompt.error()));
  if (raw)
    return finish;
  if (!finish && text.empty())
    messages.pop_back();
  else
    messages.push_back(message("assistant", text));
  return finish;
}

void Conversation::clear() {
  while (!messages.empty() && messages.back().at("role") != "system")
    messages.pop_back();
}

std::string Conversation::banner() const {
  const bundle::Bundle &index = assistant->bundle.index();
  return fmt::format("{} ({}), {}, {}, context {}, {} threads{}", index.model()->name()->c_str(),
                     index.model()->family()->c_str(), mainFormat(index),
                     machine.model->abi().target, session->context(), machine.pool->workers(),
                     raw ? ", no chat template" : "");
}

} // namespace osscc::rt::serve
