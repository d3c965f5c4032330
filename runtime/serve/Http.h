// HTTP/1.1 for one address: connections, their limits and timeouts. What is asked and answered is
// plain data; Boost.Beast, which parses and writes it, is seen in Http.cpp alone.
#pragma once

#include "runtime/base/Status.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace osscc::rt::serve {

struct HttpRequest {
  std::string method, path; ///< The path without what follows a '?'.
  std::string host, origin, authorization;
  std::string body;
  uint64_t connection = 0; ///< A number of its own.
};

struct HttpResponse {
  int status = 200;
  std::string contentType = "application/json", body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// Where the answer to one request goes: either respond(), or begin(), write()... and end(). From
/// any thread; what comes when the client has gone is dropped.
class Responder {
public:
  virtual ~Responder() = default;
  virtual void respond(HttpResponse response) = 0;
  /// Begins an answer that comes in parts. \param head  with status, type and headers.
  /// \param keepAlive  written whenever nothing else was for some seconds.
  virtual void begin(HttpResponse head, std::string keepAlive) = 0;
  virtual void write(std::string text) = 0;
  virtual void end() = 0;
  /// Sets what is called, once, on a thread of the server, if the client goes before the end.
  virtual void onGone(std::function<void()> call) = 0;
};

struct HttpLimits {
  uint32_t headerBytes = 16 << 10;
  uint64_t bodyBytes = 8 << 20;
  size_t connections = 256;
  size_t unreadBytes = 8 << 20;             ///< Of an answer that its client does not take.
  std::chrono::milliseconds header{10'000}; ///< For a whole header, from its first byte.
  std::chrono::milliseconds body{30'000};   ///< For a whole body.
  std::chrono::milliseconds idle{60'000};   ///< Between requests.
  std::chrono::milliseconds write{30'000};  ///< For a client to take what is written.
  std::chrono::milliseconds keepAlive{5'000};
};

struct HttpHandlers {
  /// Looks at a header before its body is read. \returns an answer, or none to go on.
  std::function<std::unique_ptr<HttpResponse>(const HttpRequest &)> admit;
  /// Takes a request. May throw nothing.
  std::function<void(HttpRequest, std::shared_ptr<Responder>)> handle;
  /// The body of an answer to what is no request, or too large a one.
  std::function<HttpResponse(int status, const std::string &message)> refuse;
  /// Called with the number of open connections when it changes.
  std::function<void(int64_t)> count;
};

class HttpServer {
public:
  /// Listens at once.
  /// \param host  a numeric address. \param port  0: one that is free.
  /// \errors  kInvalidArgument naming address and reason.
  static Result<std::unique_ptr<HttpServer>> create(const std::string &host, int64_t port,
                                                    HttpLimits limits, HttpHandlers handlers);
  ~HttpServer();

  /// Starts the threads that serve. \errors  kRuntime where the system gives none.
  Status start(int threads);

  uint16_t port() const;

  /// Calls `onSignal` on a thread of the server for each SIGINT and SIGTERM from now on.
  void catchSignals(std::function<void()> onSignal);

  /// Calls `call` on a thread of the server after some time, unless it ends before.
  void after(std::chrono::milliseconds time, std::function<void()> call);

  /// Takes no more connections; those that are open close behind their answers.
  void drain();

  /// Waits until no connection has an answer to write, at most so long, and ends the threads.
  void stop(std::chrono::milliseconds patience);

private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace osscc::rt::serve
