// One card: its context, the stream on which all calls run, its name and limits.
#pragma once

#include "runtime/device/cuda/Driver.h"

#include <memory>
#include <optional>

namespace osscc::rt::cuda {

class Device {
public:
  /// Takes card `number`'s primary context and makes it the calling thread's.
  ///
  /// \errors  kInvalidArgument naming the cards that there are; those of checked().
  static Result<std::unique_ptr<Device>> open(const Driver &driver, int64_t number);
  ~Device();
  Device(const Device &) = delete;
  Device &operator=(const Device &) = delete;

  const Driver &driver() const { return table; }
  Stream stream() const { return mainStream; }

  /// "NVIDIA H200 (cuda:0)".
  const std::string &name() const { return label; }
  /// Compute capability 8.9 as 89.
  int capability() const { return computeCapability; }
  /// What the driver says of the card; nothing where it does not know the attribute.
  std::optional<int> attribute(Attribute which) const;

  /// Bytes that nobody has taken, as the driver counts them now; nothing where it does not say.
  std::optional<int64_t> freeMemory() const;

  /// Makes the context that of the calling thread: before any other call of the driver there.
  /// \errors  those of checked().
  Status enter() const;

  /// Keeps the first error of calls whose callers cannot return one.
  void note(int code, std::string_view call);
  /// That error, from then on: what a kernel has broken stays broken.
  const Status &status() const { return firstError; }

  /// Waits until all is done that was asked of the stream. \errors  status().
  Status synchronize();

private:
  Device(const Driver &driver, int number) : table(driver), device(number) {}
  Status start(int64_t number);

  Driver table;
  int device;
  Context context = nullptr;
  Stream mainStream = nullptr;
  std::string label;
  int computeCapability = 0;
  Status firstError;
};

} // namespace osscc::rt::cuda
