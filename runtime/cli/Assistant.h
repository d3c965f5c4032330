// What a command starts from: the executable's parts, loaded when they are asked for.
#pragma once

#include "runtime/base/File.h"
#include "runtime/bundle/Bundle.h"
#include "runtime/cli/Options.h"
#include "runtime/cli/StartClock.h"
#include "runtime/device/ThreadPool.h"
#include "runtime/device/WarmUp.h"
#include "runtime/model/Placement.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <memory>

namespace osscc::rt::cli {

/// The model, what runs it, and what reads its weights ahead of that. The workers are there beside
/// a device too, for work of the host.
struct Machine {
  std::unique_ptr<Model> model; ///< its address stays where it is: sessions refer to it
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<Accelerator> device; ///< null: the pool runs the model
  std::unique_ptr<WarmUp> warmUp;

  Runner &runner() const { return device ? static_cast<Runner &>(*device) : *pool; }
  /// "8 threads", or a device's name.
  std::string description() const;
};

/// Only what a command asks for is loaded: `tokenize` works on a CPU that cannot run the kernels.
struct Assistant {
  const OssccModule &module;
  const Bundle &bundle;
  const Options &options;
  const StartClock &clock;

  Result<Tokenizer> tokenizer() const;
  Result<Machine> machine() const;

  /// The longest text that a context can hold, 256 bytes a token: no vocabulary has a longer one.
  ReadLimit limitByContext() const;
};

/// The longest text that is worked on whole, 64 bytes of available memory a byte.
ReadLimit limitByMemory();

} // namespace osscc::rt::cli
