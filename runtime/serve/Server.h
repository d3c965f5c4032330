// The server as a whole: HTTP on threads of its own, the model on the caller's.
#pragma once

#include "runtime/serve/Access.h"
#include "runtime/serve/Http.h"
#include "runtime/serve/Scheduler.h"

#include <functional>

namespace osscc::rt::serve {

struct ServeOptions {
  std::string address; ///< Numeric.
  int64_t port = 0;    ///< 0: one that is free.
  Keys keys = {};
  std::vector<std::string> origins = {};
  Scheduler::Limits limits = {};
  HttpLimits http = {};
  std::chrono::milliseconds grace{8'000}; ///< For answers to end after the first signal.
};

/// Serves until SIGINT or SIGTERM: the answers that are being drawn then have some time to end,
/// and are cut at a second signal.
/// \param session  has no sequence yet, and stops at interruptFlag().
/// \param ready    called with the address when requests are taken.
/// \errors  those of HttpServer.
Status serveModel(Session &session, const Served &served, const ServeOptions &options,
                  const std::function<void(const std::string &)> &ready);

} // namespace osscc::rt::serve
