// Object + the target's runtime archive and libc -> an ELF executable, by lld inside this process.
// Stage: emit.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Triple.h"
#include <memory>
#include <string>
#include <vector>

namespace osscc {

/// The section that the object holds a byte of, and the link gives a load segment of its own;
/// writeExecutable puts the payload there.
inline constexpr llvm::StringLiteral kPayloadSection = ".osscc";

/// What an executable takes from the system that it runs on.
enum class LinkKind {
  Static,  ///< nothing: it is for CPUs
  Dynamic, ///< libc and libm alone, for a device's driver is opened at run time
};

/// The folder of archives and start files for a target, beside the binary:
/// <bin>/../lib/osscc/x86_64-linux-gnu.
/// \param program  argv[0], for systems that do not tell a process its own path.
/// \errors  InputError: the folder is not there, as where osscc was built without libraries of the
/// triple, or is not complete.
llvm::Expected<std::string> findResources(llvm::StringRef program, const llvm::Triple &triple,
                                          LinkKind kind = LinkKind::Static);

/// The linker's command line, `ld.lld` first.
/// \param objects  files, one a CPU tier.
/// \param script  a file that holds the linker script.
std::vector<std::string> linkerArguments(llvm::StringRef resources,
                                         llvm::ArrayRef<std::string> objects,
                                         llvm::StringRef script, llvm::StringRef output,
                                         LinkKind kind = LinkKind::Static);

/// An ELF object in memory.
using ObjectBytes = llvm::SmallVector<char, 0>;

/// Links an executable whose payload segment is still empty. The bytes depend on the objects and
/// the resources only.
/// \param objects  by emitObject; one has `osscc_module` and the payload's byte.
/// \param resources  as findResources gives it.
/// \errors  InputError: there is no /proc, or lld's first message (a missing symbol).
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
linkExecutable(llvm::ArrayRef<ObjectBytes> objects, llvm::StringRef resources,
               LinkKind kind = LinkKind::Static);

} // namespace osscc
