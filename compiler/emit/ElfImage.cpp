// Patches program and section header of the payload. Offsets of file and memory must be equal
// modulo the segment's alignment; the file's are packed, so the address moves: nothing but the
// program header knows it.
//
//   | code, data, section headers | zeros up to a page | payload |
//                                                      ▲ p_offset = sh_offset, p_vaddr = base +
//                                                      p_offset % 2 MiB
#include "compiler/emit/ElfImage.h"

#include "compiler/emit/Link.h"
#include "runtime/bundle/Payload.h"
#include "llvm/Object/ELF.h"
#include "llvm/Object/ELFTypes.h"
#include "llvm/Support/MathExtras.h"

namespace osscc {

using llvm::object::ELF64LE;

/// The kernel can map huge pages where file and memory agree to this.
static constexpr uint64_t kHugePage = 2 << 20;

template <class Header>
static void patch(llvm::SmallVectorImpl<char> &head, llvm::StringRef image, const Header *at,
                  const Header &value) {
  auto offset = reinterpret_cast<const char *>(at) - image.data();
  std::memcpy(head.data() + offset, &value, sizeof value);
}

llvm::Expected<ElfImage> placePayload(const llvm::MemoryBuffer &image, uint64_t bytes) {
  llvm::StringRef data = image.getBuffer();
  auto file = llvm::object::ELFFile<ELF64LE>::create(data);
  if (!file)
    return file.takeError();
  auto sections = file->sections();
  if (!sections)
    return sections.takeError();
  auto segments = file->program_headers();
  if (!segments)
    return segments.takeError();

  const ELF64LE::Shdr *section = nullptr;
  for (const ELF64LE::Shdr &each : *sections) {
    auto name = file->getSectionName(each);
    if (!name)
      return name.takeError();
    if (*name == kPayloadSection)
      section = &each;
  }
  const ELF64LE::Phdr *segment = nullptr;
  for (const ELF64LE::Phdr &each : *segments)
    if (section && each.p_type == llvm::ELF::PT_LOAD && each.p_vaddr == section->sh_addr)
      segment = &each;
  if (!segment || segment->p_flags != llvm::ELF::PF_R)
    return llvm::createStringError("emit: the linked image reserves no segment for the payload");

  ElfImage placed;
  placed.head.assign(data.begin(), data.end());
  placed.head.resize(llvm::alignTo(data.size(), bundle::kPayloadAlign), 0);
  uint64_t offset = placed.payloadOffset();
  uint64_t address = llvm::alignTo(segment->p_vaddr, kHugePage) + offset % kHugePage;

  ELF64LE::Phdr program = *segment;
  program.p_offset = offset;
  program.p_vaddr = address;
  program.p_paddr = address;
  program.p_filesz = bytes;
  program.p_memsz = bytes;
  program.p_align = kHugePage;
  patch(placed.head, data, segment, program);
  ELF64LE::Shdr described = *section;
  described.sh_offset = offset;
  described.sh_addr = address;
  described.sh_size = bytes;
  described.sh_addralign = bundle::kPayloadAlign;
  patch(placed.head, data, section, described);
  return placed;
}

} // namespace osscc
