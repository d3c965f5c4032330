// Signals as something that the rest of the program can look at or explain.
#pragma once

#include "runtime/base/Interrupt.h"

namespace osscc::rt::cli {

/// Makes SIGINT, SIGTERM, SIGHUP and SIGQUIT end the process with the terminal in its usual mode:
/// by the signal itself, or, where the system ignores that because this is the first process of a
/// container, with status 128 + its number. What the parent has ignored (nohup) stays so.
void endOnSignals();

/// What a second SIGINT does while the flag of the first is still raised.
enum class SecondInterrupt {
  kEnds,    ///< Ends the process, as SIGINT does.
  kExplains ///< Says how to leave; a chat that is not saved is not lost.
};

/// Makes SIGINT raise the flag of base/Interrupt.h instead of ending the process. Calls that wait
/// are interrupted (EINTR).
void catchInterrupt(SecondInterrupt second = SecondInterrupt::kEnds);

/// Makes SIGBUS, which the kernel sends when a page of a mapped file is not there, say what is
/// known of it. A page of the executable ends the process with status 74: the file was cut short,
/// or its disk fails. Any other SIGBUS ends it as ever.
void explainMissingPages();

} // namespace osscc::rt::cli
