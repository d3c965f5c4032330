// What the executable can be asked to do, one function a command. Each prints its answer on
// standard output and whatever else there is to say on standard error; each lies in the file of its
// name.
#pragma once

#include "runtime/bundle/Bundle.h"
#include "runtime/cli/Options.h"
#include "runtime/cli/StartClock.h"
#include "runtime/device/ThreadPool.h"
#include "runtime/device/WarmUp.h"
#include "runtime/model/Model.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <memory>

namespace osscc::rt::cli {

/// The model on this CPU, the workers to run it, and what reads its weights ahead of them.
struct Machine {
  std::unique_ptr<Model> model; ///< its address stays where it is: sessions refer to it
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<WarmUp> warmUp;
};

/// What a command starts from. Only what it asks for is loaded: `tokenize` works on a CPU that
/// cannot run the kernels.
struct Assistant {
  const OssccModule &module;
  const Bundle &bundle;
  const Options &options;
  const StartClock &clock;

  Result<Tokenizer> tokenizer() const;
  Result<Machine> machine() const;
};

Status runAnswer(const Assistant &assistant);   ///< Answer.cpp: one question, or a chat (Repl.cpp)
Status runTokenize(const Assistant &assistant); ///< Tokenize.cpp
Status runDetokenize(const Assistant &assistant); ///< Tokenize.cpp
Status runRender(const Assistant &assistant);     ///< Render.cpp
Status runScore(const Assistant &assistant);      ///< Score.cpp
Status runBench(const Assistant &assistant);      ///< Bench.cpp
Status runInspect(const Assistant &assistant);    ///< Inspect.cpp
Status runVerify(const Assistant &assistant);     ///< Verify.cpp

/// Reads a JSON array of token ids below `vocabulary`. \errors  kInvalidArgument naming `where`.
Result<std::vector<int32_t>> parseIds(std::string_view json, std::string_view where,
                                      int64_t vocabulary);

/// "[1,2,3]".
std::string formatIds(std::span<const int32_t> ids);

} // namespace osscc::rt::cli
