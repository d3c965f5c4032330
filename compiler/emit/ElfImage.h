// The one place that knows where a linked image describes its payload. Stage: emit.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace osscc {

/// An executable's bytes before the payload: up to `payloadOffset`, where the payload begins.
struct ElfImage {
  llvm::SmallVector<char, 0> head;
  uint64_t payloadOffset() const { return head.size(); }
};

/// Makes the reserved segment and its section describe a payload of `bytes` bytes that follows the
/// image, and pads the image to a page. Both are patched: the kernel loads by the segment, strip
/// and objcopy copy by the section.
/// \errors  our own bug: the image is no 64-bit little-endian ELF file, or reserves nothing.
llvm::Expected<ElfImage> placePayload(const llvm::MemoryBuffer &image, uint64_t bytes);

} // namespace osscc
