#include "runtime/chat/Conversation.h"

#include "runtime/base/Interrupt.h"
#include "runtime/base/Utf8.h"
#include "runtime/chat/PromptProgress.h"
#include "runtime/chat/Render.h"
#include "runtime/chat/SilentIds.h"
#include "runtime/cli/Clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

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

/// Takes what the command line says of reasoning. A model without it can only be told to leave it.
Status chooseReasoning(const Options &options, bool raw, Reasoning &reasoning) {
  if (options.reasoningBudget && !reasoning.exists())
    return fail(Code::kInvalidArgument, "--reasoning-budget: this model has no reasoning mode",
                "leave the option out");
  if (raw && reasoning.exists() && (options.reasoningBudget || !options.reasoning.empty()))
    return usageError("--raw and --reasoning exclude each other: a plain text has no thoughts",
                      "leave one of them out");
  return options.reasoning.empty() ? Status() : reasoning.choose(options.reasoning);
}

/// What a template is given must be text: with other bytes every question would fail.
Status checkSystem(std::string_view text) {
  constexpr const char *kHelp = "give text in UTF-8";
  if (size_t valid = validUtf8Bytes(text); valid != text.size())
    return usageError(fmt::format("--system: the text is not UTF-8: byte {} is 0x{:02X}", valid,
                                  uint8_t(text[valid])),
                      kHelp);
  if (size_t zero = text.find('\0'); zero != std::string_view::npos)
    return usageError(fmt::format("--system: byte {} of the text is zero", zero), kHelp);
  return {};
}

