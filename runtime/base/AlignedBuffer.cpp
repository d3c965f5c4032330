#include "runtime/base/AlignedBuffer.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <sys/mman.h>

namespace osscc::rt {

Result<AlignedBuffer> AlignedBuffer::allocate(int64_t bytes, int64_t align, bool zeroed) {
  constexpr int64_t kMaxAlign = int64_t(1) << 30;
  if (bytes < 0 || bytes > INT64_MAX - kMaxAlign || align < 1 || align > kMaxAlign ||
      !std::has_single_bit(uint64_t(align)))
    return fail(Code::kInvalidArgument,
                fmt::format("memory: {} bytes aligned to {} cannot be had", bytes, align));
  AlignedBuffer buffer;
  if (bytes == 0)
    return buffer;
  align = std::max<int64_t>(align, alignof(std::max_align_t));
  int64_t rounded = (bytes + align - 1) & -align;
  buffer.memory.reset(static_cast<uint8_t *>(std::aligned_alloc(align, rounded)));
  if (!buffer.memory)
    return fail(Code::kOutOfMemory, fmt::format("memory: {} bytes are not available", bytes),
                "close other programs, or take a smaller --context");
  if (align >= kHugePage)
    ::madvise(buffer.data(), rounded, MADV_HUGEPAGE); // a wish: without them all is the same
  if (zeroed)
    std::memset(buffer.data(), 0, bytes);
  return buffer;
}

} // namespace osscc::rt
