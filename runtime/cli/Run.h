// From the command line to the exit status.
#pragma once

#include "runtime/abi/Abi.h"

#include <string>
#include <vector>

namespace osscc::rt::cli {

/// Does what `arguments` ask of the model in this executable.
/// \param module  the compiled code.
/// \returns the exit status; errors have been printed on standard error.
int run(const std::string &program, std::vector<std::string> arguments, const OssccModule &module);

} // namespace osscc::rt::cli
