#include "runtime/serve/Http.h"

#include "runtime/base/Say.h"
#include "runtime/device/Stack.h"
#include "runtime/device/Thread.h"
#include "runtime/serve/Connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <system_error>
#include <thread>

namespace osscc::rt::serve {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct HttpServer::State {
  asio::io_context context;
  tcp::acceptor acceptor{asio::make_strand(context)};
  asio::signal_set signals{context};
  std::shared_ptr<HttpShared> shared = std::make_shared<HttpShared>();
  std::atomic<int64_t> connections = 0;
  std::vector<Thread> threads;
  uint16_t port = 0;

  void work();
  asio::awaitable<void> accept();
  void serve(tcp::socket socket, uint64_t number);
  void waitForSignal(std::function<void()> call);
};

HttpServer::HttpServer(std::unique_ptr<State> state) : state(std::move(state)) {}

HttpServer::~HttpServer() {
  stop(std::chrono::milliseconds(0));
}

Result<std::unique_ptr<HttpServer>> HttpServer::create(const std::string &host, int64_t port,
                                                       HttpLimits limits, HttpHandlers handlers) {
  auto state = std::make_unique<State>();
  state->shared->limits = limits;
  state->shared->handlers = std::move(handlers);
  error_code error;
  auto address = asio::ip::make_address(host, error);
  tcp::endpoint place(address, uint16_t(port));
  tcp::acceptor &acceptor = state->acceptor;
  if (!error)
    acceptor.open(place.protocol(), error);
  if (!error)
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error)
    acceptor.bind(place, error);
  if (!error)
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return fail(
        Code::kInvalidArgument,
        fmt::format("serve: {} port {} cannot be listened at: {}", host, port, error.message()),
        "give another --host or --port");
  state->port = acceptor.local_endpoint(error).port();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

/// Runs handlers until the server is stopped. Memory may end amid one: its connection is lost.
void HttpServer::State::work() {
  while (!context.stopped()) {
    try {
      context.run();
    } catch (const std::exception &error) {
      say("note: serve: {}\n", error.what());
    }
  }
}

void HttpServer::State::serve(tcp::socket socket, uint64_t number) {
  auto connection = std::make_shared<Connection>(std::move(socket), shared, number);
  shared->handlers.count(++connections);
  auto strand = connection->executor();
  asio::co_spawn(
      strand, [connection] { return connection->run(); },
      [this, connection](const std::exception_ptr &) { shared->handlers.count(--connections); });
}

asio::awaitable<void> HttpServer::State::accept() {
  asio::steady_timer pause(acceptor.get_executor());
  for (uint64_t number = 1; acceptor.is_open(); ++number) {
    auto [error, socket] = co_await acceptor.async_accept(asio::make_strand(context),
                                                          asio::as_tuple(asio::use_awaitable));
    if (!error && connections < int64_t(shared->limits.connections)) {
      serve(std::move(socket), number);
      continue;
    }
    // Out of descriptors, or of room: what comes waits in the system's queue.
    if (acceptor.is_open() && error) {
      pause.expires_after(std::chrono::milliseconds(50));
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
}

Status HttpServer::start(int threads) {
  asio::co_spawn(
      state->acceptor.get_executor(), [this] { return state->accept(); }, asio::detached);
  for (int i = 0; i < threads; ++i) {
    auto thread = Thread::start(kStackBytes, [this] { state->work(); });
    if (!thread && i == 0)
      return fail(Code::kRuntime,
                  fmt::format("serve: the system gives no thread: {}",
                              std::generic_category().message(thread.error())),
                  "allow the process more threads");
    if (thread)
      state->threads.push_back(std::move(*thread));
  }
  return {};
}

uint16_t HttpServer::port() const {
  return state->port;
}

void HttpServer::State::waitForSignal(std::function<void()> call) {
  signals.async_wait([this, call](error_code error, int) {
    if (error)
      return;
    call();
    waitForSignal(call);
  });
}

void HttpServer::catchSignals(std::function<void()> onSignal) {
  error_code ignored;
  state->signals.add(SIGINT, ignored);
  state->signals.add(SIGTERM, ignored);
  state->waitForSignal(std::move(onSignal));
}

void HttpServer::after(std::chrono::milliseconds time, std::function<void()> call) {
  auto timer = std::make_shared<asio::steady_timer>(state->context, time);
  timer->async_wait([timer, call = std::move(call)](error_code error) {
    if (!error)
      call();
  });
}

void HttpServer::drain() {
  state->shared->isDraining = true;
  asio::post(state->acceptor.get_executor(), [this] {
    error_code ignored;
    state->acceptor.close(ignored);
  });
}

void HttpServer::stop(std::chrono::milliseconds patience) {
  auto end = std::chrono::steady_clock::now() + patience;
  while (state->shared->answering > 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  state->context.stop();
  state->threads.clear();
}

} // namespace osscc::rt::serve
