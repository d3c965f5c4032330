#include "runtime/device/cuda/Image.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <ranges>
#include <tuple>

namespace osscc::rt::cuda {
namespace {

/// What osscc --target takes, as compute capabilities.
constexpr int kTargets[] = {80, 86, 89, 90, 120};

/// "sm_90a": 90 and 'a'.
struct Target {
  int compute = 0;
  char ending = 0;
};

Target parse(std::string_view name) {
  constexpr std::string_view kPrefix = "sm_";
  Target target;
  if (!name.starts_with(kPrefix))
    return target;
  name.remove_prefix(kPrefix.size());
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), target.compute);
  if (error == std::errc() && end != name.data() + name.size())
    target.ending = *end;
  return target;
}

std::string_view textOf(const OssccImage &image) {
  std::string_view text(static_cast<const char *>(image.data), size_t(image.bytes));
  return text.substr(0, text.find('\0'));
}

std::string dotted(int tenfold) {
  return fmt::format("{}.{}", tenfold / 10, tenfold % 10);
}

/// The first CUDA whose driver takes a PTX version: 7.8 is CUDA 11.8, 8.x is 12.x as far as 8.5,
/// 9.x is 13.x (PTX ISA, release history).
std::string firstCuda(int ptx) {
  int major = ptx / 10 + 4, minor = ptx % 10;
  if (ptx >= 86 && ptx < 90)
    ++minor; // 8.6 came with 12.7, as 12.6 brought none
  return fmt::format("{}.{}", major, minor);
}

} // namespace

bool runsOn(std::string_view target, int64_t kind, int compute) {
  auto [made, ending] = parse(target);
  if (made == 0 || made > compute)
    return false;
  if (ending == 'a')
    return made == compute;
  return made / 10 == compute / 10 || (kind == OSSCC_IMAGE_PTX && ending != 'f');
}

int ptxVersion(std::string_view ptx) {
  constexpr std::string_view kKey = ".version ";
  size_t at = ptx.find(kKey);
  int major = 0, minor = 0;
  if (at == std::string_view::npos)
    return 0;
  ptx.remove_prefix(at + kKey.size());
  auto [end, error] = std::from_chars(ptx.data(), ptx.data() + ptx.size(), major);
  if (error != std::errc() || end == ptx.data() + ptx.size() || *end != '.')
    return 0;
  std::from_chars(end + 1, ptx.data() + ptx.size(), minor);
  return major * 10 + minor;
}

int latestPtx(int driver) {
  int major = driver / 1000, minor = driver % 1000 / 10;
  if (major == 12 && minor >= 6)
    --minor;
  return (major - 4) * 10 + std::min(minor, 9);
}

bool isDriverTooOld(const OssccModel &model, Capability capability) {
  bool isTooOld = false;
  for (int64_t i = 0; i < model.image_count; ++i) {
    const OssccImage &image = model.images[i];
    if (image.kind != OSSCC_IMAGE_PTX || !runsOn(image.target, image.kind, capability.compute))
      continue;
    if (ptxVersion(textOf(image)) <= latestPtx(capability.driver))
      return false;
    isTooOld = true;
  }
  return isTooOld;
}

std::vector<const OssccImage *> fittingImages(const OssccModel &model, Capability capability) {
  std::vector<const OssccImage *> images;
  for (int64_t i = 0; i < model.image_count; ++i) {
    const OssccImage &image = model.images[i];
    bool isPtx = image.kind == OSSCC_IMAGE_PTX;
    if (runsOn(image.target, image.kind, capability.compute) &&
        (!isPtx || ptxVersion(textOf(image)) <= latestPtx(capability.driver)))
      images.push_back(&image);
  }
  // Of a target, "sm_90a" comes before "sm_90".
  std::ranges::sort(images, [](const OssccImage *a, const OssccImage *b) {
    auto rank = [](const OssccImage &image) {
      Target target = parse(image.target);
      return std::tuple(image.kind == OSSCC_IMAGE_CUBIN, target.compute, target.ending);
    };
    return rank(*a) > rank(*b);
  });
  return images;
}

Error refusal(const OssccModel &model, Capability capability, std::string_view device,
              std::string_view checkpoint) {
  std::vector<std::string_view> targets;
  for (int64_t i = 0; i < model.image_count; ++i) {
    const OssccImage &image = model.images[i];
    if (std::ranges::find(targets, image.target) == targets.end())
      targets.emplace_back(image.target);
    if (image.kind != OSSCC_IMAGE_PTX || !runsOn(image.target, image.kind, capability.compute))
      continue;
    int version = ptxVersion(textOf(image));
    return {Code::kUnsupportedDevice,
            fmt::format("{}: the driver serves CUDA {}.{} and PTX up to {}, the kernels are PTX {}",
                        device, capability.driver / 1000, capability.driver % 1000 / 10,
                        dotted(latestPtx(capability.driver)), dotted(version)),
            fmt::format("install an NVIDIA driver for CUDA {} or later", firstCuda(version))};
  }
  std::string message = fmt::format("{} has compute capability {}, the kernels are for {}", device,
                                    dotted(capability.compute), fmt::join(targets, ", "));
  auto fitting = std::ranges::find_if(kTargets | std::views::reverse,
                                      [&](int target) { return target <= capability.compute; });
  if (fitting == std::ranges::rend(kTargets))
    return {Code::kUnsupportedDevice, message,
            fmt::format("the oldest that osscc makes kernels for is sm_{}; --device=cpu if this "
                        "file has code for a CPU",
                        kTargets[0])};
  return {Code::kUnsupportedDevice, message,
          fmt::format("compile for this device: osscc {} --target=sm_{}", checkpoint, *fitting)};
}

} // namespace osscc::rt::cuda
