// Pages of a mapped file, before they are touched.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

namespace osscc::rt {

/// The whole pages around `bytes`: where they begin, and how many bytes they are.
std::pair<std::byte *, size_t> pagesAround(std::span<const std::byte> bytes);

/// Has the system read and map all pages of `bytes`, in one go instead of a fault for each few.
/// \returns whether it did: systems before Linux 5.14 cannot, nor can any of pages that the file no
/// longer has.
bool populate(std::span<const std::byte> bytes);

} // namespace osscc::rt
