#include "runtime/serve/Exchange.h"

#include <boost/json/serialize.hpp>

namespace osscc::rt::serve {

HttpResponse jsonResponse(const boost::json::object &body, int status) {
  return {.status = status, .body = boost::json::serialize(body), .headers = {}};
}

HttpResponse errorResponse(const ApiError &error) {
  HttpResponse response = jsonResponse(toJson(error), error.status);
  if (error.status == 429 || error.status == 503)
    response.headers.emplace_back("Retry-After", "1");
  if (error.status == 401)
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

Exchange::Exchange(std::shared_ptr<Responder> responder, std::unique_ptr<Reply> reply, bool streams,
                   size_t answers, std::vector<std::pair<std::string, std::string>> headers,
                   std::function<void(int)> done)
    : responder(std::move(responder)), reply(std::move(reply)), streams(streams), missing(answers),
      headers(std::move(headers)), done(std::move(done)) {}

void Exchange::begin() {
  if (!streams)
    return;
  responder->begin({.contentType = "text/event-stream; charset=utf-8", .headers = headers},
                   ": keep-alive\n\n");
  responder->write(reply->begin());
}

void Exchange::onStep(Step step) {
  if (isOver)
    return;
  if (step.error)
    return fail(*step.error);
  bool isLast = step.ending && --missing == 0;
  if (streams) {
    std::string events = reply->events(step);
    responder->write(isLast ? events + reply->close() : events);
  } else {
    reply->add(std::move(step));
  }
  if (!isLast)
    return;
  isOver = true;
  if (streams) {
    responder->end();
  } else {
    HttpResponse response = jsonResponse(reply->whole());
    response.headers = headers;
    responder->respond(std::move(response));
  }
  done(200);
}

/// One answer that fails fails the request: the others' steps are dropped.
void Exchange::fail(const ApiError &error) {
  isOver = true;
  if (streams) {
    responder->write(errorEvent(error) + "data: [DONE]\n\n");
    responder->end();
  } else {
    HttpResponse response = errorResponse(error);
    response.headers.insert(response.headers.end(), headers.begin(), headers.end());
    responder->respond(std::move(response));
  }
  done(error.status);
}

} // namespace osscc::rt::serve
