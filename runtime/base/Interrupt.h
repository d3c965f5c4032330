// The flag that Ctrl-C raises. Whoever waits or computes for long looks at it.
#pragma once

#include <cstdint>

namespace osscc::rt {

/// Not 0 once the flag is raised. For OssccCall.cancel.
const int64_t *interruptFlag();

bool isInterrupted();

/// Raises the flag; a signal handler may call it. \returns whether it was raised before.
bool raiseInterrupt();

void clearInterrupt();

} // namespace osscc::rt
