// Errors of the runtime: a code that decides the exit status, one line that says what is wrong, one
// that says what to do. No exception crosses a room; a function that can fail returns Result<T>.
// Only main() exits.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace osscc::rt {

/// What kind of failure; each says when to use it. exitCode() maps it to the process's exit status.
enum class Code {
  kRuntime,           ///< Anything at run time that fits none of the following: exit 1.
  kInvalidArgument,   ///< A value given by the user or a file is not allowed: exit 1.
  kUsage,             ///< The command line is wrong: exit 2.
  kUnsupportedCpu,    ///< The kernels use CPU features that this machine lacks: exit 69.
  kUnsupportedDevice, ///< No device of the kind that the kernels are for, or one too old: exit 69.
  kDataDamaged,       ///< The executable's own payload is not what was written: exit 74.
  kOutOfMemory,       ///< An allocation failed or could not succeed: exit 75.
  kCancelled,         ///< The user interrupted: exit 130.
};

struct Error {
  Code code = Code::kRuntime;
  std::string message; ///< One line: what is wrong and where, no trailing full stop.
  std::string help;    ///< One line: what the user can do; may be empty.
};

template <class T> using Result = std::expected<T, Error>;
using Status = Result<void>;

/// An error as the return value of a function that returns Result<T>.
inline std::unexpected<Error> fail(Code code, std::string message, std::string help = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(help)});
}

/// The error of a command line that is wrong: exit 2.
inline std::unexpected<Error> usageError(std::string message, std::string help = {}) {
  return fail(Code::kUsage, std::move(message), std::move(help));
}

/// The exit status that conventions fix for each code.
constexpr int exitCode(Code code) {
  switch (code) {
  case Code::kUsage:
    return 2;
  case Code::kUnsupportedCpu:
  case Code::kUnsupportedDevice:
    return 69;
  case Code::kDataDamaged:
    return 74;
  case Code::kOutOfMemory:
    return 75;
  case Code::kCancelled:
    return 130;
  case Code::kRuntime:
  case Code::kInvalidArgument:
    break;
  }
  return 1;
}

} // namespace osscc::rt

/// Returns the error of `expression` from the enclosing function, if it has one.
#define OSSCC_RETURN_IF_ERROR(expression)                                                          \
  do {                                                                                             \
    if (auto osscc_status = (expression); !osscc_status)                                           \
      return std::unexpected(std::move(osscc_status).error());                                     \
  } while (false)
