// The run of osscc: import, the pipeline's passes, and emit, with a line of progress each. The
// passes are Pipeline.cpp's.
#include "compiler/pipeline/Driver.h"

#include "compiler/Error.h"
#include "compiler/emit/BundleWriter.h"
#include "compiler/emit/Link.h"
#include "compiler/emit/Object.h"
#include "compiler/import/Import.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/pipeline/Register.h"
#include "compiler/pipeline/Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace osscc {

const std::vector<std::string> &emitStages() {
  static const std::vector<std::string> stages = {"graph", "packed", "tile", "kernels", "vector",
                                                  "llvm",  "asm",    "obj",  "exe"};
  return stages;
}

std::vector<std::string> targetNameList() {
  std::vector<std::string> names;
  for (llvm::StringRef name : targetNames())
    names.push_back(name.str());
  return names;
}

namespace {

/// The last stage of passes that an --emit needs.
Stage lastStage(llvm::StringRef emit) {
  return llvm::StringSwitch<Stage>(emit)
      .Case("graph", Stage::Graph)
      .Case("packed", Stage::Packed)
      .Case("tile", Stage::Tile)
      .Case("kernels", Stage::Kernels)
      .Case("vector", Stage::Vector)
      .Default(Stage::LLVM);
}

/// One compilation: the model on its way, and what is reported of it.
class Compilation {
public:
  explicit Compilation(const DriverOptions &options)
      : options(options), report(options.quiet), threads(llvm::hardware_concurrency(options.jobs)),
        context(MLIRContext::Threading::DISABLED) {
    context.setThreadPool(threads);
    registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  llvm::Error run();

private:
  llvm::Error checkOptions();
  llvm::Error import();
  llvm::Expected<int64_t> planesOfActivations();
  llvm::Error lower();
  llvm::Error emitMachineCode();
  llvm::Error linkAndWrite(llvm::ArrayRef<char> object);
  llvm::Error writeText(llvm::StringRef bytes);
  std::string outputPath() const;
  void describe(bundle::BundleT &assets);

  const DriverOptions &options;
  Report report;
  DialectRegistry registry;
  llvm::DefaultThreadPool threads;
  MLIRContext context;
  std::unique_ptr<Target> target;
  ImportedModel model;
  std::string system;
};

llvm::Error Compilation::checkOptions() {
  llvm::Expected<std::unique_ptr<Target>> parsed = parseTarget(options.target);
  if (!parsed)
    return parsed.takeError();
  target = std::move(*parsed);
  if (!llvm::is_contained({"keep", "f32", "f16", "bf16", "int8", "int4"}, options.quantize))
    return inputError("--quantize=" + options.quantize, "no such storage",
                      "take keep, f32, f16, bf16, int8 or int4", 2);
  if (!llvm::is_contained({"auto", "f32", "int16", "int8"}, options.activations))
    return inputError("--activations=" + options.activations, "no such arithmetic",
                      "take auto, f32, int16 or int8", 2);
  if (!llvm::is_contained(emitStages(), options.emit))
    return inputError("--emit=" + options.emit, "no such stage",
                      "take one of " + llvm::join(emitStages(), ", "), 2);
  if (options.reasoning != "runtime" && options.reasoning != "off")
    return inputError("--reasoning=" + options.reasoning,
                      "the model families known so far have no reasoning mode",
                      "leave the flag out", 2);
  if (options.system.empty())
    return llvm::Error::success();
  auto file = llvm::MemoryBuffer::getFile(options.system, /*IsText=*/true);
  if (!file)
    return inputError(options.system, file.getError().message(), "--system names a text file", 2);
  system = (*file)->getBuffer().str();
  return llvm::Error::success();
}

llvm::Error Compilation::import() {
  report.stage("import", options.model);
  llvm::Expected<ImportedModel> imported = importModel(context, options.model, {options.context});
  if (!imported)
    return imported.takeError();
  model = std::move(*imported);
  return llvm::Error::success();
}

/// The planes of 8 bits that --activations means for the storage; any for floats, which take rows
/// of f32.
llvm::Expected<int64_t> Compilation::planesOfActivations() {
  bool quantized = options.quantize == "int8" || options.quantize == "int4";
  bool kept = options.quantize == "keep" &&
              llvm::any_of(model.module->getOps<pack::WeightOp>(), [](pack::WeightOp weight) {
                return mlir::isa<pack::BlockType>(weight.getType());
              });
  llvm::StringRef wanted = options.activations;
  auto unsupported = [&](llvm::StringRef stored, llvm::StringRef help) {
    return inputError("--activations=" + wanted,
                      "not supported for " + stored + " storage on " + target->name, help, 2);
  };
  if (!quantized && !kept) {
    if (wanted == "int16" || wanted == "int8")
      return unsupported("float", "floats take f32 (or auto); int16 and int8 go with "
                                  "--quantize=int8 or int4, and with a GGUF file in blocks");
    return 2;
  }
  if (wanted == "f32")
    return unsupported("block", "blocks take int16 or int8 (or auto); f32 goes with "
                                "--quantize=f32, f16 or bf16");
  if (wanted == "auto")
    return kept ? 2 : 1;
  return wanted == "int16" ? 2 : 1;
}

llvm::Error Compilation::lower() {
  report.stage("lower", target->name);
  (*model.module)
      ->setAttr("abi.target", StringAttr::get(&context, target->triple + " " + target->name));
  (*model.module)->setAttr("abi.features", StringAttr::get(&context, target->features));
  PassManager passes(&context);
  PipelineOptions pipeline;
  pipeline.storage = options.quantize;
  llvm::Expected<int64_t> planes = planesOfActivations();
  if (!planes)
    return planes.takeError();
  pipeline.planes = *planes;
  buildPipeline(passes, *target, pipeline, lastStage(options.emit));
  if (failed(passes.run(*model.module)))
    return llvm::createStringError("the pipeline failed on a module that import accepted");
  return llvm::Error::success();
}

llvm::Error Compilation::emitMachineCode() {
  report.stage("emit", target->name);
  llvm::LLVMContext llvmContext;
  auto code = translate(*model.module, llvmContext);
  if (!code)
    return code.takeError();
  auto machine = createMachine(target->triple, target->cpu, target->extra);
  if (!machine)
    return machine.takeError();
  // Tuning for some CPUs halves the vectors; the kernels are scheduled for whole ones.
  std::string width = std::to_string(target->vectorBits());
  for (llvm::Function &function : **code) {
    function.addFnAttr("prefer-vector-width", width);
    function.addFnAttr("min-legal-vector-width", width);
  }
  optimise(**code, **machine, target->tune);
  bool text = options.emit == "asm";
  auto object =
      emitObject(**code, **machine,
                 text ? llvm::CodeGenFileType::AssemblyFile : llvm::CodeGenFileType::ObjectFile);
  if (!object)
    return object.takeError();
  if (options.emit == "exe")
    return linkAndWrite(*object);
  return writeText({object->data(), object->size()});
}

/// What the bundle says of this build. Nothing of it depends on the hour, the folder or the
/// machine.
void Compilation::describe(bundle::BundleT &assets) {
  assets.target = target->triple + " " + target->name;
  assets.osscc_version = OSSCC_VERSION;
  assets.system = system;
  assets.flags = {"--target=" + target->name, "--quantize=" + options.quantize,
                  "--activations=" + options.activations, "--reasoning=" + options.reasoning};
  if (options.context)
    assets.flags.push_back("--context=" + std::to_string(*options.context));
}

llvm::Error Compilation::linkAndWrite(llvm::ArrayRef<char> object) {
  report.stage("link", outputPath());
  auto resources = findResources(options.program, llvm::Triple(target->triple));
  if (!resources)
    return resources.takeError();
  std::string output = outputPath();
  llvm::StringRef folder = llvm::sys::path::parent_path(output);
  std::string scratch = folder.empty() ? "." : folder.str();
  auto image = linkExecutable(object, *resources, scratch);
  if (!image)
    return image.takeError();

  describe(model.assets);
  WriteOptions write;
  write.output = output;
  write.sourceFolder = model.folder;
  for (const auto &source : model.assets.sources)
    write.sources.push_back((llvm::Twine(model.folder) + "/" + source->file).str());
  write.progress = [&](uint64_t done, uint64_t total) { report.progress("pack", done, total); };
  llvm::Expected<Written> written = writeExecutable(**image, model.assets, *model.module, write);
  if (!written)
    return written.takeError();
  report.summary(output, *written, model.assets);
  return llvm::Error::success();
}

llvm::Error Compilation::writeText(llvm::StringRef bytes) {
  std::string path = outputPath();
  llvm::Error error = llvm::writeToOutput(path, [&](llvm::raw_ostream &stream) {
    stream << bytes;
    return llvm::Error::success();
  });
  if (!error)
    return error;
  return inputError(path, "cannot be written: " + llvm::toString(std::move(error)),
                    "name a file in a folder that can be written to");
}

std::string Compilation::outputPath() const {
  if (!options.output.empty())
    return options.output;
  std::string name = model.assets.model ? model.assets.model->name : "model";
  if (options.emit == "exe")
    return name;
  llvm::StringRef ending = llvm::StringSwitch<llvm::StringRef>(options.emit)
                               .Case("asm", ".s")
                               .Case("obj", ".o")
                               .Default(".mlir");
  return name + "." + options.emit + ending.str();
}

llvm::Error Compilation::run() {
  if (llvm::Error error = checkOptions())
    return error;
  if (llvm::Error error = import())
    return error;
  if (llvm::Error error = lower())
    return error;
  if (llvm::is_contained({"asm", "obj", "exe"}, options.emit))
    return emitMachineCode();
  std::string text;
  llvm::raw_string_ostream stream(text);
  (*model.module)->print(stream);
  return writeText(text);
}

} // namespace

int compile(const DriverOptions &options) {
  llvm::Error error = Compilation(options).run();
  if (!error)
    return 0;
  int status = 70;
  llvm::handleAllErrors(
      std::move(error),
      [&](const InputError &input) {
        input.log(llvm::errs());
        llvm::errs() << "\n";
        status = input.exitStatus;
      },
      [&](const llvm::ErrorInfoBase &internal) {
        llvm::errs()
            << "osscc: internal error: " << internal.message()
            << "\nhelp: this is a bug of osscc; report it with the command and the model's name\n";
      });
  return status;
}

} // namespace osscc
