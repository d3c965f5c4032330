// The link, by lld as a library. lld reads and writes files by name only, so its files lie in a
// scratch folder for a moment.
#include "compiler/emit/Link.h"

#include "compiler/Error.h"
#include "lld/Common/Driver.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"

LLD_HAS_DRIVER(elf)

namespace osscc {
namespace {

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// Start files stand around the objects in this order; archives are searched as one group.
const char *const kFirst[] = {"crt1.o", "crti.o", "crtbeginT.o"};
const char *const kArchives[] = {"libosscc_rt.a", "libstdc++.a", "libm.a",
                                 "libgcc.a",      "libgcc_eh.a", "libc.a"};
const char *const kLast[] = {"crtend.o", "crtn.o"};

/// Gives the payload's section a load segment of its own, after everything else. glibc's freeres
/// section and `_end` come first: left to the linker, they would land behind the payload, the first
/// in the segment of the zeroed data. The address has 2 MiB alignment, so that the kernel can map
/// huge pages.
const char kScript[] = "SECTIONS {\n"
                       "  __libc_freeres_ptrs : { *(__libc_freeres_ptrs) _end = .; }\n"
                       "  .osscc ALIGN(0x200000) : { KEEP(*(.osscc)) }\n"
                       "} INSERT AFTER .bss\n";

std::string inFolder(llvm::StringRef folder, llvm::StringRef name) {
  llvm::SmallString<128> joined(folder);
  path::append(joined, name);
  return joined.str().str();
}

/// A file of the linker; removed at the end, and when a signal ends the process.
class ScratchFile {
public:
  explicit ScratchFile(std::string file) : path(std::move(file)) {
    llvm::sys::RemoveFileOnSignal(path);
  }
  ~ScratchFile() {
    fs::remove(path);
    llvm::sys::DontRemoveFileOnSignal(path);
  }
  ScratchFile(const ScratchFile &) = delete;

  llvm::Error write(llvm::StringRef bytes) {
    std::error_code code;
    llvm::raw_fd_ostream stream(path, code, fs::OF_None);
    if (!code) {
      stream << bytes;
      stream.close();
      code = stream.error();
      stream.clear_error();
    }
    if (code)
      return inputError(path, "cannot be written: " + code.message(),
                        "choose an output folder that has space and may be written");
    return llvm::Error::success();
  }

  std::string path;
};

/// lld's first complaint, without its own name in front.
std::string firstMessage(llvm::StringRef said) {
  llvm::StringRef line = said.split('\n').first.trim();
  for (llvm::StringRef prefix : {"ld.lld: ", "error: "})
    line.consume_front(prefix);
  return line.empty() ? "the linker failed without a message" : line.str();
}

/// Runs lld; \returns its first message, empty when it succeeded.
std::string runLinker(llvm::ArrayRef<std::string> arguments) {
  llvm::SmallVector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  std::string said;
  llvm::raw_string_ostream stream(said);
  lld::DriverDef elf = {lld::Gnu, &lld::elf::link};
  lld::Result result = lld::lldMain(pointers, stream, stream, elf);
  return result.retCode == 0 ? std::string() : firstMessage(said);
}

/// A path in `scratch` that no other link uses: the object's, which exists from now on.
llvm::Expected<std::string> claimObjectPath(llvm::StringRef scratch) {
  llvm::SmallString<128> model(scratch), path;
  path::append(model, ".osscc-%%%%%%%%.o");
  if (std::error_code code = fs::createUniqueFile(model, path))
    return inputError(scratch, "cannot be written: " + code.message(),
                      "choose an output in a folder that may be written");
  return path.str().str();
}

} // namespace

std::vector<std::string> linkerArguments(llvm::StringRef resources, llvm::StringRef object,
                                         llvm::StringRef script, llvm::StringRef output) {
  // -s: names of kernels are of no use in an executable. No build id: it would hash what the writer
  // still changes.
  std::vector<std::string> arguments = {"ld.lld", "-static", "--no-pie", "-s"};
  arguments.insert(arguments.end(), {"--gc-sections", "--build-id=none", "--eh-frame-hdr"});
  arguments.insert(arguments.end(), {"-z", "noexecstack", "-z", "relro", "-z", "now"});
  arguments.insert(arguments.end(), {"-T", script.str(), "-o", output.str()});
  for (const char *name : kFirst)
    arguments.push_back(inFolder(resources, name));
  arguments.push_back(object.str());
  arguments.push_back("--start-group");
  for (const char *name : kArchives)
    arguments.push_back(inFolder(resources, name));
  arguments.push_back("--end-group");
  for (const char *name : kLast)
    arguments.push_back(inFolder(resources, name));
  return arguments;
}

llvm::Expected<std::string> findResources(llvm::StringRef program, const llvm::Triple &triple) {
  std::string binary =
      fs::getMainExecutable(program.str().c_str(), reinterpret_cast<void *>(&findResources));
  llvm::SmallString<128> folder = path::parent_path(path::parent_path(binary));
  path::append(folder, "lib", "osscc", triple.getArchName() + "-linux-gnu");
  for (llvm::ArrayRef<const char *> names :
       {llvm::ArrayRef(kFirst), llvm::ArrayRef(kArchives), llvm::ArrayRef(kLast)})
    for (const char *name : names)
      if (!fs::exists(inFolder(folder, name)))
        return inputError(
            inFolder(folder, name), "is missing; executables are linked with it",
            "keep osscc's bin and lib folders together, as they are built or installed");
  return folder.str().str();
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
linkExecutable(llvm::ArrayRef<char> object, llvm::StringRef resources, llvm::StringRef scratch) {
  llvm::Expected<std::string> path = claimObjectPath(scratch);
  if (!path)
    return path.takeError();
  ScratchFile input(*path), script(*path + ".ld"), output(*path + ".linked");
  if (llvm::Error error = input.write({object.data(), object.size()}))
    return error;
  if (llvm::Error error = script.write(kScript))
    return error;
  std::string problem = runLinker(linkerArguments(resources, input.path, script.path, output.path));
  if (!problem.empty())
    return inputError("link", problem);
  auto image = llvm::MemoryBuffer::getFile(output.path, /*IsText=*/false,
                                           /*RequiresNullTerminator=*/false, /*IsVolatile=*/true);
  if (!image)
    return inputError(output.path, "cannot be read: " + image.getError().message());
  return std::move(*image);
}

} // namespace osscc
