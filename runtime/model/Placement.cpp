#include "runtime/model/Placement.h"

#include <fmt/format.h>

#include <optional>

namespace osscc::rt {
namespace {

/// Opens the device of the first of its models that it takes. \errors  the last one's.
Result<Placement> placeOnDevice(const OssccModule &module, std::span<const std::byte> weights,
                                std::string_view checkpoint, int64_t number,
                                const AcceleratorKind *cuda) {
  Error refused{
      Code::kUnsupportedDevice, "there is no code for a CUDA device in this file",
      fmt::format("compile for one: osscc {} --target=sm_89, or leave --device out", checkpoint)};
  for (int64_t i = 0; i < module.model_count; ++i) {
    const OssccModel &compiled = *module.models[i];
    if (deviceOf(compiled) != "cuda" || !cuda)
      continue;
    auto model = Model::of(compiled, weights);
    if (!model)
      return std::unexpected(std::move(model).error());
    auto device = cuda->open({compiled, model->weights(), checkpoint, number});
    if (device)
      return Placement{std::make_unique<Model>(std::move(*model)), std::move(*device), {}};
    refused = std::move(device).error();
  }
  return std::unexpected(std::move(refused));
}

bool hasModelFor(const OssccModule &module, bool device) {
  for (int64_t i = 0; i < module.model_count; ++i)
    if (deviceOf(*module.models[i]).empty() != device)
      return true;
  return false;
}

} // namespace

Result<Placement> place(const OssccModule &module, std::span<const std::byte> weights,
                        std::string_view checkpoint, const DeviceChoice &choice,
                        const AcceleratorKind *cuda) {
  OSSCC_RETURN_IF_ERROR(checkModule(module));
  using Kind = DeviceChoice::Kind;
  std::string notice;
  if (choice.kind == Kind::kCuda ||
      (choice.kind == Kind::kBest && hasModelFor(module, /*device=*/true))) {
    auto placed = placeOnDevice(module, weights, checkpoint, choice.number, cuda);
    if (placed || choice.kind == Kind::kCuda || !hasModelFor(module, /*device=*/false))
      return placed;
    notice = placed.error().message + "; the CPU answers";
  }
  auto model = Model::load(module, weights, checkpoint);
  if (!model)
    return std::unexpected(std::move(model).error());
  return Placement{std::make_unique<Model>(std::move(*model)), nullptr, std::move(notice)};
}

} // namespace osscc::rt
