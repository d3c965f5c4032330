#include "runtime/model/Model.h"

#include "runtime/device/CpuFeatures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace osscc::rt {
namespace {

/// Whether the runtime can keep such a cache: a kind of a later version is refused, not ignored.
bool isSound(const OssccCacheGroup &group) {
  constexpr int64_t kLongest = int64_t(1) << 40;
  bool isWindow = group.kind == OSSCC_CACHE_WINDOW, isState = group.kind == OSSCC_CACHE_STATE;
  bool fits = isWindow ? group.window > 0 && group.window < kLongest
                       : (group.kind == OSSCC_CACHE_FULL || isState) && group.window == 0;
  if (isState && group.rows_per_page != 1)
    return false;
  return fits && group.rows_per_page > 0 && group.bytes_per_page > 0;
}

Status checkDimensions(const OssccModel &m) {
  bool sound = m.hidden > 0 && m.vocabulary > 0 && m.context > 0 && m.max_rows > 0 &&
               m.arena_bytes >= 0 && m.segment_count > 0 && m.weight_count >= 0 &&
               m.cache_group_count >= 0;
  for (int64_t g = 0; sound && g < m.cache_group_count; ++g)
    sound = isSound(m.cache_groups[g]);
  if (!sound)
    return fail(Code::kDataDamaged,
                fmt::format("{}: the compiled model's table is not sound", m.name),
                "compile the model again with osscc");
  return {};
}

} // namespace

std::string_view deviceOf(const OssccModel &model) {
  // A CPU's may end before the fields of devices.
  bool says = model.struct_bytes >= int64_t(sizeof(OssccModel)) && model.device;
  return says ? model.device : std::string_view();
}

Status checkModule(const OssccModule &module) {
  if (module.abi_version == OSSCC_ABI_VERSION && module.model_count > 0)
    return {};
  return fail(Code::kDataDamaged,
              fmt::format("compiled code: expected ABI version {}, found {} with {} models",
                          OSSCC_ABI_VERSION, module.abi_version, module.model_count),
              "compile the model again with osscc");
}

Result<const OssccModel *> chooseModel(const OssccModule &module, std::string_view checkpoint) {
  OSSCC_RETURN_IF_ERROR(checkModule(module));
  std::vector<std::string> missing;
  const OssccModel *last = nullptr;
  for (int64_t i = 0; i < module.model_count; ++i) {
    if (!deviceOf(*module.models[i]).empty())
      continue;
    last = module.models[i];
    missing = missingFeatures(last->features);
    if (missing.empty())
      return last;
  }
  std::string help =
      fmt::format("compile for this CPU: osscc {} --target={}", checkpoint, fittingTarget());
  if (!last)
    return fail(Code::kUnsupportedCpu,
                fmt::format("there is no code for a CPU in this file, only for {}",
                            module.models[0]->target),
                help);
  return fail(Code::kUnsupportedCpu,
              fmt::format("this CPU lacks {}, which the code compiled for {} uses",
                          fmt::join(missing, ", "), last->target),
              help);
}

Result<Model> Model::load(const OssccModule &module, std::span<const std::byte> weights,
                          std::string_view checkpoint) {
  auto chosen = chooseModel(module, checkpoint);
  if (!chosen)
    return std::unexpected(std::move(chosen).error());
  return of(**chosen, weights);
}

Result<Model> Model::of(const OssccModel &compiled, std::span<const std::byte> weights) {
  Model model;
  model.model = &compiled;
  bool isForDevice = !deviceOf(compiled).empty();
  OSSCC_RETURN_IF_ERROR(checkDimensions(compiled));
  for (int64_t i = 0; i < model.model->weight_count; ++i) {
    const OssccWeight &w = model.model->weights[i];
    uint64_t offset = uint64_t(w.offset), bytes = uint64_t(w.bytes);
    if (offset > weights.size() || bytes > weights.size() - offset)
      return fail(Code::kDataDamaged,
                  fmt::format("weight '{}': bytes {} to {} of a payload of {}", w.name, offset,
                              offset + bytes, weights.size()),
                  "copy the executable again, or compile it again");
    const std::byte *address = weights.data() + offset;
    bool isPlaced = w.place == OSSCC_PLACE_MAPPED || (isForDevice && w.place == OSSCC_PLACE_DEVICE);
    if (!isPlaced || w.align < 1 || reinterpret_cast<uintptr_t>(address) % w.align)
      return fail(Code::kDataDamaged,
                  fmt::format("weight '{}': expected it mapped and aligned to {}", w.name, w.align),
                  "compile the model again with osscc");
    model.addresses.push_back(address);
  }
  return model;
}

int64_t Model::weightBytes() const {
  int64_t bytes = 0;
  for (int64_t i = 0; i < model->weight_count; ++i)
    bytes += model->weights[i].bytes;
  return bytes;
}

} // namespace osscc::rt
