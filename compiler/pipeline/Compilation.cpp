#include "compiler/pipeline/Compilation.h"

#include "compiler/emit/Link.h"
#include "compiler/emit/Object.h"
#include "compiler/emit/OutputFile.h"
#include "compiler/import/PrintModels.h"
#include "compiler/pipeline/CheckOptions.h"
#include "compiler/pipeline/Details.h"
#include "compiler/pipeline/Register.h"
#include "compiler/pipeline/RunExecutable.h"
#include "compiler/pipeline/Steps.h"
#include "compiler/pipeline/SystemMessage.h"
#include "compiler/pipeline/Verify.h"
#include "dialects/abi/AbiDialect.h"
#include "support/UsageError.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace mlir;

namespace osscc {

std::string modelList() {
  return printModels();
}

std::vector<std::string> targetNameList(const std::string &program) {
  llvm::StringMap<bool> installed; // by triple
  std::vector<std::string> names;
  for (llvm::StringRef name : targetNames()) {
    auto target = parseTarget(name);
    if (!target) { // native, on a machine that there are no kernels for
      llvm::consumeError(target.takeError());
      continue;
    }
    auto [triple, isNew] = installed.try_emplace((*target)->triple);
    if (isNew)
      triple->second =
          llvm::expectedToOptional(findResources(program, llvm::Triple(triple->first())))
              .has_value();
    if (triple->second)
      names.push_back(name.str());
  }
  return names;
}

/// The last stage of passes that an --emit needs.
static Stage lastStage(llvm::StringRef emit) {
  const auto *stage =
      llvm::find_if(kStages, [&](Stage candidate) { return stageName(candidate) == emit; });
  return stage == std::end(kStages) ? Stage::LLVM : *stage;
}

/// The threads of the passes; work waits for whoever wants its result where there are none.
static std::unique_ptr<llvm::ThreadPoolInterface> startPool(unsigned jobs) {
  if (jobs == 0)
    return std::make_unique<llvm::SingleThreadExecutor>();
  return std::make_unique<llvm::DefaultThreadPool>(llvm::hardware_concurrency(jobs));
}

Compilation::Compilation(const DriverOptions &options, unsigned jobs)
    : options(options), told(options.quiet || options.dryRun ? Report::Detail::Quiet
                             : options.verbose               ? Report::Detail::Verbose
                                                             : Report::Detail::Normal,
                             stepCount()),
      threads(startPool(jobs)), context(MLIRContext::Threading::DISABLED) {
  timing.setEnabled(options.timing);
  root = timing.getRootScope();
  if (jobs > 0 && !options.printIr) // else the printed functions would mix
    context.setThreadPool(*threads);
  registerDialects(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
}

int Compilation::stepCount() const {
  if (makesExecutable())
    return options.verify ? 6 : 5;
  return options.emit == "asm" || options.emit == "obj" ? 3 : 2;
}

llvm::Error Compilation::readSystem() {
  if (options.system.empty())
    return llvm::Error::success();
  llvm::Expected<std::string> text = readSystemMessage(options.system);
  if (!text)
    return text.takeError();
  system = std::move(*text);
  return llvm::Error::success();
}

/// A device's driver is a library that is opened at run time.
LinkKind Compilation::linkKind() const {
  bool hasDevice =
      llvm::any_of(targets, [](const auto &target) { return !target->device.empty(); });
  return hasDevice ? LinkKind::Dynamic : LinkKind::Static;
}

llvm::Error Compilation::findLinked() {
  if (!makesExecutable() || options.dryRun)
    return llvm::Error::success();
  return findResources(options.program, llvm::Triple(targets.front()->triple), linkKind())
      .moveInto(resources);
}

llvm::Error Compilation::import() {
  told.step("import", options.model);
  TimingScope scope = root.nest("import");
  ImportOptions choices{options.context, std::nullopt, std::nullopt};
  if (!options.chatTemplate.empty())
    choices.chatTemplate = options.chatTemplate;
  if (options.reasoning != "runtime")
    choices.reasoning = options.reasoning;
  llvm::Expected<ImportedModel> imported = importModel(context, options.model, choices);
  if (!imported)
    return imported.takeError();
  model = std::move(*imported);
  auto positions = static_cast<int64_t>(model.assets.model->context);
  if (options.verify && (*options.verify < 1 || *options.verify > positions))
    return usageError("--verify=" + llvm::Twine(*options.verify),
                      "expected 1 to " + llvm::Twine(positions) + " tokens, the context",
                      "8 tokens show a wrong kernel");
  if (told.verbose())
    describeImport(model, told);
  return llvm::Error::success();
}

/// Tells the module whose kernels it holds.
static void setTarget(ModuleOp module, const Target &target) {
  MLIRContext *context = module.getContext();
  module->setAttr("abi.target", StringAttr::get(context, target.triple + " " + target.name));
  if (target.device.empty())
    module->removeAttr("abi.device"); // of the target that the module is a copy for
  else
    module->setAttr("abi.device", StringAttr::get(context, target.device));
  module->setAttr("abi.features", StringAttr::get(context, target.features));
}

llvm::Error Compilation::lower() {
  told.step("lower", targetList());
  llvm::SmallString<128> path;
  llvm::sys::fs::getPotentiallyUniqueTempFileName("osscc", "reproducer.mlir", path);
  reproducer = path.str().str();
  Stage last = lastStage(options.emit);
  setTarget(*model.module, *targets.front());
  // Up to the kernels all targets share one module, and so one copy of the stored bytes.
  if (llvm::Error error = lowerThrough(Stage::Graph, std::min(last, Stage::Tile), 0))
    return error;
  for (size_t tier = 1; tier < targets.size(); ++tier) {
    others.emplace_back(model.module->clone());
    setTarget(*others.back(), *targets[tier]);
  }
  for (size_t tier = 0; last > Stage::Tile && tier < targets.size(); ++tier)
    if (llvm::Error error = lowerThrough(Stage::Kernels, last, tier))
      return error;
  return llvm::Error::success();
}

llvm::Error Compilation::lowerThrough(Stage first, Stage last, size_t tier) {
  PipelineOptions passes = pipeline;
  passes.tier = static_cast<int64_t>(tier);
  passes.tiers = static_cast<int64_t>(targets.size());
  for (Stage stage : kStages) {
    if (stage < first || stage > last)
      continue;
    double start = told.seconds();
    if (llvm::Error error = runStage(stage, moduleOf(tier), *targets[tier], passes,
                                     {options.printIr, reproducer}, root))
      return error;
    told.detail(llvm::formatv("{0} {1:f3} s", stageName(stage), told.seconds() - start));
    if (llvm::Error error = finishStage(stage, tier))
      return error;
  }
  return llvm::Error::success();
}

/// What later steps and the user want of a target's module as it stands after a stage.
llvm::Error Compilation::finishStage(Stage stage, size_t tier) {
  ModuleOp module = moduleOf(tier);
  if (stage == Stage::Packed) {
    if (options.verify)
      packed = module.clone();
    if (told.verbose())
      describeWeights(module, told);
  }
  if (stage == Stage::Kernels && tier == 0) {
    memory = memoryOf(module);
    if (told.verbose())
      describeKernels(module, told);
  }
  return keep(stageName(stage).str() + tierEnding(tier) + ".mlir",
              [&](llvm::raw_ostream &os) { os << module; });
}

llvm::Expected<ObjectBytes> Compilation::machineCode(size_t tier, llvm::CodeGenFileType kind) {
  TimingScope scope = root.nest("emit");
  const Target &target = *targets[tier];
  llvm::LLVMContext llvmContext;
  auto code = translate(moduleOf(tier), llvmContext);
  if (!code)
    return code.takeError();
  auto machine = createMachine(target.triple, target.cpu, target.extra);
  if (!machine)
    return machine.takeError();
  // Tuning for some CPUs halves the vectors; the kernels are scheduled for whole ones.
  std::string width = std::to_string(target.vectorBits());
  for (llvm::Function &function : **code) {
    function.addFnAttr("prefer-vector-width", width);
    function.addFnAttr("min-legal-vector-width", width);
  }
  if (targets.size() > 1)
    hideKernels(**code);
  optimise(**code, **machine, target.tune);
  if (tier == 0 && kind == llvm::CodeGenFileType::ObjectFile)
    reservePayload(**code);
  if (llvm::Error error = keep("ll" + tierEnding(tier),
                               [&](llvm::raw_ostream &os) { (*code)->print(os, /*AAW=*/nullptr); }))
    return error;
  if (options.saveTemps && kind == llvm::CodeGenFileType::ObjectFile) {
    std::unique_ptr<llvm::Module> copy = llvm::CloneModule(**code);
    auto text = emitObject(*copy, **machine, llvm::CodeGenFileType::AssemblyFile);
    if (!text)
      return text.takeError();
    if (llvm::Error error =
            keep("s" + tierEnding(tier), [&](llvm::raw_ostream &os) { os << *text; }))
      return error;
  }
  return emitObject(**code, **machine, kind);
}

std::vector<std::string> Compilation::sourcePaths() const {
  std::vector<std::string> paths;
  for (const auto &source : model.assets.sources)
    paths.push_back((llvm::Twine(model.folder) + "/" + source->file).str());
  return paths;
}

llvm::Error Compilation::emitMachineCode() {
  told.step("emit", targetList());
  if (makesExecutable())
    provenance.emplace(sourcePaths());
  llvm::CodeGenFileType kind = options.emit == "asm" ? llvm::CodeGenFileType::AssemblyFile
                                                     : llvm::CodeGenFileType::ObjectFile;
  std::vector<ObjectBytes> objects;
  for (size_t tier = 0; tier < targets.size(); ++tier) {
    auto code = machineCode(tier, kind);
    if (!code)
      return code.takeError();
    told.detail(byteText(code->size()) + " of " +
                (options.emit == "asm" ? "assembly" : "object for " + targets[tier]->name));
    if (!makesExecutable())
      return writeFile(outputPath(), {code->data(), code->size()});
    if (llvm::Error error =
            keep("o" + tierEnding(tier), [&](llvm::raw_ostream &os) { os << *code; }))
      return error;
    objects.push_back(std::move(*code));
  }
  return linkAndWrite(objects);
}

/// What the bundle says of this build. Nothing of it depends on the hour, the folder or the
/// machine.
void Compilation::describe(bundle::BundleT &assets) {
  assets.target = targets.front()->triple + " " + targetList();
  assets.osscc_version = OSSCC_VERSION;
  assets.system = system;
  assets.flags = {"--target=" + targetList(), "--quantize=" + options.quantize,
                  "--activations=" + options.activations, "--cache=" + options.cache,
                  "--reasoning=" + options.reasoning};
  if (options.context)
    assets.flags.push_back("--context=" + std::to_string(*options.context));
  if (!options.chatTemplate.empty())
    assets.flags.push_back("--chat-template=" +
                           llvm::sys::path::filename(options.chatTemplate).str());
}

llvm::Error Compilation::linkAndWrite(llvm::ArrayRef<ObjectBytes> objects) {
  std::string output = outputPath();
  told.step("link", output);
  TimingScope link = root.nest("link");
  auto image = linkExecutable(objects, resources, linkKind());
  link.stop();
  if (!image)
    return image.takeError();

  told.step("bundle", output);
  TimingScope bundling = root.nest("bundle");
  describe(model.assets);
  WriteOptions write;
  write.output = options.emit == "card" ? scratchOutput() : output;
  write.sourceFolder = model.folder;
  write.threads = threads.get();
  write.provenance = &*provenance;
  write.progress = [&](const BundleProgress &progress) { told.progress(progress); };
  if (options.verify)
    write.check = [&](llvm::StringRef executable) { return verify(executable); };
  if (options.emit == "card")
    return writeCard(**image, write);
  llvm::Expected<Written> written = writeExecutable(**image, model.assets, *model.module, write);
  bundling.stop();
  if (!written)
    return written.takeError();
  memory.weights = written->weights;
  told.notes(model.notes);
  told.summary(output, *written, model.assets, memory);
  return llvm::Error::success();
}

llvm::Error Compilation::verify(llvm::StringRef executable) {
  told.step("verify", llvm::formatv("{0} tokens by the reference evaluator, about a second for "
                                    "8 tokens of 100 million weights",
                                    *options.verify)
                          .str());
  TimingScope scope = root.nest("verify");
  VerifyOptions verify;
  verify.executable = programPath(executable);
  verify.folder = model.folder;
  verify.tokens = *options.verify;
  verify.cosine = verifyTolerance(*packed, pipeline);
  llvm::Expected<Agreement> agreement = verifyExecutable(*packed, verify);
  if (!agreement)
    return agreement.takeError();
  told.say(llvm::formatv("verified {0} tokens: least cosine {1:f7} (tolerance {2:f5}), largest "
                         "difference of a logit {3:e2}",
                         agreement->tokens, agreement->cosine, verify.cosine,
                         agreement->difference));
  return llvm::Error::success();
}

llvm::Error Compilation::writeFile(const std::string &path, llvm::StringRef bytes) {
  if (path == "-")
    return writeStandardOutput(bytes);
  auto file = OutputFile::create(path, bytes.size(), OutputFile::Kind::Data);
  if (!file)
    return file.takeError();
  if (llvm::Error error = file->append({bytes.data(), bytes.size()}))
    return error;
  return file->commit();
}

llvm::Error Compilation::keep(llvm::StringRef ending,
                              llvm::function_ref<void(llvm::raw_ostream &)> print) {
  if (!options.saveTemps)
    return llvm::Error::success();
  std::string text;
  llvm::raw_string_ostream stream(text);
  print(stream);
  return writeFile((outputPath() + "." + ending).str(), text);
}

std::string Compilation::outputPath() const {
  if (!options.output.empty())
    return options.output;
  std::string name = model.assets.model ? model.assets.model->name : "model";
  if (options.emit == "exe") // a checkpoint's folder may have the model's name
    return llvm::sys::fs::is_directory(name) ? name + ".assistant" : name;
  llvm::StringRef ending = llvm::StringSwitch<llvm::StringRef>(options.emit)
                               .Case("asm", ".s")
                               .Case("obj", ".o")
                               .Case("card", ".md")
                               .Case("ptx", ".ptx")
                               .Default(".mlir");
  return name + "." + options.emit + ending.str();
}

llvm::Error Compilation::checkOutput() const {
  std::string output = outputPath();
  if (output == "-")
    return llvm::Error::success();
  std::vector<std::string> inputs = sourcePaths();
  inputs.push_back(options.model);
  if (!options.system.empty())
    inputs.push_back(options.system);
  for (const std::string &input : inputs)
    if (llvm::sys::fs::equivalent(output, input))
      return inputError(output, "is an input of this compilation and would be replaced",
                        "choose another name with -o");
  // Nothing is left of this file; a wrong place is told before the work instead of after it.
  return OutputFile::create(output, 0).takeError();
}

ModuleOp Compilation::moduleOf(size_t tier) {
  return tier == 0 ? *model.module : *others[tier - 1];
}

std::string Compilation::tierEnding(size_t tier) const {
  return tier == 0 ? std::string() : "." + targets[tier]->name;
}

std::string Compilation::targetList() const {
  return llvm::join(llvm::map_range(targets, [](const auto &target) { return target->name; }), ",");
}

std::string Compilation::keepReproducer() {
  if (reproducer.empty() || llvm::sys::fs::exists(reproducer) || !model.module)
    return llvm::sys::fs::exists(reproducer) ? reproducer : std::string();
  std::error_code error;
  llvm::raw_fd_ostream stream(reproducer, error);
  if (error)
    return {};
  stream << "// osscc " OSSCC_VERSION ", " << options.emit << " for " << targetList() << "\n";
  stream << *model.module;
  return reproducer;
}

/// The text of a module's kernels for a device.
static llvm::StringRef ptxOf(ModuleOp module) {
  if (auto images = module->getAttrOfType<ArrayAttr>("abi.images"))
    for (auto image : images.getAsRange<abi::ImageAttr>())
      if (image.getKind().getValue() == "ptx")
        return image.getData().getValue();
  return {};
}

llvm::Error Compilation::run() {
  if (llvm::Error error = checkOptions(options))
    return error;
  llvm::Expected<std::vector<std::unique_ptr<Target>>> parsed = parseTargets(options.target);
  if (!parsed)
    return parsed.takeError();
  targets = std::move(*parsed);
  if (options.emit == "ptx" && targets.front()->device.empty())
    return usageError("--emit=ptx", targets.front()->name + " is a CPU",
                      "name a device, such as --target=sm_89");
  bool shared =
      llvm::is_contained({"graph", "packed", "exe", "card"}, options.emit) && !options.dryRun;
  if (targets.size() > 1 && !shared)
    return usageError("--target=" + options.target, "only an executable has several targets",
                      "name one of them beside " +
                          (options.dryRun ? std::string("-###") : "--emit=" + options.emit));
  if (llvm::Error error = findLinked())
    return error;
  pipeline.storage = options.quantize;
  if (llvm::Error error = readSystem())
    return error;
  if (llvm::Error error = import())
    return error;
  llvm::Expected<int64_t> planes = planesOfActivations(options, *targets.front(), *model.module);
  if (!planes)
    return planes.takeError();
  pipeline.planes = *planes;
  pipeline.cached = storageOfCache(options, *model.module);
  if (options.dryRun)
    return printSteps(options, *targets.front(), pipeline, outputPath(), llvm::errs());
  if (llvm::Error error = checkOutput())
    return error;
  if (llvm::Error error = lower())
    return error;
  if (llvm::is_contained({"asm", "obj", "exe", "card"}, options.emit))
    return emitMachineCode();
  told.notes(model.notes);
  if (options.emit == "ptx")
    return writeFile(outputPath(), ptxOf(*model.module));
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << *model.module;
  return writeFile(outputPath(), text);
}

} // namespace osscc
