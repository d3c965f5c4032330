#include "runtime/chat/Conversation.h"

#include "runtime/chat/Render.h"
#include "runtime/cli/Clock.h"
#include "runtime/cli/Signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include <unistd.h>

namespace osscc::rt::cli {
namespace {

uint64_t drawSeed() {
  uint64_t seed = 0;
  if (getentropy(&seed, sizeof seed) != 0)
    seed = uint64_t(getpid());
  return seed;
}

/// The storage of most of the weights' bytes.
std::string mainFormat(const bundle::Bundle &index) {
  std::map<std::string, uint64_t> bytes;
  for (const bundle::Weight *w : *index.weights())
    bytes[w->format() ? w->format()->str() : "no format"] += w->bytes();
  auto most = std::ranges::max_element(bytes, {}, [](const auto &entry) { return entry.second; });
  return most == bytes.end() ? "no weights" : most->first;
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
  auto clock = pinnedClock(options.date);
  if (!clock)
    return std::unexpected(std::move(clock).error());
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
  chat.clock = *clock;
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
  auto rendered = renderRequest(assistant->bundle, tokenizer, clock, std::move(request));
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
  StartClock clock;
  last = {.prompt = int64_t(prompt.size())};
  auto result = generate(*session, 0, prompt, generation, sampler, [&](int32_t token) {
    if (last.answer++ == 0)
      last.promptSeconds = clock.secondsSinceMade();
    if (!tokenizer.isSpecial(token)) // markers of the template are no part of the answer
      put(filter.feed(detokenizer.feed(token)));
    return shown.has_value() && !filter.stopped();
  });
  last.answerSeconds = clock.secondsSinceMade() - last.promptSeconds;
  put(filter.feed(detokenizer.finish()));
  put(filter.finish());
  OSSCC_RETURN_IF_ERROR(shown);
  if (!result)
    return std::unexpected(std::move(result).error());
  last.reused = result->reused;
  return result->finish;
}

/// Answers the messages so far. The answer joins them, as far as it came; a question that could not
/// be asked is dropped.
Result<Finish> Conversation::answerMessages(const std::function<Status(std::string_view)> &show) {
  auto prompt = encodeChat();
  std::string text;
  auto finish =
      prompt ? answer(*prompt, show, text) : Result<Finish>(std::unexpected(prompt.error()));
  if (!finish && text.empty())
    messages.pop_back();
  else
    messages.push_back(message("assistant", text));
  return finish;
}

Result<Finish> Conversation::ask(std::string_view question,
                                 const std::function<Status(std::string_view)> &show) {
  if (!raw) {
    messages.push_back(message("user", question));
    return answerMessages(show);
  }
  auto prompt = tokenizer.encode(question, SpecialTokens::kText);
  std::string text;
  return prompt ? answer(*prompt, show, text) : Result<Finish>(std::unexpected(prompt.error()));
}

Result<Finish> Conversation::askAgain(const std::function<Status(std::string_view)> &show) {
  size_t before = messages.size();
  if (before < 2 || messages.back().at("role") != "assistant")
    return fail(Code::kInvalidArgument, "there is no answer yet");
  boost::json::value answered = std::move(messages.back());
  messages.pop_back();
  boost::json::value question = messages.back();
  auto finish = answerMessages(show);
  // Nothing is lost: without a new answer the old one stays.
  if (messages.size() < before) {
    messages.push_back(std::move(question));
    messages.push_back(std::move(answered));
  }
  return finish;
}

void Conversation::clear() {
  sampler.restart();
  while (!messages.empty() && messages.back().at("role") != "system")
    messages.pop_back();
}

std::string_view Conversation::system() const {
  bool has = !messages.empty() && messages.front().at("role") == "system";
  return has ? std::string_view(messages.front().at("content").as_string()) : std::string_view();
}

void Conversation::setSystem(std::string_view text) {
  if (!messages.empty() && messages.front().at("role") == "system")
    messages.erase(messages.begin());
  if (!text.empty())
    messages.insert(messages.begin(), message("system", text));
}

std::string Conversation::save() const {
  return boost::json::serialize(boost::json::object{{"messages", messages}}) + "\n";
}

Status Conversation::load(std::string_view request) {
  auto wrong = [](std::string message) {
    return fail(Code::kInvalidArgument, std::move(message), "a chat is kept by /save FILE");
  };
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(request, error);
  const boost::json::object *object = error ? nullptr : value.if_object();
  const boost::json::value *list = object ? object->if_contains("messages") : nullptr;
  if (!list || !list->is_array())
    return wrong("expected a JSON object with a list of messages");
  for (const boost::json::value &entry : list->get_array()) {
    const boost::json::object *fields = entry.if_object();
    for (const char *key : {"role", "content"}) {
      const boost::json::value *text = fields ? fields->if_contains(key) : nullptr;
      if (!text || !text->is_string())
        return wrong(fmt::format("messages: expected objects with a text '{}'", key));
    }
  }
  messages = list->get_array();
  sampler.restart();
  return {};
}

std::string Conversation::banner() const {
  const bundle::Bundle &index = assistant->bundle.index();
  return fmt::format("{} ({}), {}, {}, context {}, {} threads{}", index.model()->name()->c_str(),
                     index.model()->family()->c_str(), mainFormat(index),
                     machine.model->abi().target, session->context(), machine.pool->workers(),
                     raw ? ", no chat template" : "");
}

} // namespace osscc::rt::cli
