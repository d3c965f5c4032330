// A model's kernels on a card: loaded once, launched by their number.
#pragma once

#include "runtime/abi/Abi.h"
#include "runtime/device/cuda/Device.h"

#include <span>
#include <vector>

namespace osscc::rt::cuda {

class Kernels {
public:
  /// Loads the first of `images` that this card takes, and finds its kernels. The driver compiles
  /// PTX, which takes seconds the first time; it keeps what came of it.
  ///
  /// \param device  must outlive this.
  /// \param images  of the model, by fittingImages(); one at least.
  /// \errors  kRuntime with what the driver's compiler said of the last that it tried; kDataDamaged
  /// for a kernel that an image lacks.
  static Result<Kernels> load(Device &device, const OssccModel &model,
                              std::span<const OssccImage *const> images);
  Kernels(Kernels &&other) noexcept;
  Kernels &operator=(Kernels &&) = delete;
  ~Kernels();

  /// Starts a kernel on the card's stream, as OssccServices.launch says; a grid without blocks
  /// starts nothing. What the driver refuses is noted in the device.
  void launch(int64_t kernel, const int64_t *grid, const int64_t *block, void *const *args);

private:
  Kernels(Device &device, const OssccModel &model) : device(&device), model(&model) {}
  Status find();

  Device *device;
  const OssccModel *model;
  const OssccImage *loaded = nullptr;
  Module module = nullptr;
  std::vector<Function> functions;
};

} // namespace osscc::rt::cuda
