// Where a model runs: of the models in a file, which for several CPUs and devices were compiled
// from one checkpoint, the one that answers here.
#pragma once

#include "runtime/device/Accelerator.h"
#include "runtime/model/Model.h"

#include <memory>
#include <string>

namespace osscc::rt {

/// A model, and the device that runs it; null where CPUs do.
struct Placement {
  std::unique_ptr<Model> model; ///< its address stays where it is: sessions refer to it
  std::unique_ptr<Accelerator> device;
  std::string notice; ///< one line: why a CPU runs what is compiled for a device too; or empty
};

/// Chooses among the models of `module`, which stand best first.
///
/// \param weights  the weights part of the payload; must outlive the placement.
/// \param checkpoint  the model's name, for the osscc line in errors.
/// \param choice  kBest takes a device's model if the device is there and has room, else a CPU's.
/// \param cuda  null in executables that were not linked with it.
/// \errors  as chooseModel() and Model::of(); where a device must do, because it was asked for or
/// because nothing is compiled for CPUs, those of AcceleratorKind::open.
Result<Placement> place(const OssccModule &module, std::span<const std::byte> weights,
                        std::string_view checkpoint, const DeviceChoice &choice,
                        const AcceleratorKind *cuda);

} // namespace osscc::rt
