// The command line as plain data. The spellings are a contract: scripts rely on them.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/device/Accelerator.h"
#include "runtime/sample/Sampler.h"

#include <optional>
#include <string>
#include <vector>

namespace osscc::rt::cli {

enum class Command {
  kAnswer,
  kTokenize,
  kDetokenize,
  kScore,
  kRender,
  kParse,
  kBench,
  kServe,
  kCard,
  kInspect,
  kLicenses,
  kVerify
};

struct Options {
  Command command = Command::kAnswer;
  int64_t threads = 0; ///< 0: one for each CPU of the affinity mask
  int64_t context = 0; ///< 0: the model's own
  DeviceChoice device;

  // Answering. What is not given comes from the model's generation_config.json.
  std::optional<std::string> prompt;
  std::string promptFile;
  std::optional<std::string> system;
  bool raw = false;      ///< no chat template
  std::string reasoning; ///< off, on, low, medium, high; empty: as the model has it
  std::optional<int64_t> reasoningBudget; ///< tokens of thoughts at most
  bool hideReasoning = false;
  std::string date; ///< that the template prints; empty: today
  std::optional<int64_t> maxTokens;
  std::optional<double> temperature;
  std::optional<int64_t> topK;
  std::optional<double> topP;
  std::optional<double> minP;
  std::optional<double> repetitionPenalty;
  std::optional<uint64_t> seed;
  std::vector<std::string> stops;
  std::string jsonSchema; ///< a file whose schema the answer is held to; empty: none

  // Subcommands.
  std::string input =
      "-"; ///< the text of tokenize and detokenize, the file of score, render and parse
  bool lines = false;
  bool special = false;
  bool ids = false;
  bool json = false;
  int64_t top = 1;
  std::string logitsFile; ///< empty: none
  int64_t chunk = 0;      ///< rows a call; 0: as many as the model takes
  std::optional<int64_t> benchPrompt;
  std::optional<int64_t> benchTokens;
  std::optional<int64_t> benchDepth;
  int64_t benchSequences = 1;
  int64_t repetitions = 5;

  // Serving.
  std::string host = "127.0.0.1";
  std::optional<int64_t> port; ///< none: 8080; 0: one that is free
  std::string apiKeyFile;      ///< empty: no keys
  std::vector<std::string> origins;
  int64_t parallel = 4;
  int64_t queue = 64;
  std::optional<int64_t> cacheMemory; ///< MiB
  int64_t grace = 8;                  ///< seconds
};

/// What the command line asks for: either options, or a text to print on standard output.
struct Parsed {
  Options options;
  std::string help; ///< not empty for --help and --version
};

/// \param program  how the executable was called, for the help.
/// \param arguments  those after it.
/// \errors  kUsage naming the argument.
Result<Parsed> parseOptions(const std::string &program, std::vector<std::string> arguments);

} // namespace osscc::rt::cli
