#include "runtime/device/cuda/Kernels.h"

#include <fmt/format.h>

#include <string>

namespace osscc::rt::cuda {
namespace {

/// Whether another image may do where one was refused with this code.
bool mayTryAnother(int code) {
  return code == kInvalidImage || code == kNoBinaryForGpu || code == kInvalidPtx ||
         code == kJitCompilerNotFound || code == kUnsupportedPtxVersion;
}

/// Loads an image; `log` becomes what the driver's compiler complained of, in one line.
int loadImage(const Driver &driver, const OssccImage &image, Module &module, std::string &log) {
  constexpr size_t kLogBytes = 4096;
  std::string buffer(kLogBytes, '\0');
  int options[] = {kJitErrorLog, kJitErrorLogBytes};
  void *values[] = {buffer.data(), reinterpret_cast<void *>(kLogBytes)};
  int code = driver.cuModuleLoadDataEx(&module, image.data, 2, options, values);
  log = buffer.substr(0, buffer.find('\0'));
  for (char &c : log)
    if (c == '\n')
      c = ' ';
  log.erase(log.find_last_not_of(' ') + 1);
  return code;
}

} // namespace

Result<Kernels> Kernels::load(Device &device, const OssccModel &model,
                              std::span<const OssccImage *const> images) {
  const Driver &driver = device.driver();
  Kernels kernels(device, model);
  Status status;
  for (const OssccImage *image : images) {
    std::string log;
    int code = loadImage(driver, *image, kernels.module, log);
    if (code == kSuccess) {
      kernels.loaded = image;
      break;
    }
    status =
        checked(driver, code,
                fmt::format("{}: kernels for {} cannot be loaded", device.name(), image->target));
    if (!log.empty())
      status.error().message += ": " + log;
    if (!mayTryAnother(code))
      break;
  }
  if (!kernels.loaded)
    return std::unexpected(std::move(status).error());
  OSSCC_RETURN_IF_ERROR(kernels.find());
  return kernels;
}

/// The functions of all kernels, with as much shared memory as each takes.
Status Kernels::find() {
  constexpr int64_t kWithoutAsking = 48 << 10;
  const Driver &driver = device->driver();
  for (int64_t k = 0; k < model->kernel_count; ++k) {
    const OssccKernel &kernel = model->kernels[k];
    Function function = nullptr;
    if (int code = driver.cuModuleGetFunction(&function, module, kernel.name); code != kSuccess)
      return fail(rt::Code::kDataDamaged,
                  fmt::format("the kernels for {} lack '{}': {}", loaded->target, kernel.name,
                              describe(driver, code)),
                  "compile the model again with osscc");
    if (kernel.shared_bytes > kWithoutAsking)
      OSSCC_RETURN_IF_ERROR(checked(
          driver,
          driver.cuFuncSetAttribute(function, kMaxDynamicSharedBytes, int(kernel.shared_bytes)),
          fmt::format("{}: {} bytes of shared memory for kernel '{}' (it gives a block at "
                      "most {})",
                      device->name(), kernel.shared_bytes, kernel.name,
                      device->attribute(kSharedBytesOptIn).value_or(0))));
    functions.push_back(function);
  }
  return {};
}

Kernels::Kernels(Kernels &&other) noexcept
    : device(other.device), model(other.model), loaded(other.loaded),
      module(std::exchange(other.module, nullptr)), functions(std::move(other.functions)) {}

Kernels::~Kernels() {
  if (module && device->enter())
    device->driver().cuModuleUnload(module);
}

void Kernels::launch(int64_t kernel, const int64_t *grid, const int64_t *block, void *const *args) {
  if (grid[0] == 0 || grid[1] == 0 || grid[2] == 0)
    return;
  auto at = [](const int64_t *extents, int axis) { return unsigned(extents[axis]); };
  int code = device->driver().cuLaunchKernel(functions[size_t(kernel)], at(grid, 0), at(grid, 1),
                                             at(grid, 2), at(block, 0), at(block, 1), at(block, 2),
                                             unsigned(model->kernels[kernel].shared_bytes),
                                             device->stream(), const_cast<void **>(args), nullptr);
  if (code != kSuccess)
    device->note(code, fmt::format("cuLaunchKernel of '{}'", model->kernels[kernel].name));
}

} // namespace osscc::rt::cuda
