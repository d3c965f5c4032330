// The model behind OpenAI's HTTP API.
#include "runtime/base/Interrupt.h"
#include "runtime/base/Say.h"
#include "runtime/chat/Conversation.h"
#include "runtime/cli/Clock.h"
#include "runtime/cli/Commands.h"
#include "runtime/serve/Server.h"

#include <ctime>

#include <sys/resource.h>

namespace osscc::rt::cli {
namespace {

constexpr int64_t kUsualPort = 8080;

Result<serve::ServeOptions> serveOptions(const Options &options) {
  serve::ServeOptions out;
  auto address = serve::numericAddress(options.host);
  if (!address)
    return std::unexpected(std::move(address).error());
  out.address = std::move(*address);
  out.port = options.port.value_or(kUsualPort);
  if (!options.apiKeyFile.empty()) {
    auto keys = serve::Keys::read(options.apiKeyFile);
    if (!keys)
      return std::unexpected(std::move(keys).error());
    out.keys = std::move(*keys);
  } else if (!serve::isLoopback(out.address)) {
    return usageError(
        fmt::format("--host={}: other machines reach it, and no key is set", options.host),
        "give --api-key-file=FILE too, or leave --host out");
  }
  out.origins = options.origins;
  out.limits.parallel = options.parallel;
  out.limits.queue = options.queue;
  if (options.cacheMemory)
    out.limits.cacheBytes = *options.cacheMemory << 20;
  out.grace = std::chrono::seconds(options.grace);
  return out;
}

Result<serve::Served> loadServed(const Assistant &assistant, const Tokenizer &tokenizer) {
  const Options &options = assistant.options;
  const bundle::Bundle &index = assistant.bundle.index();
  serve::Served served{
      .bundle = assistant.bundle, .tokenizer = tokenizer, .reasoning = Reasoning(index)};
  if (!options.reasoning.empty())
    OSSCC_RETURN_IF_ERROR(served.reasoning.choose(options.reasoning));
  if (options.reasoningBudget && !served.reasoning.exists())
    return fail(Code::kInvalidArgument, "--reasoning-budget: this model has no reasoning mode",
                "leave the option out");
  auto generation = chooseGeneration(options, *index.generation());
  if (!generation)
    return std::unexpected(std::move(generation).error());
  auto clock = pinnedClock(options.date);
  if (!clock)
    return std::unexpected(std::move(clock).error());
  served.budget = options.reasoningBudget;
  served.defaults = std::move(*generation);
  served.clock = *clock;
  served.system = options.system.value_or(index.system() ? index.system()->str() : "");
  served.name = index.model()->name()->str();
  served.started = std::time(nullptr);
  return served;
}

} // namespace

Status runServe(const Assistant &assistant) {
  auto options = serveOptions(assistant.options);
  if (!options)
    return std::unexpected(std::move(options).error());
  // What clients write must not end up in a file.
  rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  auto tokenizer = assistant.tokenizer();
  if (!tokenizer)
    return std::unexpected(std::move(tokenizer).error());
  auto served = loadServed(assistant, *tokenizer);
  if (!served)
    return std::unexpected(std::move(served).error());
  auto machine = assistant.machine();
  if (!machine)
    return std::unexpected(std::move(machine).error());
  auto session = Session::create(*machine->model, machine->runner(),
                                 {.context = assistant.options.context, .cancel = interruptFlag()});
  if (!session)
    return std::unexpected(std::move(session).error());
  served->context = session->context();
  served->vocabulary = session->vocabulary();
  OSSCC_RETURN_IF_ERROR(serve::Served::loadFormat(*served));
  return serve::serveModel(*session, *served, *options, [&](const std::string &url) {
    say("{}, {}, context {}, {}, {} answers at a time, ready in {:.1f} ms\n"
        "listening on {}\n",
        served->name, machine->model->abi().target, served->context, machine->description(),
        assistant.options.parallel, assistant.clock.milliseconds(), url);
  });
}

} // namespace osscc::rt::cli
