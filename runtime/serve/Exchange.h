// A request whose answer is being drawn: steps in, server-sent events or one JSON object out.
#pragma once

#include "runtime/serve/Http.h"
#include "runtime/serve/Reply.h"

#include <functional>

namespace osscc::rt::serve {

/// An answer of JSON.
HttpResponse jsonResponse(const boost::json::object &body, int status = 200);
HttpResponse errorResponse(const ApiError &error);

class Exchange final : public JobListener {
public:
  /// \param done  called once, with the status of HTTP, when all is answered.
  Exchange(std::shared_ptr<Responder> responder, std::unique_ptr<Reply> reply, bool streams,
           size_t answers, std::vector<std::pair<std::string, std::string>> headers,
           std::function<void(int)> done);

  /// Begins the stream, if it is one; before the first step.
  void begin();

  void onStep(Step step) override;

private:
  void fail(const ApiError &error);

  const std::shared_ptr<Responder> responder;
  const std::unique_ptr<Reply> reply;
  const bool streams;
  size_t missing; ///< Answers that have not ended.
  const std::vector<std::pair<std::string, std::string>> headers;
  const std::function<void(int)> done;
  bool isOver = false;
};

} // namespace osscc::rt::serve
