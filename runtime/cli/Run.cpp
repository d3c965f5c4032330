#include "runtime/cli/Run.h"

#include "runtime/base/File.h"
#include "runtime/cli/Commands.h"
#include "runtime/cli/Signals.h"
#include "runtime/device/Cpus.h"

#include <fmt/format.h>

#include <new>

namespace osscc::rt::cli {
namespace {

Status dispatch(const Assistant &assistant) {
  switch (assistant.options.command) {
  case Command::kAnswer:
    return runAnswer(assistant);
  case Command::kTokenize:
    return runTokenize(assistant);
  case Command::kDetokenize:
    return runDetokenize(assistant);
  case Command::kScore:
    return runScore(assistant);
  case Command::kRender:
    return runRender(assistant);
  case Command::kBench:
    return runBench(assistant);
  case Command::kInspect:
    return runInspect(assistant);
  case Command::kVerify:
    break;
  }
  return runVerify(assistant);
}

Status serve(const std::string &program, std::vector<std::string> arguments,
             const OssccModule &module) {
  StartClock clock;
  auto parsed = parseOptions(program, std::move(arguments));
  if (!parsed)
    return std::unexpected(std::move(parsed).error());
  if (!parsed->help.empty())
    return writeOutput(parsed->help);
  explainMissingPages();
  auto bundle = Bundle::ofThisExecutable();
  if (!bundle)
    return std::unexpected(std::move(bundle).error());
  return dispatch({module, *bundle, parsed->options, clock});
}

} // namespace

Result<Tokenizer> Assistant::tokenizer() const {
  return Tokenizer::load(*bundle.index().tokenizer());
}

Result<Machine> Assistant::machine() const {
  auto model = Model::load(module, bundle.weights(), bundle.index().model()->name()->c_str());
  if (!model)
    return std::unexpected(std::move(model).error());
  auto pool = ThreadPool::create(options.threads);
  if (!pool)
    return std::unexpected(std::move(pool).error());
  if (const std::string &shortage = (*pool)->shortage(); !shortage.empty())
    fmt::print(stderr, "note: {}\n", shortage);
  else if (int64_t cpus = availableCpus(); options.threads > cpus)
    fmt::print(stderr, "note: {} threads share {} CPU{}\n", options.threads, cpus,
               cpus == 1 ? "" : "s");
  return Machine{std::make_unique<Model>(std::move(*model)), std::move(*pool),
                 std::make_unique<WarmUp>(bundle.weights())};
}

int run(const std::string &program, std::vector<std::string> arguments, const OssccModule &module) {
  Status status;
  try {
    status = serve(program, std::move(arguments), module);
  } catch (const std::bad_alloc &) {
    status = fail(Code::kOutOfMemory, "memory: the system has no more",
                  "close other programs, or take a smaller --context");
  }
  if (status)
    return 0;
  fmt::print(stderr, "error: {}\n", status.error().message);
  if (!status.error().help.empty())
    fmt::print(stderr, "help: {}\n", status.error().help);
  return exitCode(status.error().code);
}

} // namespace osscc::rt::cli