/// The schema of a file; null without one.
Result<Schema> readSchema(const std::string &path) {
  constexpr uint64_t kMost = 1 << 20;
  if (path.empty())
    return nullptr;
  auto text = readAll(path, {kMost, "which no schema needs"});
  if (!text)
    return std::unexpected(std::move(text).error());
  auto schema = compileSchema(*text);
  if (!schema)
    schema.error().message = fmt::format("--json-schema {}: {}", path, schema.error().message);
  return schema;
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
    : assistant(&assistant), tokenizer(std::move(tokenizer)), machine(std::move(machine)),
      mode(assistant.bundle.index()) {}

Result<Conversation> Conversation::create(const Assistant &assistant) {
  const Options &options = assistant.options;
  const bundle::Bundle &index = assistant.bundle.index();
  Reasoning reasoning(index);
  OSSCC_RETURN_IF_ERROR(chooseReasoning(options, options.raw, reasoning));
  std::string system = options.system.value_or(index.system() ? index.system()->str() : "");
  OSSCC_RETURN_IF_ERROR(checkSystem(system));
  auto generation = chooseGeneration(options, *index.generation());
  if (!generation)
    return std::unexpected(std::move(generation).error());
  auto clock = pinnedClock(options.date);
  if (!clock)
    return std::unexpected(std::move(clock).error());
  auto schema = readSchema(options.jsonSchema);
  if (!schema)
    return std::unexpected(std::move(schema).error());
  auto tokenizer = assistant.tokenizer();
  if (!tokenizer)
    return std::unexpected(std::move(tokenizer).error());
  auto machine = assistant.machine();
  if (!machine)
    return std::unexpected(std::move(machine).error());

  Conversation chat(assistant, std::move(*tokenizer), std::move(*machine));
  auto session = Session::create(*chat.machine.model, chat.machine.runner(),
                                 {.context = options.context, .cancel = interruptFlag()});
  if (!session)
    return std::unexpected(std::move(session).error());
  chat.session = std::make_unique<Session>(std::move(*session));
  chat.session->addSequence();
  chat.clock = *clock;
  chat.generation = std::move(*generation);
  chat.raw = options.raw || !hasTemplate(assistant.bundle);
  chat.transcript.setSystem(system);
  chat.mode = std::move(reasoning);
  chat.schema = std::move(*schema);
  if (chat.schema)
    chat.vocabulary = TokenTrie::of(chat.tokenizer, chat.session->vocabulary());
  OSSCC_RETURN_IF_ERROR(chat.loadFormat());
  return chat;
}

/// What of the chat format answers need as tokens.
Status Conversation::loadFormat() {
  const bundle::ChatFormat *format = assistant->bundle.index().chat_format();
  if (format && format->turn_ends())
    turnEnds.assign(format->turn_ends()->begin(), format->turn_ends()->end());
  std::vector<int32_t> ends = generation.eos;
  ends.insert(ends.end(), turnEnds.begin(), turnEnds.end());
  sampler.forbid(silentIds(tokenizer, session->vocabulary(), ends));
  TokenSpan all{0, mode.close().size(), /*isTemplate=*/true};
  auto tokens = tokenizer.encode(mode.close(), std::span(&all, mode.close().empty() ? 0 : 1));
  if (!tokens)
    return std::unexpected(std::move(tokens).error());
  closing = std::move(*tokens);
  return {};
}

Result<Conversation::Prompt> Conversation::encodeChat(size_t fewer) const {
  boost::json::object request{{"messages", transcript.seen(fewer)},
                              {"add_generation_prompt", true}};
  auto rendered = renderRequest(assistant->bundle, clock, request, mode);
  if (!rendered)
    return std::unexpected(std::move(rendered).error());
  auto tokens = replay.encode(tokenizer, *rendered);
  if (!tokens)
    return std::unexpected(std::move(tokens).error());
  AnswerFormat format = mode.formatBehind(rendered->text);
  format.tools.emplace(); // a chat offers none
  return Prompt{std::move(*tokens), std::move(format)};
}

/// The chat as tokens that leave room for an answer. Where the whole does not, it loses its oldest
/// turns until a quarter of the context is free, so that not every further question loses one; only
/// the last turn need not leave any room.
Result<Conversation::Prompt> Conversation::fitChat() {
  auto prompt = encodeChat();
  if (!prompt)
    return prompt;
  int64_t context = session->context(), longest = generation.maxTokens.value_or(context);
  auto leaves = [&](int64_t room) {
    return int64_t(prompt->tokens.size()) <= context - std::min(room, longest);
  };
  size_t turns = transcript.turns(), least = 0, most = turns > 0 ? turns - 1 : 0;
  if (!leaves(context / 8))
    while (least < most) {
      size_t middle = least + (most - least) / 2;
      prompt = encodeChat(middle);
      if (!prompt)
        return prompt;
      if (leaves(context / 4))
        most = middle;
      else
        least = middle + 1;
    }
  if (least > 0)
    prompt = encodeChat(least);
  if (prompt && int64_t(prompt->tokens.size()) > context)
    return fail(
        Code::kInvalidArgument,
        fmt::format("{} tokens do not fit in the context of {}", prompt->tokens.size(), context),
        "ask in fewer words, or take a larger --context if the model has one");
  if (prompt) {
    transcript.hide(least);
    last = {.dropped = least};
  }
  return prompt;
}

Result<Finish> Conversation::answer(const Prompt &prompt, const AnswerSink &sink,
                                    Message &message) {
  AnswerRequest request{.prompt = prompt.tokens,
                        .format = prompt.format,
                        .budget = assistant->options.reasoningBudget,
                        .close = closing,
                        .stops = assistant->options.stops};
  if (!raw)
    request.turnEnds = turnEnds;
  std::optional<AnswerConstraint> constraint;
  if (schema) {
    std::vector<int32_t> ends = generation.eos;
    ends.insert(ends.end(), request.turnEnds.begin(), request.turnEnds.end());
    request.constraint = &constraint.emplace(schema, vocabulary, tokenizer, std::move(ends));
  }
  int64_t before = std::exchange(held, 0);
  Answer drawn;
  sayRoom(int64_t(prompt.tokens.size()), context(), generation.maxTokens);
  auto begin = std::chrono::steady_clock::now();
  auto read = readPrompt(*session, prompt.tokens);
  if (!read)
    return std::unexpected(std::move(read).error());
  std::chrono::duration<double> reading = std::chrono::steady_clock::now() - begin;
  Status status = drawAnswer(*session, tokenizer, sampler, generation, request, sink, drawn);
  held = int64_t(session->tokens(0).size());
  message = std::move(drawn.message);
  replay.remember(tokenizer, message.content, drawn.drawn);
  last = {.prompt = int64_t(prompt.tokens.size()),
          .reused = read->value_or(drawn.reused),
          .answer = drawn.tokens,
          .thoughts = drawn.thoughts,
          .promptSeconds = drawn.promptSeconds + reading.count(),
          .answerSeconds = drawn.answerSeconds,
          .dropped = last.dropped,
          .fills = before < nearlyFull() && held >= nearlyFull(),
          .isMute = message.content.empty() && drawn.thoughts > 0,
          .isHeld = drawn.isHeld,
          .fault = message.error};
  OSSCC_RETURN_IF_ERROR(status);
  return drawn.finish;
}

/// Answers the messages so far. The answer joins them, as far as it came; a question that could not
/// be asked is dropped, and no turn is hidden for it.
Result<Finish> Conversation::answerMessages(const AnswerSink &sink) {
  size_t hidden = transcript.hiddenMessages();
  auto prompt = fitChat();
  Message message;
  auto finish =
      prompt ? answer(*prompt, sink, message) : Result<Finish>(std::unexpected(prompt.error()));
  if (finish || !message.content.empty() || !message.reasoning.empty()) {
    transcript.addAnswer(message.content, message.reasoning);
  } else {
    transcript.takeLast();
    transcript.setHidden(hidden);
  }
  return finish;
}

Result<Finish> Conversation::ask(std::string_view question, const AnswerSink &sink) {
  if (!raw) {
    transcript.addQuestion(question);
    return answerMessages(sink);
  }
  auto tokens = tokenizer.encode(question, SpecialTokens::kMatch);
  Message message;
  return tokens ? answer({std::move(*tokens)}, sink, message)
                : Result<Finish>(std::unexpected(tokens.error()));
}

Result<Finish> Conversation::askAgain(const AnswerSink &sink) {
  if (!transcript.endsWithAnswer())
    return fail(Code::kInvalidArgument, "there is no answer yet");
  Transcript before = transcript;
  transcript.takeLast();
  auto finish = answerMessages(sink);
  // Nothing is lost: without a new answer the old one stays.
  if (transcript.size() < before.size())
    transcript = std::move(before);
  return finish;
}

void Conversation::clear() {
  transcript.clear();
  replay.clear();
  held = 0;
  sampler.restart();
}

size_t Conversation::drop(size_t turns) {
  size_t before = transcript.turns();
  transcript.hide(turns);
  held = 0;
  return before - transcript.turns();
}

Status Conversation::load(std::string_view request) {
  OSSCC_RETURN_IF_ERROR(transcript.load(request));
  replay.clear();
  held = 0;
  sampler.restart();
  return {};
}

std::string Conversation::banner() const {
  const bundle::Bundle &index = assistant->bundle.index();
  std::string thinking = raw ? std::string() : mode.describe();
  return fmt::format("{} ({}), {}, {}, context {}, {}{}{}{}", index.model()->name()->c_str(),
                     index.model()->family()->c_str(), mainFormat(index),
                     machine.model->abi().target, session->context(), machine.description(),
                     raw ? ", no chat template" : "", thinking.empty() ? "" : ", ", thinking);
}

} // namespace osscc::rt::cli
