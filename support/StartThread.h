// Threads where the system gives them: sandboxes and limits of processes refuse some or all.
#pragma once

#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace osscc {

/// Starts `thread` with `work`, if the system gives one.
/// \returns the system's reason, empty when the thread runs.
template <typename Work> std::string startThread(std::thread &thread, Work work) {
  try {
    thread = std::thread(std::move(work));
  } catch (const std::system_error &error) {
    return error.code().message();
  }
  return "";
}

} // namespace osscc
