#include "test/cuda/ptx/Jit.h"

#include "test/cuda/machine/Entries.h"

#include <llvm/ExecutionEngine/Orc/AbsoluteSymbols.h>
#include <llvm/ExecutionEngine/Orc/CompileUtils.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/Error.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/xxhash.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>

#include <dlfcn.h>
#include <unistd.h>

namespace osscc::standin {
namespace {

using llvm::orc::ExecutorAddr;
using llvm::orc::ExecutorSymbolDef;

template <typename T> T required(llvm::Expected<T> value) {
  if (!value)
    throw PtxError(0, llvm::toString(value.takeError()));
  return static_cast<T &&>(*value); // T may be a reference
}

void required(llvm::Error error) {
  if (error)
    throw PtxError(0, llvm::toString(std::move(error)));
}

/// The host, and all code made for it.
struct Host {
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::string name; // of the CPU with its features
  int libraries = 0;
  std::mutex mutex;

  Host() {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    auto builder = required(llvm::orc::JITTargetMachineBuilder::detectHost());
    builder.setCodeGenOptLevel(llvm::CodeGenOptLevel::Default);
    builder.setRelocationModel(llvm::Reloc::PIC_);
    machine = required(builder.createTargetMachine());
    name = (machine->getTargetCPU() + machine->getTargetFeatureString()).str();
    jit = required(llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(builder).create());
  }
};

Host &host() {
  static Host *one = new Host; // kept to the end: other threads may still run its code
  return *one;
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false; // tests of addresses leave it nothing to do
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

bool isWatched() {
  return std::getenv("OSSCC_STANDIN_WATCH") != nullptr;
}

std::unique_ptr<llvm::MemoryBuffer> objectOf(const Module &module, const Function &kernel) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> made = translate(module, kernel, context, isWatched());
  made->setTargetTriple(host().machine->getTargetTriple());
  made->setDataLayout(host().machine->createDataLayout());
  if (const char *folder = std::getenv("OSSCC_STANDIN_IR")) {
    std::error_code wrong;
    llvm::raw_fd_ostream out(std::string(folder) + "/" + kernel.name + ".ll", wrong);
    made->print(out, nullptr);
  }
  optimize(*made, *host().machine);
  return required(llvm::orc::SimpleCompiler(*host().machine)(*made));
}

/// This library's own age is part of the key: it translates.
std::string keyOf(const std::string &text, const Function &kernel) {
  std::string all =
      kernel.name + (isWatched() ? " watched" : "") + '\0' + host().name + '\0' + text;
  Dl_info self{};
  std::error_code none;
  if (dladdr(addressOf(keyOf), &self))
    all += std::to_string(
        std::filesystem::last_write_time(self.dli_fname, none).time_since_epoch().count());
  char key[32];
  std::snprintf(key, sizeof(key), "%016llx",
                static_cast<unsigned long long>(llvm::xxh3_64bits(all)));
  return key;
}

std::unique_ptr<llvm::MemoryBuffer> keptOrMade(const std::string &text, const Module &module,
                                               const Function &kernel) {
  const char *folder = std::getenv("OSSCC_STANDIN_CACHE");
  if (!folder)
    return objectOf(module, kernel);
  std::filesystem::path path = std::filesystem::path(folder) / (keyOf(text, kernel) + ".o");
  if (auto kept = llvm::MemoryBuffer::getFile(path.string(), false, false))
    return std::move(*kept);
  std::unique_ptr<llvm::MemoryBuffer> made = objectOf(module, kernel);
  // Several processes may make the same file: each writes its own and gives it the name.
  std::filesystem::path partial = path.string() + "." + std::to_string(getpid());
  std::error_code wrong;
  std::filesystem::create_directories(folder, wrong);
  if (FILE *out = std::fopen(partial.c_str(), "wb")) {
    bool isWhole =
        std::fwrite(made->getBufferStart(), 1, made->getBufferSize(), out) == made->getBufferSize();
    isWhole &= std::fclose(out) == 0;
    isWhole ? std::filesystem::rename(partial, path, wrong)
            : static_cast<void>(std::filesystem::remove(partial, wrong));
  }
  return made;
}

} // namespace

KernelFn compile(const std::string &text, const Module &module, const Function &kernel,
                 const std::map<std::string, void *> &globals) {
  Host &at = host();
  std::lock_guard lock(at.mutex);
  std::unique_ptr<llvm::MemoryBuffer> object = keptOrMade(text, module, kernel);
  auto &library = required(at.jit->createJITDylib("kernel " + std::to_string(at.libraries++)));
  llvm::orc::SymbolMap symbols;
  auto add = [&](const std::string &name, void *address) {
    symbols[at.jit->mangleAndIntern(name)] =
        ExecutorSymbolDef(ExecutorAddr::fromPtr(address), llvm::JITSymbolFlags::Exported);
  };
  for (const Entry &entry : entries())
    add(entry.name, entry.address);
  for (const auto &[name, address] : globals)
    add(name, address);
  required(library.define(llvm::orc::absoluteSymbols(std::move(symbols))));
  required(at.jit->addObjectFile(library, std::move(object)));
  return required(at.jit->lookup(library, kKernelSymbol)).toPtr<KernelFn>();
}

} // namespace osscc::standin
