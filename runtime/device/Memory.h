// How much memory a program may still take.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace osscc::rt {

/// Bytes that are free or can be made free: what /proc/meminfo calls available, but not more than
/// the control groups may still have.
///
/// \param root  a folder to look in instead of the system's root, for tests.
/// \returns nothing where the system does not say, as in an empty root folder.
std::optional<int64_t> availableMemory(const std::string &root = "");

/// What to tell a user whose weights do not fit into the memory that is available: they are read
/// from the executable again and again. Empty where they fit, and where that is not known.
std::string noticeOfWeights(uint64_t bytes, std::optional<int64_t> available);

/// What is asked before memory is taken: bytes that may be; nothing where that is not known.
using AskMemory = std::function<std::optional<int64_t>()>;

} // namespace osscc::rt
