// How long the process took until it was ready, and what followed.
#pragma once

#include <chrono>
#include <ctime>

namespace osscc::rt::cli {

/// Made first thing in main(). What the kernel and the C library did before counts by its CPU time:
/// an empty root has no /proc that would tell the hour of birth.
class StartClock {
public:
  StartClock() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    before = double(t.tv_sec) * 1e3 + double(t.tv_nsec) / 1e6;
  }

  /// Milliseconds since the process began.
  double milliseconds() const { return before + secondsSinceMade() * 1e3; }

  double secondsSinceMade() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - made).count();
  }

private:
  double before = 0;
  std::chrono::steady_clock::time_point made = std::chrono::steady_clock::now();
};

} // namespace osscc::rt::cli
