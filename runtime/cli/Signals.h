// Signals as something that the rest of the program can look at or explain.
#pragma once

#include <cstdint>

namespace osscc::rt::cli {

/// Makes SIGINT raise the flag instead of ending the process; a second one before the flag is
/// cleared ends it with status 130. Reads that wait are interrupted (EINTR).
void catchInterrupt();

/// Not 0 once SIGINT has come. For OssccCall.cancel.
const int64_t *interruptFlag();

void clearInterrupt();

/// Makes SIGBUS, which the kernel sends when a page of a mapped file is not there, say what is
/// known of it. A page of the executable ends the process with status 74: the file was cut short,
/// or its disk fails. Any other SIGBUS ends it as ever.
void explainMissingPages();

} // namespace osscc::rt::cli
