// A device beside the CPUs that runs a model's calls. What drives one is an archive of its own,
// which only executables with kernels for that device are linked with; this is how the rest of the
// runtime reaches it.
#pragma once

#include "runtime/device/Runner.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace osscc::rt {

/// A device that holds a model's kernels and weights.
class Accelerator : public Runner {
public:
  /// "NVIDIA H200 (cuda:0)".
  virtual const std::string &name() const = 0;

  /// Waits until the weights are on the device. \errors  those of the copies.
  virtual Status waitForWeights() = 0;

  /// What its memory can read at most, bytes a second; nothing where the driver does not say.
  virtual std::optional<double> memoryBandwidth() const = 0;
};

/// Which of a module's models is to answer, as --device says.
struct DeviceChoice {
  enum class Kind {
    kBest, ///< the first model whose device or CPU features are there
    kCpu,
    kCuda
  };
  Kind kind = Kind::kBest;
  int64_t number = 0; ///< of the card, from 0
};

/// What to open.
struct AcceleratorRequest {
  const OssccModel &model;
  std::span<const void *const> weights; ///< [weight_count] in the host's memory, which stays
  std::string_view checkpoint;          ///< the model's name, for errors
  int64_t number = 0;                   ///< of the device
};

/// The driver of a kind of device.
struct AcceleratorKind {
  Result<std::unique_ptr<Accelerator>> (*open)(const AcceleratorRequest &request);
};

} // namespace osscc::rt

/// Of NVIDIA's cards (runtime/device/cuda/Open.cpp): its address is null in executables that are
/// not linked with libosscc_cuda.a.
extern "C" __attribute__((weak)) const osscc::rt::AcceleratorKind osscc_cuda;
