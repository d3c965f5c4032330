// The HTTP server over real sockets, with limits and times so small that a test meets them.
#include "runtime/serve/Http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <atomic>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace osscc::rt::serve {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

/// A client's end of a connection.
class Client {
public:
  explicit Client(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
  }
  ~Client() { leave(); }
  void leave() {
    if (descriptor >= 0)
      close(std::exchange(descriptor, -1));
  }
  void send(std::string_view text) const {
    ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
  }
  /// All until the server closes, or until `end` has come.
  std::string read(std::string_view end = {}) const {
    std::string all;
    char part[4096];
    while (end.empty() || !all.contains(end)) {
      ssize_t got = recv(descriptor, part, sizeof part, 0);
      if (got <= 0)
        break;
      all.append(part, size_t(got));
    }
    return all;
  }

private:
  int descriptor = socket(AF_INET, SOCK_STREAM, 0);
};

struct HttpTest : testing::Test {
  HttpLimits limits{.headerBytes = 1024,
                    .bodyBytes = 100,
                    .connections = 4,
                    .header = 300ms,
                    .body = 300ms,
                    .idle = 400ms,
                    .keepAlive = 50ms};
  std::function<void(HttpRequest, std::shared_ptr<Responder>)> handle =
      [](HttpRequest request, const std::shared_ptr<Responder> &responder) {
        responder->respond({.body = request.method + request.path + request.body});
      };
  std::unique_ptr<HttpServer> server;

  void start() {
    HttpHandlers handlers{.admit =
                              [](const HttpRequest &request) {
                                return request.path == "/no"
                                           ? std::make_unique<HttpResponse>(
                                                 HttpResponse{.status = 403, .body = "no"})
                                           : nullptr;
                              },
                          .handle =
                              [this](HttpRequest request, std::shared_ptr<Responder> responder) {
                                handle(std::move(request), std::move(responder));
                              },
                          .refuse =
                              [](int status, const std::string &message) {
                                return HttpResponse{.status = status, .body = message};
                              },
                          .count = [](int64_t) {}};
    server = *HttpServer::create("127.0.0.1", 0, limits, std::move(handlers));
    ASSERT_TRUE(server->start(2));
  }
  std::string ask(std::string_view text) {
    Client client(server->port());
    client.send(text);
    return client.read();
  }
};

constexpr std::string_view kGet = "GET /x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

TEST_F(HttpTest, AnswersWithLengthAndType) {
  start();
  std::string answer = ask(kGet);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\nGET/x"));
}

TEST_F(HttpTest, LimitsEndInTheirStatus) {
  start();
  std::string host = "Host: a\r\n";
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"),
              HasSubstr(" 431 "));
  EXPECT_THAT(ask("POST / HTTP/1.1\r\n" + host + "Content-Length: 101\r\n\r\n"),
              HasSubstr(" 413 "));
  EXPECT_THAT(ask("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nff\r\n" +
                  std::string(255, 'x') + "\r\n0\r\n\r\n"),
              HasSubstr(" 413 "));
  EXPECT_THAT(ask("POST /no HTTP/1.1\r\n" + host + "Content-Length: 99\r\n\r\n"),
              HasSubstr(" 403 "));
}

TEST_F(HttpTest, WhatDoesNotComeInTimeIsClosed) {
  start();
  EXPECT_EQ(ask(""), "");
  EXPECT_EQ(ask("GET / HT"), "");
  EXPECT_EQ(ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"), "");
}

TEST_F(HttpTest, AClientThatAsksFirstIsToldToGoOn) {
  start();
  Client client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.read("\r\n\r\n"), StartsWith("HTTP/1.1 100 Continue"));
  client.send("ab");
  EXPECT_THAT(client.read("POST/ab"), HasSubstr("200 OK"));
}

TEST_F(HttpTest, AStreamComesInChunksAndCommentsWhileThereIsNone) {
  handle = [](const HttpRequest &, const std::shared_ptr<Responder> &responder) {
    responder->begin({.contentType = "text/event-stream"}, ": wait\n\n");
    std::thread([responder] {
      std::this_thread::sleep_for(200ms);
      responder->write("data: 1\n\n");
      responder->write("data: 2\n\n");
      responder->end();
    }).detach();
  };
  start();
  Client client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  std::string answer = client.read("\r\n0\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(answer, HasSubstr("8\r\n: wait\n\n\r\n"));
  EXPECT_LT(answer.find(": wait"), answer.find("data: 1"));
  EXPECT_LT(answer.find("data: 1"), answer.find("data: 2"));
  std::string old = ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old, testing::Not(HasSubstr("chunked"))) << "which HTTP/1.0 does not know";
  EXPECT_TRUE(old.ends_with("data: 1\n\ndata: 2\n\n")) << old;
  client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.read().ends_with("\r\n0\r\n\r\n")) << "the connection goes on";
}

TEST_F(HttpTest, WhoGoesAwayIsNoticed) {
  std::atomic<bool> isGone = false;
  std::shared_ptr<Responder> kept;
  handle = [&](const HttpRequest &, const std::shared_ptr<Responder> &responder) {
    kept = responder;
    responder->onGone([&] { isGone = true; });
    responder->begin({}, "");
    responder->write("x");
  };
  start();
  Client client(server->port());
  client.send(kGet);
  client.read("x");
  EXPECT_FALSE(isGone);
  client.leave();
  for (int i = 0; i < 200 && !isGone; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(isGone);
  kept->write("nobody reads this");
  kept->end();
}

TEST_F(HttpTest, AReaderThatTakesNothingIsLeft) {
  limits.write = 200ms;
  std::atomic<bool> isGone = false;
  std::shared_ptr<Responder> kept;
  handle = [&](const HttpRequest &, const std::shared_ptr<Responder> &responder) {
    kept = responder;
    responder->onGone([&] { isGone = true; });
    responder->begin({}, "");
    responder->write(std::string(64 << 20, 'x'));
  };
  start();
  Client client(server->port());
  client.send(kGet);
  for (int i = 0; i < 500 && !isGone; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(isGone);
}

TEST_F(HttpTest, AnAddressThatIsTakenIsNamed) {
  start();
  auto second = HttpServer::create("127.0.0.1", server->port(), limits, {});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("127.0.0.1"));
}

} // namespace
} // namespace osscc::rt::serve
