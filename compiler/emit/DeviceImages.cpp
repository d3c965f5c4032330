// A device's kernels, in the LLVM dialect, become the images that the executable holds: PTX, which
// the driver compiles, and where ptxas is found also machine code, which it need not:
//
//   gpu.module @kernels { llvm.func @norm_1 ... }   ==>   abi.images = [#abi.image<"sm_89", "ptx",
//   ...>]
//
// Stage: emit, run at the end of a device's part of llvm.
#include "compiler/Passes.h"
#include "compiler/emit/Object.h"
#include "compiler/emit/TemporaryFile.h"
#include "dialects/abi/AbiDialect.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include <unistd.h>

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_EMITIMAGESPASS
#include "compiler/Passes.h.inc"

namespace {

/// The text of the kernels for their target.
llvm::Expected<std::string> emitPtx(gpu::GPUModuleOp device, NVVM::NVVMTargetAttr target) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  device.getContext()->appendDialectRegistry(registry);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(device, context, "kernels");
  if (!code)
    return llvm::createStringError("emit: an op of a kernel has no translation to LLVM IR");
  auto machine = createMachine(target.getTriple(), target.getChip(), target.getFeatures());
  if (!machine)
    return machine.takeError();
  optimise(*code, **machine);
  auto text = emitObject(*code, **machine, llvm::CodeGenFileType::AssemblyFile);
  if (!text)
    return text.takeError();
  return std::string(text->begin(), text->end());
}

/// The path of ptxas: what OSSCC_PTXAS says, or the one that PATH finds; empty without one.
std::string findPtxas() {
  if (std::optional<std::string> named = llvm::sys::Process::GetEnv("OSSCC_PTXAS"))
    return *named;
  return llvm::expectedToOptional(llvm::errorOrToExpected(llvm::sys::findProgramByName("ptxas")))
      .value_or("");
}

llvm::ErrorOr<TemporaryFile> scratchFile(llvm::StringRef ending) {
  llvm::SmallString<128> folder;
  llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
  return TemporaryFile::create(folder + "/osscc-", ending, 0600);
}

/// The machine code of a text, or nothing where ptxas does not make it: the text serves then.
std::optional<std::string> assemble(llvm::StringRef ptxas, llvm::StringRef chip,
                                    llvm::StringRef text) {
  auto from = scratchFile(".ptx"), to = scratchFile(".cubin"), said = scratchFile(".log");
  if (!from || !to || !said)
    return std::nullopt;
  {
    llvm::raw_fd_ostream stream(from->descriptor(), /*shouldClose=*/false);
    stream << text;
  }
  std::string arch = ("-arch=" + chip).str();
  llvm::StringRef arguments[] = {ptxas, arch, "-O3", from->path(), "-o", to->path()};
  std::optional<llvm::StringRef> redirects[] = {"", said->path(), said->path()};
  if (llvm::sys::ExecuteAndWait(ptxas, arguments, /*Env=*/std::nullopt, redirects) != 0)
    return std::nullopt;
  auto bytes = llvm::MemoryBuffer::getFile(to->path(), /*IsText=*/false,
                                           /*RequiresNullTerminator=*/false);
  if (!bytes)
    return std::nullopt;
  return (*bytes)->getBuffer().str();
}

struct EmitImagesPass : osscc::impl::EmitImagesPassBase<EmitImagesPass> {
  void runOnOperation() override {
    SmallVector<Attribute> images;
    for (auto device : llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>())) {
      ArrayAttr targets = device.getTargetsAttr();
      auto target = targets && targets.size() == 1 ? dyn_cast<NVVM::NVVMTargetAttr>(targets[0])
                                                   : NVVM::NVVMTargetAttr();
      if (!target) {
        device.emitError() << "kernels of a device need one #nvvm.target";
        return signalPassFailure();
      }
      llvm::Expected<std::string> text = emitPtx(device, target);
      if (!text) {
        device.emitError() << llvm::toString(text.takeError());
        return signalPassFailure();
      }
      addImages(images, target.getChip(), *text);
      device.erase();
    }
    getOperation()->setAttr("abi.images", ArrayAttr::get(&getContext(), images));
  }

  /// The images of a text, the one that serves fastest first.
  void addImages(SmallVector<Attribute> &images, StringRef chip, StringRef text) {
    auto image = [&](StringRef kind, StringRef data) {
      auto string = [&](StringRef value) { return StringAttr::get(&getContext(), value); };
      images.push_back(
          abi::ImageAttr::get(&getContext(), string(chip), string(kind), string(data)));
    };
    if (std::string ptxas = findPtxas(); !ptxas.empty())
      if (std::optional<std::string> code = assemble(ptxas, chip, text))
        image("cubin", *code);
    image("ptx", text);
  }
};

} // namespace
} // namespace osscc
