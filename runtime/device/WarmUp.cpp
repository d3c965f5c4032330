#include "runtime/device/WarmUp.h"

#include "runtime/device/Memory.h"

#include <algorithm>
#include <sys/mman.h>
#include <unistd.h>

namespace osscc::rt {
namespace {

/// Bytes asked for at a time: long enough for the disk, short enough to stop between two.
constexpr size_t kPiece = size_t(4) << 20;
/// MADV_POPULATE_READ, of Linux 5.14, which older headers lack: MADV_WILLNEED reads but the first
/// part of a piece.
constexpr int kPopulateRead = 22;

/// The whole pages around bytes [from, from + count).
std::pair<std::byte *, size_t> pagesAround(std::span<const std::byte> bytes, size_t from,
                                           size_t count) {
  auto page = uintptr_t(sysconf(_SC_PAGESIZE));
  auto begin = reinterpret_cast<uintptr_t>(bytes.data() + from);
  uintptr_t first = begin & -page, end = (begin + count + page - 1) & -page;
  return {reinterpret_cast<std::byte *>(first), end - first};
}

void readAll(const std::stop_token &stop, std::span<const std::byte> bytes) {
  for (size_t from = 0; from < bytes.size() && !stop.stop_requested(); from += kPiece) {
    auto [begin, length] = pagesAround(bytes, from, std::min(kPiece, bytes.size() - from));
    if (::madvise(begin, length, kPopulateRead) != 0)
      return; // an older system: the kernels will fault their pages in
  }
}

} // namespace

double residentShare(std::span<const std::byte> bytes) {
  constexpr size_t kSamples = 64;
  size_t resident = 0, samples = std::min(kSamples, bytes.size());
  for (size_t i = 0; i < samples; ++i) {
    auto [page, length] = pagesAround(bytes, bytes.size() / samples * i, 1);
    unsigned char state = 0;
    if (::mincore(page, 1, &state) != 0)
      return 1;
    resident += state & 1;
  }
  return samples == 0 ? 1 : double(resident) / double(samples);
}

WarmUp::WarmUp(std::span<const std::byte> bytes) {
  std::optional<int64_t> available = availableMemory();
  bool fits = available && bytes.size() <= uint64_t(std::max<int64_t>(*available, 0));
  if (fits && residentShare(bytes) < 1)
    thread = std::jthread([bytes](const std::stop_token &stop) { readAll(stop, bytes); });
}

} // namespace osscc::rt
