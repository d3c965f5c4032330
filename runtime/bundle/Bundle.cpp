#include "runtime/bundle/Bundle.h"

#include <fmt/format.h>

#include <elf.h>
#include <sys/auxv.h>

#include <cstring>

namespace osscc::rt {
namespace {

constexpr const char *kRemedy = "copy the executable again, or compile it again with osscc";

/// The program headers of this process, and what to add to their addresses (not 0 in a
/// position-independent executable).
struct ProgramHeaders {
  std::span<const Elf64_Phdr> entries;
  uintptr_t base = 0;
};

ProgramHeaders programHeaders() {
  auto *first = reinterpret_cast<const Elf64_Phdr *>(getauxval(AT_PHDR));
  if (!first || getauxval(AT_PHENT) != sizeof(Elf64_Phdr))
    return {};
  ProgramHeaders headers{{first, size_t(getauxval(AT_PHNUM))}};
  for (const Elf64_Phdr &entry : headers.entries)
    if (entry.p_type == PT_PHDR)
      headers.base = reinterpret_cast<uintptr_t>(first) - entry.p_vaddr;
  return headers;
}

template <class T> bool isAligned(const flatbuffers::Vector<T> *vector) {
  return !vector || reinterpret_cast<uintptr_t>(vector->Data()) % 8 == 0;
}

/// Whether elements of 8 bytes lie at multiples of 8: FlatBuffers verifies that of lengths only.
bool isAligned(const bundle::Bundle &index) {
  for (const bundle::Weight *weight : *index.weights())
    if (!isAligned(weight->shape()))
      return false;
  for (size_t i = 0; index.templates() && i < index.templates()->size(); ++i)
    if (!isAligned(index.templates()->Get(i)->nodes()))
      return false;
  return true;
}

} // namespace

bool isOfThisExecutable(const void *address) {
  ProgramHeaders headers = programHeaders();
  uintptr_t at = reinterpret_cast<uintptr_t>(address), page = getauxval(AT_PAGESZ);
  for (const Elf64_Phdr &entry : headers.entries) {
    uintptr_t begin = headers.base + entry.p_vaddr, end = begin + entry.p_filesz;
    if (entry.p_type == PT_LOAD && at >= (begin & -page) && at < ((end + page - 1) & -page))
      return true;
  }
  return false;
}

Result<Bundle> Bundle::ofThisExecutable() {
  ProgramHeaders headers = programHeaders();
  for (const Elf64_Phdr &entry : headers.entries) {
    bool readable = entry.p_type == PT_LOAD && (entry.p_flags & PF_R);
    if (!readable || entry.p_filesz < sizeof(bundle::PayloadHeader))
      continue;
    auto *begin = reinterpret_cast<const std::byte *>(headers.base + entry.p_vaddr);
    if (std::memcmp(begin, bundle::kPayloadMagic, sizeof bundle::kPayloadMagic) == 0)
      return open({begin, entry.p_filesz});
  }
  return fail(Code::kDataDamaged, "payload: this executable has no model inside", kRemedy);
}

Result<Bundle> Bundle::open(std::span<const std::byte> segment) {
  // The header's fields are read one by one only after its size is known to be there.
  if (segment.size() < sizeof(bundle::PayloadHeader))
    return fail(Code::kDataDamaged, "payload: it is shorter than its header", kRemedy);
  Bundle result;
  result.header = reinterpret_cast<const bundle::PayloadHeader *>(segment.data());
  if (const char *problem = bundle::payloadProblem(*result.header, segment.size()))
    return fail(Code::kDataDamaged, fmt::format("payload: {}", problem), kRemedy);
  auto index = result.part(result.header->index_offset, result.header->index_bytes);
  auto *bytes = reinterpret_cast<const uint8_t *>(index.data());
  flatbuffers::Verifier verifier(bytes, index.size());
  if (!bundle::VerifyBundleBuffer(verifier) || !isAligned(*bundle::GetBundle(bytes)))
    return fail(Code::kDataDamaged, "payload: its index is damaged", kRemedy);
  result.root = bundle::GetBundle(bytes);
  return result;
}

std::span<const std::byte> Bundle::weights() const {
  return part(header->weights_offset, header->weights_bytes);
}

Status Bundle::verify() const {
  auto check = [&](const char *name, std::span<const std::byte> bytes,
                   uint64_t expected) -> Status {
    uint64_t found = bundle::checksum(bytes.data(), bytes.size());
    if (found == expected)
      return {};
    return fail(Code::kDataDamaged,
                fmt::format("{}: expected the sum {:016x}, found {:016x}", name, expected, found),
                kRemedy);
  };
  OSSCC_RETURN_IF_ERROR(
      check("index", part(header->index_offset, header->index_bytes), header->index_sum));
  return check("weights", weights(), header->weights_sum);
}

} // namespace osscc::rt
