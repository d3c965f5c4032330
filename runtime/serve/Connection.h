// One connection of the HTTP server: requests one after the other, each answered before the next
// is read.
#pragma once

#include "runtime/serve/Http.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace osscc::rt::serve {

/// What connections share.
struct HttpShared {
  HttpLimits limits;
  HttpHandlers handlers;
  std::atomic<bool> isDraining = false;
  std::atomic<int64_t> answering = 0; ///< Connections with an answer on its way.
};

/// An answer on its way to a connection. Parts may come from any thread; they are written by the
/// connection, on its strand.
class Outgoing final : public Responder, public std::enable_shared_from_this<Outgoing> {
public:
  explicit Outgoing(boost::asio::any_io_executor strand) : strand(strand), news(strand) {}

  void respond(HttpResponse response) override;
  void begin(HttpResponse head, std::string keepAlive) override;
  void write(std::string text) override;
  void end() override;
  void onGone(std::function<void()> call) override;

  // On the strand from here on.
  std::optional<HttpResponse> head;
  bool isStream = false, isOver = false, isGone = false;
  std::string keepAlive, pending;
  std::function<void()> gone;

  /// Waits until something changes, or for so long.
  boost::asio::awaitable<void> change(std::chrono::milliseconds most);
  /// The client has gone: what is to come is dropped.
  void leave();

private:
  template <class F> void onStrand(F change);

  boost::asio::any_io_executor strand;
  boost::asio::steady_timer news;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
  Connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<HttpShared> shared,
             uint64_t number);
  ~Connection();

  boost::asio::any_io_executor executor() { return stream.get_executor(); }

  /// Serves until the connection ends. On the socket's executor, a strand.
  boost::asio::awaitable<void> run();

private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  boost::asio::awaitable<bool> serveOne();
  boost::asio::awaitable<bool> readRequest(Parser &parser, HttpRequest &request);
  boost::asio::awaitable<bool> refuse(int status, std::string message);
  boost::asio::awaitable<bool> answer(Outgoing &out, const Parser &parser);
  boost::asio::awaitable<bool> writeWhole(const HttpResponse &response, unsigned version,
                                          bool keepsAlive);
  boost::asio::awaitable<bool> writeHead(const HttpResponse &response, unsigned version,
                                         bool keepsAlive);
  boost::asio::awaitable<bool> writeText(std::string text, bool isChunk);
  boost::asio::awaitable<bool> writeParts(Outgoing &out, bool isChunked);
  boost::asio::awaitable<void> linger();
  void watch(const std::shared_ptr<Outgoing> &out,
             const std::shared_ptr<boost::asio::cancellation_signal> &stop);

  boost::beast::tcp_stream stream;
  std::shared_ptr<HttpShared> shared;
  const uint64_t number;
  boost::beast::flat_buffer buffer;
};

} // namespace osscc::rt::serve
