#include "runtime/serve/Server.h"

#include "runtime/base/Interrupt.h"
#include "runtime/serve/Routes.h"

#include <fmt/format.h>

namespace osscc::rt::serve {
namespace {

/// One for what takes long, tokens of a large body; one for the others meanwhile.
constexpr int kThreads = 2;
constexpr std::chrono::milliseconds kLastWrites{2'000};

std::string urlOf(const std::string &address, uint16_t port) {
  return address.find(':') == std::string::npos ? fmt::format("http://{}:{}", address, port)
                                                : fmt::format("http://[{}]:{}", address, port);
}

HttpHandlers handlersOf(Routes &routes, Metrics &metrics) {
  return {.admit = [&](const HttpRequest &request) { return routes.admit(request); },
          .handle =
              [&](HttpRequest request, std::shared_ptr<Responder> responder) {
                routes.handle(std::move(request), std::move(responder));
              },
          .refuse = [&](int status,
                        const std::string &message) { return routes.refuse(status, message); },
          .count = [&](int64_t connections) { metrics.connections = connections; }};
}

} // namespace

Status serveModel(Session &session, const Served &served, const ServeOptions &options,
                  const std::function<void(const std::string &)> &ready) {
  Metrics metrics;
  Scheduler scheduler(session, served, options.limits, metrics);
  Routes routes(served, scheduler, metrics,
                {.address = options.address, .keys = options.keys, .origins = options.origins});
  auto http =
      HttpServer::create(options.address, options.port, options.http, handlersOf(routes, metrics));
  if (!http)
    return std::unexpected(std::move(http).error());
  auto cut = [&] {
    raiseInterrupt(); // a call of the model may take long
    scheduler.cut();
  };
  (*http)->catchSignals([&, isFirst = true]() mutable {
    if (!std::exchange(isFirst, false))
      return cut();
    routes.drain();
    (*http)->drain();
    scheduler.drain();
    (*http)->after(options.grace, cut);
  });
  OSSCC_RETURN_IF_ERROR((*http)->start(kThreads));
  ready(urlOf(options.address, (*http)->port()));
  scheduler.run();
  (*http)->stop(kLastWrites);
  return {};
}

} // namespace osscc::rt::serve
