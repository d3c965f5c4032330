#include "runtime/cli/Run.h"

#include "runtime/base/Say.h"
#include "runtime/cli/Commands.h"
#include "runtime/cli/Signals.h"

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
  case Command::kParse:
    return runParse(assistant);
  case Command::kBench:
    return runBench(assistant);
  case Command::kServe:
    return runServe(assistant);
  case Command::kCard:
    return runCard(assistant);
  case Command::kInspect:
    return runInspect(assistant);
  case Command::kLicenses:
    return runLicenses(assistant);
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

int run(const std::string &program, std::vector<std::string> arguments, const OssccModule &module) {
  holdStandardStreams();
  endOnSignals();
  Status status;
  try {
    status = serve(program, std::move(arguments), module);
  } catch (const std::bad_alloc &) {
    status = fail(Code::kOutOfMemory, "memory: the system has no more",
                  "close other programs, or take a smaller --context");
  }
  if (status)
    return 0;
  say("error: {}\n", status.error().message);
  if (!status.error().help.empty())
    say("help: {}\n", status.error().help);
  return exitCode(status.error().code);
}

} // namespace osscc::rt::cli
