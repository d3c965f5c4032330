// From a checkpoint to an executable: what the command line asks for, as plain data, and the run of
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace osscc {

/// The command line of osscc after parsing: the spellings of docs/user-guide.md.
struct DriverOptions {
  std::string program;               ///< argv[0]: the resources lie beside it
  std::string model;                 ///< MODEL
  std::string output;                ///< -o; empty: the model's name
  std::string target = "native";     ///< --target
  std::string quantize = "keep";     ///< --quantize: keep, f32, f16, bf16, int8 or int4
  std::string activations = "auto";  ///< --activations: auto, f32, int16 or int8
  std::string cache = "auto";        ///< --cache: auto, f16, f32 or int8
  std::string reasoning = "runtime"; ///< --reasoning
  std::string emit = "exe";          ///< --emit
  std::string system;                ///< --system: a file; empty: none
  std::string chatTemplate;          ///< --chat-template: a file or "none"; empty: the model's own
  std::optional<int64_t> context;    ///< --context; absent: the model's own
  std::optional<int64_t> verify;     ///< --verify: tokens; absent: none
  unsigned jobs = 0;                 ///< -j: threads at most; 0: as many as the machine has
  bool quiet = false;                ///< -q: no progress, no summary
  bool verbose = false;              ///< -v: stages with their times, weights, kernels
  bool dryRun = false;               ///< -###: print the steps, run none
  bool saveTemps = false;            ///< --save-temps: every stage's text beside the output
  bool timing = false;               ///< --mlir-timing
  bool printIr = false;              ///< --mlir-print-ir-after-all
};

/// Compiles. Errors and progress go to stderr; on a failure no output file remains.
/// \returns the exit status: 0; 1 for the model or another input; 2 for the command line; 70 for a
/// bug of ours, which leaves a reproducer in the system's temporary folder.
int compile(const DriverOptions &options);

/// The stages that --emit takes, in order.
const std::vector<std::string> &emitStages();

/// What --print-models prints.
std::string modelList();

/// The names that --target takes, of those that this installation makes executables for.
/// \param program  argv[0], as DriverOptions::program.
std::vector<std::string> targetNameList(const std::string &program);

} // namespace osscc
