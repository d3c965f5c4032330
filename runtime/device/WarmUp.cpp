#include "runtime/device/WarmUp.h"

#include "runtime/device/Memory.h"
#include "runtime/device/Pages.h"

#include <algorithm>

#include <sys/mman.h>
#include <sys/resource.h>

namespace osscc::rt {
namespace {

/// Bytes asked for at a time: long enough for the disk, short enough to stop between two.
constexpr size_t kPiece = size_t(4) << 20;
constexpr size_t kStackBytes = size_t(256) << 10;

void readAll(const std::atomic<bool> &stopped, std::span<const std::byte> bytes) {
  for (size_t from = 0; from < bytes.size() && !stopped; from += kPiece)
    if (!populate(bytes.subspan(from, std::min(kPiece, bytes.size() - from))))
      return; // an older system: the kernels will fault their pages in
}

/// Reads of the disk that this thread has waited for.
long diskReads() {
  rusage usage{};
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_majflt : 0;
}

/// The share of some pages, spread over all, of whose first byte `isResident` is true.
template <class Ask> double sampledShare(std::span<const std::byte> bytes, const Ask &isResident) {
  constexpr size_t kSamples = 64;
  size_t samples = std::min(kSamples, bytes.size()), resident = 0;
  for (size_t i = 0; i < samples; ++i)
    resident += isResident(bytes.data() + bytes.size() / samples * i);
  return samples == 0 ? 1 : double(resident) / double(samples);
}

} // namespace

double residentShare(std::span<const std::byte> bytes) {
  double said = sampledShare(bytes, [](const std::byte *byte) {
    unsigned char state = 1;
    ::mincore(pagesAround({byte, 1}).first, 1, &state);
    return (state & 1) != 0;
  });
  if (said < 1)
    return said;
  // The kernel says that all is there of a file that this user may not write (mincore(2)): so the
  // pages are touched, up to the first that has to be read.
  bool missing = false;
  return sampledShare(bytes, [&](const std::byte *byte) {
    if (missing)
      return false;
    long before = diskReads();
    (void)*static_cast<const volatile std::byte *>(byte);
    missing = diskReads() != before;
    return !missing;
  });
}

WarmUp::WarmUp(std::span<const std::byte> bytes) {
  std::optional<int64_t> available = availableMemory();
  bool fits = available && bytes.size() <= uint64_t(std::max<int64_t>(*available, 0));
  if (!fits || residentShare(bytes) == 1)
    return;
  // A wish: where there is no thread, the kernels will fault their pages in.
  if (auto started = Thread::start(kStackBytes, [this, bytes] { readAll(stopped, bytes); }))
    thread.emplace(std::move(*started));
}

WarmUp::~WarmUp() {
  stopped = true;
}

} // namespace osscc::rt
