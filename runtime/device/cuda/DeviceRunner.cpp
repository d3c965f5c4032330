#include "runtime/device/cuda/DeviceRunner.h"

#include "runtime/device/Cpus.h"
#include "runtime/device/cuda/DeviceCall.h"
#include "runtime/device/cuda/Image.h"

#include <algorithm>
#include <cstring>

namespace osscc::rt::cuda {
namespace {

/// Threads that copy weights at most: more do not read a file faster.
constexpr int64_t kCopyThreads = 4;

std::vector<HostWeight> hostWeights(const AcceleratorRequest &request) {
  std::vector<HostWeight> weights;
  for (int64_t i = 0; i < request.model.weight_count; ++i)
    weights.push_back({request.weights[size_t(i)], request.model.weights[i].bytes});
  return weights;
}

} // namespace

Result<std::unique_ptr<Accelerator>> DeviceRunner::open(const Driver &driver,
                                                        const AcceleratorRequest &request) {
  auto device = Device::open(driver, request.number);
  if (!device)
    return std::unexpected(std::move(device).error());
  Capability capability{(*device)->capability(), driver.version};
  auto images = fittingImages(request.model, capability);
  if (images.empty())
    return std::unexpected(
        refusal(request.model, capability, (*device)->name(), request.checkpoint));
  std::unique_ptr<DeviceRunner> runner(new DeviceRunner(std::move(*device), request.model));
  auto weights = Weights::upload(*runner->device, runner->memory, hostWeights(request),
                                 int(std::min(availableCpus(), kCopyThreads)));
  if (!weights)
    return std::unexpected(std::move(weights).error());
  runner->weights = std::move(*weights);
  auto kernels = Kernels::load(*runner->device, request.model, images);
  // An older driver may take no machine code of a newer compiler either.
  if (!kernels && isDriverTooOld(request.model, capability))
    return std::unexpected(refusal(request.model, capability, runner->name(), request.checkpoint));
  if (!kernels)
    return std::unexpected(std::move(kernels).error());
  runner->kernels.emplace(std::move(*kernels));
  OSSCC_RETURN_IF_ERROR(runner->takeBuffers());
  return runner;
}

DeviceRunner::DeviceRunner(std::unique_ptr<Device> opened, const OssccModel &model)
    : device(std::move(opened)), memory(*device), model(&model), graphs(*device) {
  services.runner = this;
  services.table.struct_bytes = sizeof(OssccServices);
  services.table.launch = [](const OssccCall *call, int64_t kernel, const int64_t *grid,
                             const int64_t *block, void *const *args) {
    reinterpret_cast<const Services *>(call->services)
        ->runner->kernels->launch(kernel, grid, block, args);
  };
}

DeviceRunner::~DeviceRunner() {
  weights.reset(); // its threads use the device
  if (device->enter())
    device->driver().cuStreamSynchronize(device->stream());
}

/// The places of the largest call, and of the logits of few rows.
Status DeviceRunner::takeBuffers() {
  int64_t call = deviceCallBytes(model->max_rows, model->max_rows);
  int64_t few = std::min(kGraphRows, model->max_rows) * model->vocabulary * int64_t(sizeof(float));
  auto take = [&](int64_t bytes, PinnedBuffer &host, Storage::Block &onDevice) -> Status {
    auto pinned = PinnedBuffer::allocate(*device, bytes);
    if (!pinned)
      return std::unexpected(std::move(pinned).error());
    auto block = memory.allocate(bytes, Weights::kAlign);
    if (!block)
      return std::unexpected(std::move(block).error());
    host = std::move(*pinned);
    onDevice = std::move(*block);
    return {};
  };
  OSSCC_RETURN_IF_ERROR(take(call, staging, deviceCall));
  return take(few, logits, fewOutputs);
}

/// Makes room for the logits of many rows.
Status DeviceRunner::growOutput(int64_t outputs) {
  if (outputs <= manyRows)
    return {};
  manyOutputs.reset();
  manyRows = 0;
  auto block =
      memory.allocate(outputs * model->vocabulary * int64_t(sizeof(float)), Weights::kAlign);
  if (!block)
    return std::unexpected(std::move(block).error());
  manyOutputs = std::move(*block);
  manyRows = outputs;
  return {};
}

Status DeviceRunner::waitForWeights() {
  return weights->wait();
}

std::optional<double> DeviceRunner::memoryBandwidth() const {
  auto clock = device->attribute(kMemoryClockKilohertz), bits = device->attribute(kMemoryBusBits);
  if (!clock || !bits || *clock <= 0 || *bits <= 0)
    return std::nullopt;
  return 2e3 * *clock * *bits / 8; // a bit at either edge of the clock
}

/// Puts all of a call on the stream. Captured: nothing here may differ between calls of a key.
void DeviceRunner::enqueue(const OssccCall &call, std::span<const OssccSegment> segments) {
  const Driver &driver = device->driver();
  device->note(driver.cuMemcpyHtoDAsync_v2(addressOf(call.device_call), staging.data(),
                                           size_t(deviceCallBytes(call.rows, call.output_rows)),
                                           device->stream()),
               "cuMemcpyHtoDAsync of a call");
  for (const OssccSegment &segment : segments)
    segment.run(&call, 0);
  if (call.output_rows > 0 && call.output_rows <= kGraphRows)
    device->note(
        driver.cuMemcpyDtoHAsync_v2(logits.data(), addressOf(call.output),
                                    size_t(call.output_rows * model->vocabulary) * sizeof(float),
                                    device->stream()),
        "cuMemcpyDtoHAsync of logits");
}

Status DeviceRunner::run(OssccCall call, std::span<const OssccSegment> segments) {
  OSSCC_RETURN_IF_ERROR(device->status());
  OSSCC_RETURN_IF_ERROR(weights->wait());
  if (call.cancel && __atomic_load_n(call.cancel, __ATOMIC_RELAXED) != 0)
    return fail(rt::Code::kCancelled, "interrupted");
  OSSCC_RETURN_IF_ERROR(device->enter());
  float *output = call.output;
  bool hasMany = call.output_rows > kGraphRows;
  if (hasMany)
    OSSCC_RETURN_IF_ERROR(growOutput(call.output_rows));
  call.workers = 1;
  call.services = &services.table;
  call.weights = weights->addresses();
  call.device_call = reinterpret_cast<const OssccCall *>(deviceCall.get());
  call.output = reinterpret_cast<float *>((hasMany ? manyOutputs : fewOutputs).get());
  call.extent =
      extentFor(1 + *std::max_element(call.positions, call.positions + call.rows), model->context);
  stageCall(staging.data(), call, weights->deviceAddresses());
  auto put = [&] { enqueue(call, segments); };
  if (call.rows <= kGraphRows)
    graphs.run({call.rows, call.output_rows, call.extent, call.arena, call.caches}, put);
  else
    put();
  auto bytes = size_t(call.output_rows * model->vocabulary) * sizeof(float);
  if (hasMany)
    device->note(device->driver().cuMemcpyDtoHAsync_v2(output, addressOf(call.output), bytes,
                                                       device->stream()),
                 "cuMemcpyDtoHAsync of logits");
  OSSCC_RETURN_IF_ERROR(device->synchronize());
  if (!hasMany && bytes > 0)
    std::memcpy(output, logits.data(), bytes);
  if (call.progress)
    __atomic_fetch_add(call.progress, int64_t(segments.size()), __ATOMIC_RELAXED);
  return {};
}

} // namespace osscc::rt::cuda
