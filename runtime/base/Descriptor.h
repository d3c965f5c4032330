// Reads and writes of the standard streams, whatever their mode. A parent such as Node or ssh may
// share a stream's description and have set O_NONBLOCK on it: what is not ready is waited for.
#pragma once

#include <cstddef>
#include <string_view>
#include <sys/types.h>

namespace osscc::rt {

constexpr int kForEver = -1;

/// Waits until `descriptor` is ready for `events` (POLLIN, POLLOUT), has failed or is at its end.
/// \param milliseconds  at most, or kForEver.
/// \returns whether it is; false after the time, and with errno EINTR after an interrupt.
bool waitFor(int descriptor, short events, int milliseconds = kForEver);

/// Reads what is there, at least one byte.
/// \returns the bytes read; 0 at the end; -1 with errno, which is EINTR only after an interrupt.
ssize_t readSome(int descriptor, char *bytes, size_t count);

/// Writes all of `bytes`. Safe in a signal handler.
/// \param milliseconds  to wait at most each time that the reader takes nothing, or kForEver.
/// \returns whether all is written; false with errno, which is EINTR only after an interrupt.
bool writeAll(int descriptor, std::string_view bytes, int milliseconds = kForEver);

/// Gives a standard stream that is closed a descriptor that can neither be read nor written, so
/// that no file which is opened later gets its number.
void holdStandardStreams();

} // namespace osscc::rt
