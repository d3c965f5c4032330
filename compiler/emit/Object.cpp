// LLVM dialect -> LLVM IR -> optimised machine code, by LLVM's own translation, pass pipeline and
// code generator.
#include "compiler/emit/Object.h"

#include "compiler/emit/Link.h"
#include "dialects/pack/Pack.h"

#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/SeparateConstOffsetFromGEP.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"
#include <mutex>

namespace osscc {

llvm::Expected<std::unique_ptr<llvm::Module>> translate(mlir::ModuleOp module,
                                                        llvm::LLVMContext &context) {
  mlir::DialectRegistry registry;
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  module.getContext()->appendDialectRegistry(registry);

  mlir::OwningOpRef<mlir::ModuleOp> code = module.clone();
  for (auto weight : llvm::make_early_inc_range(code->getOps<pack::WeightOp>()))
    weight.erase();
  std::unique_ptr<llvm::Module> translated = mlir::translateModuleToLLVMIR(*code, context, "osscc");
  if (!translated)
    return llvm::createStringError("emit: an op has no translation to LLVM IR");
  return translated;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createMachine(llvm::StringRef triple, llvm::StringRef cpu, llvm::StringRef features) {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
  });
  llvm::Triple parsed(triple);
  std::string problem;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(parsed, problem);
  if (!target)
    return llvm::createStringError("emit: " + problem);
  std::unique_ptr<llvm::MCSubtargetInfo> known(target->createMCSubtargetInfo(parsed, "", ""));
  if (!known->isCPUStringValid(cpu))
    return llvm::createStringError("emit: LLVM knows no CPU '" + cpu + "' for " + triple);
  llvm::TargetOptions options;
  options.FunctionSections = options.DataSections = true; // for the linker's --gc-sections
  options.MCOptions.AsmVerbose = true;
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(parsed, cpu, features, options, llvm::Reloc::Static,
                                  llvm::CodeModel::Small, llvm::CodeGenOptLevel::Aggressive));
}

/// Functions carry their CPU: without the attributes the optimiser takes the baseline's costs.
static void setCpu(llvm::Module &module, llvm::TargetMachine &machine, llvm::StringRef tune) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("tune-cpu", tune.empty() ? machine.getTargetCPU() : tune);
    if (!machine.getTargetFeatureString().empty())
      function.addFnAttr("target-features", machine.getTargetFeatureString());
    function.addFnAttr(llvm::Attribute::NoUnwind);
    function.removeFnAttr(llvm::Attribute::UWTable);
  }
}

/// Whether a load takes a base, an index and a constant at once.
static bool hasFullAddresses(llvm::Function &function, llvm::TargetMachine &machine) {
  llvm::Type *byte = llvm::Type::getInt8Ty(function.getContext());
  return machine.getTargetTransformInfo(function).isLegalAddressingMode(
      byte, /*BaseGV=*/nullptr, /*BaseOffset=*/64, /*HasBaseReg=*/true, /*Scale=*/1);
}

/// Where it does not, constants of indices become those of loads: a sum of base and index serves
/// many of them.
static void splitIndices(llvm::Module &module, llvm::TargetMachine &machine,
                         llvm::PassBuilder &builder) {
  auto defined = [](llvm::Function &function) { return !function.isDeclaration(); };
  auto function = llvm::find_if(module, defined);
  if (function == module.end() || hasFullAddresses(*function, machine))
    return;
  builder.registerOptimizerLastEPCallback(
      [](llvm::ModulePassManager &passes, llvm::OptimizationLevel, llvm::ThinOrFullLTOPhase) {
        llvm::FunctionPassManager split;
        split.addPass(llvm::SeparateConstOffsetFromGEPPass(/*LowerGEP=*/true));
        split.addPass(llvm::EarlyCSEPass());
        split.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()),
                                                            /*UseMemorySSA=*/true));
        passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(split)));
      });
}

void optimise(llvm::Module &module, llvm::TargetMachine &machine, llvm::StringRef tune) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  setCpu(module, machine, tune);

  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.LoopInterleaving = tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  splitIndices(module, machine, builder);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}

void reservePayload(llvm::Module &module) {
  llvm::Type *byte = llvm::Type::getInt8Ty(module.getContext());
  auto *place = new llvm::GlobalVariable(module, byte, /*isConstant=*/true,
                                         llvm::GlobalValue::InternalLinkage,
                                         llvm::ConstantInt::get(byte, 0), "osscc_payload_place");
  place->setSection(kPayloadSection);
  place->setAlignment(llvm::Align(1));
  llvm::appendToUsed(module, {place}); // nothing refers to it
}

void hideKernels(llvm::Module &module) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
}

llvm::Expected<llvm::SmallVector<char, 0>>
emitObject(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType kind) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  llvm::SmallVector<char, 0> code;
  llvm::raw_svector_ostream stream(code);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, kind))
    return llvm::createStringError("emit: the target cannot write this kind of file");
  passes.run(module);
  return code;
}

} // namespace osscc
