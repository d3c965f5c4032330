#include "runtime/device/Pages.h"

#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

namespace osscc::rt {

std::pair<std::byte *, size_t> pagesAround(std::span<const std::byte> bytes) {
  auto page = uintptr_t(sysconf(_SC_PAGESIZE));
  auto begin = reinterpret_cast<uintptr_t>(bytes.data());
  uintptr_t first = begin & -page, end = (begin + bytes.size() + page - 1) & -page;
  return {reinterpret_cast<std::byte *>(first), end - first};
}

bool populate(std::span<const std::byte> bytes) {
  // MADV_POPULATE_READ, of Linux 5.14, which older headers lack: MADV_WILLNEED reads but the first
  // part of a piece.
  constexpr int kPopulateRead = 22;
  auto [begin, length] = pagesAround(bytes);
  return ::madvise(begin, length, kPopulateRead) == 0;
}

} // namespace osscc::rt
