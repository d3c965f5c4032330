// The date that a chat template prints.
#pragma once

#include "runtime/base/Status.h"

#include <cstdint>
#include <optional>
#include <string>

namespace osscc::rt::cli {

/// Seconds since 1970 that templates shall take for now: midnight of `date` ("2024-07-26", UTC), or
/// else what the environment's SOURCE_DATE_EPOCH says; none if neither is given. Source:
/// reproducible-builds.org/specs/source-date-epoch.
/// \errors  kUsage for a value that is no date, or no number of seconds up to the year 9999.
Result<std::optional<int64_t>> pinnedClock(const std::string &date);

} // namespace osscc::rt::cli
