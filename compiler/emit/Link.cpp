// The link, by lld as a library. lld reads and writes files by name only, so its files lie in
// memory, where they have names under /proc: no disk can fill, and nothing is left by a kill. Its
// output goes through a pipe, which takes a second thread; without one it is a temporary file.
#include "compiler/emit/Link.h"

#include "compiler/emit/TemporaryFile.h"
#include "lld/Common/Driver.h"
#include "support/Error.h"
#include "support/StartThread.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

LLD_HAS_DRIVER(elf)

namespace osscc {
namespace {

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// Files of the resources folder, in this order around the objects; archives are searched as one
/// group, and may be shared libraries.
struct LinkPlan {
  llvm::ArrayRef<const char *> flags, first, archives, last;
  const char *script;
};

const char *const kLast[] = {"crtend.o", "crtn.o"};

const char *const kStaticFlags[] = {"-static"};
const char *const kStaticFirst[] = {"crt1.o", "crti.o", "crtbeginT.o"};
const char *const kStaticArchives[] = {"libosscc_rt.a", "libutf8proc.a", "libstdc++.a", "libm.a",
                                       "libgcc.a",      "libgcc_eh.a",   "libc.a"};

/// The runtime reaches the part that drives devices by a weak symbol: -u takes it from its archive.
const char *const kDynamicFlags[] = {"--dynamic-linker=/lib64/ld-linux-x86-64.so.2", "-u",
                                     "osscc_cuda"};
const char *const kDynamicFirst[] = {"crt1.o", "crti.o", "crtbegin.o"};
const char *const kDynamicArchives[] = {"libosscc_cuda.a",     "libosscc_rt.a", "libutf8proc.a",
                                        "libstdc++.a",         "libgcc.a",      "libgcc_eh.a",
                                        "libm.so.6",           "libc.so.6",     "libc_nonshared.a",
                                        "ld-linux-x86-64.so.2"};

/// Gives the payload's section a load segment of its own, after everything else. glibc's freeres
/// section and `_end` come first: left to the linker, they would land behind the payload, the first
/// in the segment of the zeroed data. The address has 2 MiB alignment, so that the kernel can map
/// huge pages.
const char kStaticScript[] = "SECTIONS {\n"
                             "  __libc_freeres_ptrs : { *(__libc_freeres_ptrs) _end = .; }\n"
                             "  .osscc ALIGN(0x200000) : { KEEP(*(.osscc)) }\n"
                             "} INSERT AFTER .bss\n";
const char kDynamicScript[] = "SECTIONS {\n"
                              "  .osscc ALIGN(0x200000) : { KEEP(*(.osscc)) }\n"
                              "} INSERT AFTER .bss\n";

LinkPlan planOf(LinkKind kind) {
  if (kind == LinkKind::Static)
    return {kStaticFlags, kStaticFirst, kStaticArchives, kLast, kStaticScript};
  return {kDynamicFlags, kDynamicFirst, kDynamicArchives, kLast, kDynamicScript};
}

std::string inFolder(llvm::StringRef folder, llvm::StringRef name) {
  llvm::SmallString<128> joined(folder);
  path::append(joined, name);
  return joined.str().str();
}

std::error_code lastError() {
  return {errno, std::generic_category()};
}

/// A file that has a name as long as it is open, and lies on no disk.
class MemoryFile {
public:
  MemoryFile() : descriptor(::memfd_create("osscc", MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (descriptor >= 0)
      ::close(descriptor);
  }
  MemoryFile(const MemoryFile &) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor); }

  /// \errors  no memory, or a system without /proc.
  llvm::Error write(llvm::StringRef bytes) {
    std::error_code code = descriptor < 0 ? lastError() : std::error_code();
    if (!code && !fs::exists(path()))
      code = std::make_error_code(std::errc::no_such_file_or_directory);
    while (!code && !bytes.empty()) {
      ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
      if (put >= 0)
        bytes = bytes.drop_front(put);
      else if (errno != EINTR)
        code = lastError();
    }
    if (code)
      return inputError("link", "no file in memory: " + code.message(),
                        "linking needs /proc and some megabytes of memory");
    return llvm::Error::success();
  }

private:
  int descriptor;
};

/// What is written to a name under /proc, read by a thread of its own as it comes.
class MemoryPipe {
public:
  MemoryPipe() {
    if (::pipe2(ends, O_CLOEXEC) == 0 && !startThread(reader, [this] { readAll(); }).empty())
      ::close(ends[1]);
  }
  ~MemoryPipe() {
    finish();
    if (ends[0] >= 0)
      ::close(ends[0]);
  }
  MemoryPipe(const MemoryPipe &) = delete;

  /// Whether the system gives a pipe and a thread.
  bool isOpen() const { return reader.joinable(); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(ends[1]); }

