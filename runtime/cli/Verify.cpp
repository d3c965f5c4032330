// Whether the embedded weights are still what osscc wrote.
#include "runtime/base/Say.h"
#include "runtime/cli/Commands.h"

#include <fmt/format.h>

namespace osscc::rt::cli {

Status runVerify(const Assistant &assistant) {
  OSSCC_RETURN_IF_ERROR(assistant.bundle.verify());
  say("verify: {} bytes of payload are as osscc wrote them\n", assistant.bundle.bytes());
  return {};
}

} // namespace osscc::rt::cli
