// What the server counts of itself, in the text format of Prometheus.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace osscc::rt::serve {

/// Counters may be changed from any thread.
class Metrics {
public:
  std::atomic<int64_t> promptTokens = 0, cachedTokens = 0, answerTokens = 0, calls = 0, rows = 0;
  std::atomic<int64_t> running = 0, waiting = 0, cancelled = 0, cacheBytes = 0, connections = 0;
  std::atomic<int64_t> callMicroseconds = 0;

  /// Counts an answered request. \param path  one of the server's own, or "other".
  void addRequest(const std::string &path, int status);

  /// The text of /metrics. Source: prometheus.io/docs/instrumenting/exposition_formats.
  std::string text() const;

private:
  mutable std::mutex mutex;
  std::map<std::pair<std::string, int>, int64_t> requests; ///< By path and status.
};

} // namespace osscc::rt::serve
