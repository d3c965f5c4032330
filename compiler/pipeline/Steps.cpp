#include "compiler/pipeline/Steps.h"

#include "compiler/emit/Link.h"
#include "compiler/pipeline/Register.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Program.h"

using namespace mlir;

namespace osscc {

namespace {

void printCommand(llvm::ArrayRef<std::string> words, llvm::raw_ostream &os) {
  for (const std::string &word : words) {
    os << ' ';
    llvm::sys::printArg(os, word, /*Quote=*/true);
  }
  os << "\n";
}

/// The passes of a stage as --pass-pipeline takes them.
std::string passesOf(Stage stage, const Target &target, const PipelineOptions &pipeline) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  PassManager passes(&context, ModuleOp::getOperationName());
  addStage(passes, target, pipeline, stage);
  std::string text;
  llvm::raw_string_ostream stream(text);
  passes.printAsTextualPipeline(stream);
  return text;
}

} // namespace

llvm::Error printSteps(const DriverOptions &options, const Target &target,
                       const PipelineOptions &pipeline, llvm::StringRef output,
                       llvm::raw_ostream &os) {
  auto fileOf = [&](llvm::StringRef ending) { return (output + "." + ending).str(); };
  std::vector<std::string> osscc = {"osscc",
                                    options.model,
                                    "--target=" + target.name,
                                    "--quantize=" + options.quantize,
                                    "--activations=" + options.activations,
                                    "--cache=" + options.cache,
                                    "--reasoning=" + options.reasoning};
  if (options.context)
    osscc.push_back("--context=" + std::to_string(*options.context));
  if (!options.system.empty())
    osscc.push_back("--system=" + options.system);
  if (!options.chatTemplate.empty())
    osscc.push_back("--chat-template=" + options.chatTemplate);
  auto emit = [&](llvm::StringRef stage, const std::string &file) {
    std::vector<std::string> words = osscc;
    words.insert(words.end(), {"--emit=" + stage.str(), "-o", file});
    printCommand(words, os);
  };
  std::string previous = fileOf("graph.mlir");
  emit("graph", previous);
  for (Stage stage : llvm::drop_begin(kStages)) {
    if (options.emit == stageName(Stage::Graph))
      break;
    std::string next = fileOf((stageName(stage) + ".mlir").str());
    printCommand(
        {"osscc-opt", previous, "--pass-pipeline=" + passesOf(stage, target, pipeline), "-o", next},
        os);
    previous = next;
    if (options.emit == stageName(stage))
      break;
  }
  if (options.emit == "asm")
    emit("asm", fileOf("s"));
  bool makesExecutable = options.emit == "exe" || options.emit == "card";
  if (options.emit == "obj" || makesExecutable)
    emit("obj", fileOf("o"));
  if (!makesExecutable)
    return llvm::Error::success();
  LinkKind kind = target.device.empty() ? LinkKind::Static : LinkKind::Dynamic;
  auto resources = findResources(options.program, llvm::Triple(target.triple), kind);
  if (!resources)
    return resources.takeError();
  printCommand(linkerArguments(*resources, {fileOf("o")}, fileOf("o.ld"), output, kind), os);
  os << " # osscc writes the weights of " << fileOf("packed.mlir")
     << " and the index behind the linked image\n";
  return llvm::Error::success();
}

} // namespace osscc
