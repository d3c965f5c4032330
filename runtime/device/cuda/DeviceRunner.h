// Runs a model's calls on a card. The segments are host code, which one thread calls once each:
// they put kernels on the card's stream. A call is
//
//   staging ─ copy ─▶ OssccCall and its arrays     kernels of all segments     logits ─ copy ─▶
//   host
//
// and for few rows all of this is one launch of a graph (Graphs.h).
#pragma once

#include "runtime/device/Accelerator.h"
#include "runtime/device/cuda/Graphs.h"
#include "runtime/device/cuda/Kernels.h"
#include "runtime/device/cuda/Weights.h"

namespace osscc::rt::cuda {

class DeviceRunner : public Accelerator {
public:
  /// Calls of at most so many rows are graphs: a call of more takes longer than its launches.
  static constexpr int64_t kGraphRows = 16;

  /// Takes the card, begins to copy the weights and loads the kernels meanwhile.
  ///
  /// \errors  those of Device::open, Weights::upload and Kernels::load; refusal() where no image of
  /// the model fits.
  static Result<std::unique_ptr<Accelerator>> open(const Driver &driver,
                                                   const AcceleratorRequest &request);
  ~DeviceRunner() override;

  Status run(OssccCall call, std::span<const OssccSegment> segments) override;
  Storage &storage() override { return memory; }
  const std::string &name() const override { return device->name(); }
  Status waitForWeights() override;
  std::optional<double> memoryBandwidth() const override;

  const Graphs &capturedCalls() const { return graphs; }

private:
  /// Reached by emitted code through call->services, whose first member it is.
  struct Services {
    OssccServices table{};
    DeviceRunner *runner = nullptr;
  };

  DeviceRunner(std::unique_ptr<Device> device, const OssccModel &model);
  Status takeBuffers();
  Status growOutput(int64_t outputs);
  void enqueue(const OssccCall &call, std::span<const OssccSegment> segments);

  std::unique_ptr<Device> device;
  DeviceStorage memory;
  const OssccModel *model;
  std::optional<Kernels> kernels;
  std::unique_ptr<Weights> weights;
  Services services;
  Graphs graphs;
  PinnedBuffer staging; ///< of the largest call
  PinnedBuffer logits;  ///< [kGraphRows, V] f32, for calls of so few outputs
  Storage::Block deviceCall, fewOutputs, manyOutputs; ///< staging's and logits' counterparts
  int64_t manyRows = 0;                               ///< that manyOutputs has room for
};

} // namespace osscc::rt::cuda
