// osscc, the compiler: its command line. What is done with it is compiler/pipeline/Driver's.
#include "compiler/pipeline/Driver.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string_view>

namespace {

void describeModel(CLI::App &app, osscc::DriverOptions &options) {
  app.add_option("MODEL", options.model,
                 "A Hugging Face folder, model.safetensors, its index, or a .gguf file");
  app.add_option("-o", options.output, "The file to write; - is stdout (for text)")
      ->type_name("FILE");
  app.add_option("--target", options.target,
                 "native, or CPU names, comma between; see --print-targets")
      ->type_name("T");
  app.add_option("--quantize", options.quantize,
                 "Storage of the matrices: keep, f32, f16, bf16, int8 or int4")
      ->type_name("S");
  app.add_option("--activations", options.activations,
                 "Arithmetic of the activations: auto, f32, int16 or int8")
      ->type_name("A");
  app.add_option("--cache", options.cache, "Keys and values of the past: auto, f16, f32 or int8")
      ->type_name("C");
  app.add_option("--reasoning", options.reasoning,
                 "runtime, or the mode that is fixed now: off, on, low, medium or high")
      ->type_name("R");
  app.add_option("--context", options.context, "The largest context, in tokens")->type_name("N");
  app.add_option("--system", options.system, "A file with the default system message")
      ->type_name("FILE");
  app.add_option("--chat-template", options.chatTemplate,
                 "A file of Jinja in place of the model's own templates, or none")
      ->type_name("FILE");
  app.add_option("--emit", options.emit,
                 "Stop at graph, packed, tile, kernels, vector, llvm, asm, obj, exe, or only print "
                 "its card")
      ->type_name("STAGE");
}

/// What is printed in place of a compilation.
struct Lists {
  bool models = false, targets = false;
};

void describeRun(CLI::App &app, osscc::DriverOptions &options, Lists &lists) {
  app.add_option("--verify", options.verify,
                 "Compare N tokens (8) with a slow evaluation of the graph; on a difference the "
                 "executable is removed")
      ->type_name("[=N]");
  app.add_option("-j", options.jobs, "Threads at most; the output does not depend on them")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_flag("-q,--quiet", options.quiet, "No progress and no summary");
  app.add_flag("-v,--verbose", options.verbose, "Stages with their times, weights and kernels");
  app.add_flag("--dry-run", options.dryRun, "Or -###: print the steps as commands, run none");
  app.add_flag("--save-temps", options.saveTemps, "Write every stage beside the output");
  app.add_flag("--mlir-timing", options.timing, "Print the time of each pass");
  app.add_flag("--mlir-print-ir-after-all", options.printIr, "Print the IR after each pass");
  app.add_flag("--print-models", lists.models,
               "List the families that are read, with licences and tested shapes");
  app.add_flag("--print-targets", lists.targets, "List the names that --target takes here");
  app.set_version_flag("--version", "osscc " OSSCC_VERSION);
}

/// The words behind the program's name, last one first as CLI11 takes them; those that it cannot
/// spell are respelled.
std::vector<std::string> wordsOf(int argc, char **argv) {
  std::vector<std::string> words;
  for (int i = argc - 1; i > 0; --i) {
    std::string_view word = argv[i];
    if (word == "--verify") // its value is optional, and MODEL may be what follows
      word = "--verify=8";
    words.emplace_back(word == "-###" ? "--dry-run" : word);
  }
  return words;
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app{"Compile an open-weight language model into one executable", "osscc"};
  osscc::DriverOptions options;
  options.program = argv[0];
  Lists lists;
  describeModel(app, options);
  describeRun(app, options, lists);
  try {
    app.parse(wordsOf(argc, argv));
    if (options.model.empty() && !lists.models && !lists.targets)
      throw CLI::RequiredError("MODEL");
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!lists.models && !lists.targets)
    return osscc::compile(options);
  if (lists.models)
    std::fputs(osscc::modelList().c_str(), stdout);
  if (lists.targets)
    for (const std::string &name : osscc::targetNameList(options.program))
      std::puts(name.c_str());
  return 0;
}
