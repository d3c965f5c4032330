// The bytes of an executable's payload, as compiler/emit/BundleWriter writes them and
// runtime/bundle/Bundle reads them. docs/design/bundle.md tells how the payload becomes a load
// segment.
//
//   byte 0              PayloadHeader, then zeros up to kPayloadAlign
//   weights_offset      the weights part: weight i at its OssccWeight.offset, zeros between
//   index_offset        the index: a FlatBuffers bundle::Bundle, "OSSC"
//
// Numbers are little-endian. The payload begins on a page, so an alignment within it is one in
// memory. Plain C++20: both sides include this.
#pragma once

#include "runtime/bundle/Checksum.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace osscc::bundle {

inline constexpr char kPayloadMagic[8] = {'\x7f', 'O', 'S', 'S', 'C', 'C', '\r', '\n'};
/// Version of this layout and of the schema together; a reader takes no other.
inline constexpr uint32_t kPayloadVersion = 1;
/// The payload, its weights part and its index start at multiples of this many bytes.
inline constexpr uint64_t kPayloadAlign = 4096;

struct PayloadHeader {
  char magic[8];
  uint32_t version;        ///< kPayloadVersion
  uint32_t header_bytes;   ///< sizeof(PayloadHeader)
  uint64_t payload_bytes;  ///< from the header to the index's end: the segment's size
  uint64_t weights_offset; ///< from the header
  uint64_t weights_bytes;
  uint64_t weights_sum;  ///< checksum() of the weights part, gaps included
  uint64_t index_offset; ///< from the header
  uint64_t index_bytes;
  uint64_t index_sum;  ///< checksum() of the index
  uint64_t header_sum; ///< checksum() of the header's bytes before this field
};
static_assert(sizeof(PayloadHeader) == 80 && offsetof(PayloadHeader, header_sum) == 72);

/// What header_sum must be.
inline uint64_t headerSum(const PayloadHeader &header) {
  return checksum(&header, offsetof(PayloadHeader, header_sum));
}

/// What is wrong with a header, null if it can be trusted: then both parts lie inside
/// `segment_bytes` bytes, aligned, and do not overlap it. Sums of the parts are not read here; that
/// is `verify`.
inline const char *payloadProblem(const PayloadHeader &header, uint64_t segment_bytes) {
  if (segment_bytes < sizeof(PayloadHeader))
    return "the payload is shorter than its header";
  if (std::memcmp(header.magic, kPayloadMagic, sizeof kPayloadMagic) != 0)
    return "the payload does not start with its magic number";
  if (header.version != kPayloadVersion)
    return "the payload has another version than the runtime";
  if (header.header_bytes != sizeof(PayloadHeader) || header.header_sum != headerSum(header))
    return "the payload's header is damaged";
  if (header.payload_bytes > segment_bytes)
    return "the payload is truncated";
  auto inside = [&](uint64_t offset, uint64_t bytes) {
    return offset >= sizeof(PayloadHeader) && offset % kPayloadAlign == 0 &&
           offset <= header.payload_bytes && bytes <= header.payload_bytes - offset;
  };
  if (!inside(header.weights_offset, header.weights_bytes) ||
      !inside(header.index_offset, header.index_bytes))
    return "the payload's parts lie outside it";
  return nullptr;
}

} // namespace osscc::bundle