  /// All that was written; to be called once, when nobody writes any more.
  std::unique_ptr<llvm::MemoryBuffer> take() {
    finish();
    return std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(bytes),
                                                           /*RequiresNullTerminator=*/false);
  }

private:
  void finish() {
    if (!reader.joinable())
      return;
    ::close(ends[1]);
    reader.join();
  }
  void readAll() {
    constexpr size_t kBlock = 1 << 20;
    while (true) {
      size_t size = bytes.size();
      bytes.resize_for_overwrite(size + kBlock);
      ssize_t got = ::read(ends[0], bytes.data() + size, kBlock);
      bytes.truncate(size + std::max<ssize_t>(got, 0));
      if (got == 0 || (got < 0 && errno != EINTR))
        return;
    }
  }

  int ends[2] = {-1, -1};
  llvm::SmallVector<char, 0> bytes;
  std::thread reader;
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

/// Links to a temporary file and takes its bytes.
/// \errors  the link's, and a temporary folder that cannot be written.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
linkThroughFile(llvm::function_ref<llvm::Error(llvm::StringRef)> link) {
  llvm::SmallString<128> folder;
  path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
  auto file = TemporaryFile::create(folder + "/osscc-", ".linked", 0600);
  if (!file)
    return inputError(folder, "cannot be written: " + file.getError().message(),
                      "set TMPDIR to a folder with some megabytes, or allow osscc more threads");
  if (llvm::Error error = link(file->path()))
    return error;
  auto bytes = llvm::MemoryBuffer::getFile(file->path(), /*IsText=*/false,
                                           /*RequiresNullTerminator=*/false);
  if (!bytes)
    return inputError(file->path(), "cannot be read: " + bytes.getError().message());
  return std::move(*bytes);
}

} // namespace

std::vector<std::string> linkerArguments(llvm::StringRef resources,
                                         llvm::ArrayRef<std::string> objects,
                                         llvm::StringRef script, llvm::StringRef output,
                                         LinkKind kind) {
  LinkPlan plan = planOf(kind);
  // -s: names of kernels are of no use in an executable. No build id: it would hash what the writer
  // still changes.
  std::vector<std::string> arguments = {"ld.lld"};
  llvm::append_range(arguments, plan.flags);
  arguments.insert(arguments.end(), {"--no-pie", "-s"});
  // One thread: the link takes milliseconds, and lld ends the process where it cannot start
  // another.
  arguments.insert(arguments.end(),
                   {"--threads=1", "--gc-sections", "--build-id=none", "--eh-frame-hdr"});
  arguments.insert(arguments.end(), {"-z", "noexecstack", "-z", "relro", "-z", "now"});
  arguments.insert(arguments.end(), {"-T", script.str(), "-o", output.str()});
  for (const char *name : plan.first)
    arguments.push_back(inFolder(resources, name));
  llvm::append_range(arguments, objects);
  arguments.push_back("--start-group");
  if (kind == LinkKind::Dynamic) // of libraries, those that something is taken from
    arguments.push_back("--as-needed");
  for (const char *name : plan.archives)
    arguments.push_back(inFolder(resources, name));
  arguments.push_back("--end-group");
  for (const char *name : plan.last)
    arguments.push_back(inFolder(resources, name));
  return arguments;
}

llvm::Expected<std::string> findResources(llvm::StringRef program, const llvm::Triple &triple,
                                          LinkKind kind) {
  std::string binary =
      fs::getMainExecutable(program.str().c_str(), reinterpret_cast<void *>(&findResources));
  llvm::SmallString<128> folder = path::parent_path(path::parent_path(binary));
  std::string name = (triple.getArchName() + "-linux-gnu").str();
  path::append(folder, "lib", "osscc", name);
  if (!fs::is_directory(folder))
    return inputError(folder, "is missing; this osscc makes no executables for " + name,
                      "name a target that --print-targets lists, or build osscc where apt can get "
                      "Debian's packages of that architecture");
  if (kind == LinkKind::Dynamic && triple.getArch() != llvm::Triple::x86_64)
    return inputError("link", "executables for a device run on x86-64 hosts only");
  LinkPlan plan = planOf(kind);
  for (llvm::ArrayRef<const char *> names : {plan.first, plan.archives, plan.last})
    for (const char *name : names)
      if (!fs::exists(inFolder(folder, name)))
        return inputError(
            inFolder(folder, name), "is missing; executables are linked with it",
            "keep osscc's bin and lib folders together, as they are built or installed");
  return folder.str().str();
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
linkExecutable(llvm::ArrayRef<ObjectBytes> objects, llvm::StringRef resources, LinkKind kind) {
  std::deque<MemoryFile> inputs;
  std::vector<std::string> names;
  for (const ObjectBytes &object : objects) {
    if (llvm::Error error = inputs.emplace_back().write({object.data(), object.size()}))
      return error;
    names.push_back(inputs.back().path());
  }
  MemoryFile script;
  if (llvm::Error error = script.write(planOf(kind).script))
    return error;
  auto link = [&](llvm::StringRef output) -> llvm::Error {
    std::string problem = runLinker(linkerArguments(resources, names, script.path(), output, kind));
    return problem.empty() ? llvm::Error::success() : inputError("link", problem);
  };
  MemoryPipe pipe;
  if (!pipe.isOpen())
    return linkThroughFile(link);
  if (llvm::Error error = link(pipe.path()))
    return error;
  return pipe.take();
}

} // namespace osscc
