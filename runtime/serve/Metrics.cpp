#include "runtime/serve/Metrics.h"

#include <fmt/format.h>

#include <iterator>

namespace osscc::rt::serve {

void Metrics::addRequest(const std::string &path, int status) {
  std::lock_guard lock(mutex);
  ++requests[{path, status}];
}

std::string Metrics::text() const {
  std::string out;
  auto add = [&](const char *name, const char *type, const char *help, auto value) {
    fmt::format_to(std::back_inserter(out),
                   "# HELP osscc_{0} {2}\n# TYPE osscc_{0} {1}\nosscc_{0} {3}\n", name, type, help,
                   value);
  };
  add("prompt_tokens_total", "counter", "Tokens of prompts.", promptTokens.load());
  add("cached_tokens_total", "counter", "Tokens of prompts that were not computed again.",
      cachedTokens.load());
  add("answer_tokens_total", "counter", "Tokens drawn.", answerTokens.load());
  add("calls_total", "counter", "Calls of the model.", calls.load());
  add("rows_total", "counter", "Rows of these calls.", rows.load());
  add("call_seconds_total", "counter", "Time in these calls.",
      double(callMicroseconds.load()) / 1e6);
  add("cancelled_total", "counter", "Answers whose client went away.", cancelled.load());
  add("answers_running", "gauge", "Answers that are being drawn.", running.load());
  add("answers_waiting", "gauge", "Answers that wait for a sequence.", waiting.load());
  add("cache_bytes", "gauge", "Bytes of keys and values in use.", cacheBytes.load());
  add("connections", "gauge", "Open connections.", connections.load());
  out += "# HELP osscc_requests_total Requests answered.\n# TYPE osscc_requests_total counter\n";
  std::lock_guard lock(mutex);
  for (const auto &[key, count] : requests)
    fmt::format_to(std::back_inserter(out),
                   "osscc_requests_total{{path=\"{}\",status=\"{}\"}} {}\n", key.first, key.second,
                   count);
  return out;
}

} // namespace osscc::rt::serve
