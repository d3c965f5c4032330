#include "runtime/serve/Connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>

#include <fmt/format.h>

#include <sys/socket.h>

namespace osscc::rt::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;

constexpr auto kPlain = asio::as_tuple(asio::use_awaitable);

std::string text(beast::string_view view) {
  return {view.data(), view.size()};
}

/// Whether an error is of what the client wrote, and not of the connection.
bool isWrongText(error_code error) {
  return error.category() == http::make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

template <class Message> void setHead(Message &message, const HttpResponse &response) {
  message.set(http::field::content_type, response.contentType);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  for (const auto &[name, value] : response.headers)
    message.set(name, value);
}

} // namespace

template <class F> void Outgoing::onStrand(F change) {
  asio::post(strand, [self = shared_from_this(), change = std::move(change)]() mutable {
    if (!self->isGone)
      change(*self);
    self->news.cancel();
  });
}

void Outgoing::respond(HttpResponse response) {
  onStrand([response = std::move(response)](Outgoing &out) mutable {
    out.head = std::move(response);
    out.isOver = true;
  });
}

void Outgoing::begin(HttpResponse first, std::string comment) {
  onStrand([first = std::move(first), comment = std::move(comment)](Outgoing &out) mutable {
    out.head = std::move(first);
    out.keepAlive = std::move(comment);
    out.isStream = true;
  });
}

void Outgoing::write(std::string text) {
  if (!text.empty())
    onStrand([text = std::move(text)](Outgoing &out) { out.pending += text; });
}

void Outgoing::end() {
  onStrand([](Outgoing &out) { out.isOver = true; });
}

void Outgoing::onGone(std::function<void()> call) {
  asio::post(strand, [self = shared_from_this(), call = std::move(call)]() mutable {
    if (self->isGone)
      call();
    else
      self->gone = std::move(call);
  });
}

void Outgoing::leave() {
  isGone = true;
  pending.clear();
  if (auto call = std::exchange(gone, nullptr); call && !isOver)
    call();
  news.cancel();
}

asio::awaitable<void> Outgoing::change(std::chrono::milliseconds most) {
  news.expires_after(most);
  co_await news.async_wait(kPlain);
}

Connection::Connection(asio::ip::tcp::socket socket, std::shared_ptr<HttpShared> shared,
                       uint64_t number)
    : stream(std::move(socket)), shared(std::move(shared)), number(number) {}

Connection::~Connection() = default;

asio::awaitable<void> Connection::run() {
  auto self = shared_from_this();
  error_code error;
  stream.socket().set_option(asio::ip::tcp::no_delay(true), error);
  while (co_await serveOne())
    ;
  stream.socket().shutdown(asio::ip::tcp::socket::shutdown_both, error);
  stream.close();
}

/// \returns whether another request may follow.
asio::awaitable<bool> Connection::serveOne() {
  Parser parser;
  parser.header_limit(shared->limits.headerBytes);
  parser.body_limit(shared->limits.bodyBytes);
  HttpRequest request;
  if (!co_await readRequest(parser, request))
    co_return false;
  auto out = std::make_shared<Outgoing>(stream.get_executor());
  ++shared->answering;
  auto stop = std::make_shared<asio::cancellation_signal>();
  watch(out, stop);
  shared->handlers.handle(std::move(request), out);
  bool goesOn = co_await answer(*out, parser);
  stop->emit(asio::cancellation_type::all);
  out->leave();
  --shared->answering;
  co_return goesOn && !shared->isDraining;
}

/// Reads a request. \returns false where there is none: the connection then ends.
asio::awaitable<bool> Connection::readRequest(Parser &parser, HttpRequest &request) {
  const HttpLimits &limits = shared->limits;
  if (buffer.size() == 0) { // else the next request is there already
    stream.expires_after(limits.idle);
    auto [error, bytes] = co_await stream.async_read_some(buffer.prepare(4096), kPlain);
    if (error)
      co_return false;
    buffer.commit(bytes);
  }
  stream.expires_after(limits.header);
  auto [bad, read] = co_await http::async_read_header(stream, buffer, parser, kPlain);
  if (bad == http::error::header_limit)
    co_return co_await refuse(431, "the header is too large");
  if (bad == http::error::body_limit)
    co_return co_await refuse(413,
                              fmt::format("the body is larger than {} bytes", limits.bodyBytes));
  if (bad)
    co_return isWrongText(bad) && co_await refuse(400, "this is no HTTP request: " + bad.message());
  const auto &head = parser.get();
  std::string target = text(head.target());
  request.method = text(head.method_string());
  request.path = target.substr(0, target.find('?'));
  request.host = text(head[http::field::host]);
  request.origin = text(head[http::field::origin]);
  request.authorization = text(head[http::field::authorization]);
  request.connection = number;
  if (head.count(http::field::host) > 1 || (head.version() == 11 && request.host.empty()))
    co_return co_await refuse(400, "one Host is wanted");
  if (auto early = shared->handlers.admit(request)) {
    co_await writeWhole(*early, head.version(), false);
    co_await linger();
    co_return false;
  }
  stream.expires_after(limits.body);
  if (beast::iequals(head[http::field::expect], "100-continue"))
    if (!co_await writeText("HTTP/1.1 100 Continue\r\n\r\n", false))
      co_return false;
  stream.expires_after(limits.body);
  auto [cut, more] = co_await http::async_read(stream, buffer, parser, kPlain);
  if (cut == http::error::body_limit)
    co_return co_await refuse(413,
                              fmt::format("the body is larger than {} bytes", limits.bodyBytes));
  if (cut)
    co_return isWrongText(cut) && co_await refuse(400, "the body cannot be read: " + cut.message());
  request.body = std::move(parser.get().body());
  co_return true;
}

