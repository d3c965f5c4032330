// What the control groups that the process is in let it have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace osscc::rt {

/// Whole CPUs of time that the process may use: the smallest quota of its group and the groups
/// around it (version 2: cpu.max; version 1: cpu.cfs_quota_us), rounded down, at least 1.
///
/// \param root  a folder to look in instead of the system's root, for tests.
/// \returns nothing without a quota, or where the system does not say.
std::optional<int64_t> groupCpus(const std::string &root = "");

/// Bytes that the process may still take: the smallest rest of its group and the groups around it.
/// A group's rest is its limit (version 2: memory.max, or memory.high, above which the system slows
/// it down; version 1: memory.limit_in_bytes), without what it uses already; pages of files that
/// the system can drop count as free.
/// \param root  as above.
std::optional<int64_t> groupMemory(const std::string &root = "");

} // namespace osscc::rt