/// Answers what is no request, and ends the connection.
asio::awaitable<bool> Connection::refuse(int status, std::string message) {
  co_await writeWhole(shared->handlers.refuse(status, message), 11, false);
  co_await linger();
  co_return false;
}

/// Reads what the client still sends, so that it finds the answer and not a reset.
asio::awaitable<void> Connection::linger() {
  constexpr size_t kMost = size_t(32) << 20;
  error_code ignored;
  stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream.expires_after(std::chrono::seconds(2));
  std::string waste(size_t(64) << 10, 0);
  for (size_t sum = 0; sum < kMost;) {
    auto [error, bytes] = co_await stream.async_read_some(asio::buffer(waste), kPlain);
    if (error)
      break;
    sum += bytes;
  }
}

/// Calls out->leave() when the client has gone. A request that it sends already is left where it
/// is, and ends the watch.
void Connection::watch(const std::shared_ptr<Outgoing> &out,
                       const std::shared_ptr<asio::cancellation_signal> &stop) {
  if (buffer.size() > 0)
    return;
  stream.socket().async_wait(
      asio::ip::tcp::socket::wait_read,
      asio::bind_cancellation_slot(
          stop->slot(), [self = shared_from_this(), out, stop](error_code error) {
            if (error == asio::error::operation_aborted || out->isOver)
              return;
            char byte = 0;
            ssize_t there = error ? 0
                                  : ::recv(self->stream.socket().native_handle(), &byte, 1,
                                           MSG_PEEK | MSG_DONTWAIT);
            if (there == 0 || (there < 0 && errno != EAGAIN && errno != EINTR))
              out->leave();
          }));
}

/// Writes an answer as it comes. \returns whether the connection goes on.
asio::awaitable<bool> Connection::answer(Outgoing &out, const Parser &parser) {
  unsigned version = parser.get().version();
  bool keepsAlive = parser.keep_alive() && !shared->isDraining;
  while (!out.head && !out.isGone)
    co_await out.change(std::chrono::hours(24));
  if (out.isGone)
    co_return false;
  if (!out.isStream)
    co_return co_await writeWhole(*out.head, version, keepsAlive) && keepsAlive;
  bool isChunked = version >= 11;
  keepsAlive &= isChunked;
  if (!co_await writeHead(*out.head, version, keepsAlive))
    co_return false;
  co_return co_await writeParts(out, isChunked) && keepsAlive;
}

asio::awaitable<bool> Connection::writeWhole(const HttpResponse &response, unsigned version,
                                             bool keepsAlive) {
  http::response<http::string_body> message(http::status(response.status), version);
  setHead(message, response);
  message.keep_alive(keepsAlive);
  message.body() = response.body;
  message.prepare_payload();
  stream.expires_after(shared->limits.write);
  auto [error, bytes] = co_await http::async_write(stream, message, kPlain);
  co_return !error;
}

asio::awaitable<bool> Connection::writeHead(const HttpResponse &response, unsigned version,
                                            bool keepsAlive) {
  http::response<http::empty_body> message(http::status(response.status), version);
  setHead(message, response);
  message.keep_alive(keepsAlive);
  message.chunked(version >= 11);
  http::response_serializer<http::empty_body> serializer(message);
  stream.expires_after(shared->limits.write);
  auto [error, bytes] = co_await http::async_write_header(stream, serializer, kPlain);
  co_return !error;
}

/// Writes all that there is at a time, and a comment where for some seconds there is nothing.
asio::awaitable<bool> Connection::writeParts(Outgoing &out, bool isChunked) {
  while (!out.isGone && (!out.isOver || !out.pending.empty())) {
    if (out.pending.empty()) {
      auto begin = std::chrono::steady_clock::now();
      co_await out.change(shared->limits.keepAlive);
      if (out.pending.empty() && !out.isOver && !out.isGone &&
          std::chrono::steady_clock::now() - begin >= shared->limits.keepAlive)
        out.pending = out.keepAlive;
      continue;
    }
    if (!co_await writeText(std::exchange(out.pending, {}), isChunked) ||
        out.pending.size() > shared->limits.unreadBytes) {
      out.leave();
      co_return false;
    }
  }
  if (out.isGone || !isChunked)
    co_return false;
  co_return co_await writeText("0\r\n\r\n", false);
}

asio::awaitable<bool> Connection::writeText(std::string text, bool isChunk) {
  if (isChunk)
    text = fmt::format("{:x}\r\n{}\r\n", text.size(), text);
  stream.expires_after(shared->limits.write);
  auto [error, bytes] = co_await asio::async_write(stream, asio::buffer(text), kPlain);
  co_return !error;
}

} // namespace osscc::rt::serve
