// A compiled model, ready to be called: the tier that this CPU can run, its weights' addresses,
// checked once at start.
#pragma once

#include "runtime/abi/Abi.h"
#include "runtime/base/Status.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

/// The kind of device that a model's kernels are for, as OssccModel.device; empty for a CPU's.
std::string_view deviceOf(const OssccModel &model);

/// \errors  kDataDamaged for a module of another ABI version, or one without models.
Status checkModule(const OssccModule &module);

/// The first model of `module` that is for CPUs and whose features this machine has.
///
/// \param checkpoint  the model's name, for the osscc line in the error.
/// \errors  as checkModule(); kUnsupportedCpu naming the features that the last (least demanding)
/// model wants and this CPU lacks, or that there is none for CPUs, and the osscc line that would
/// fit.
Result<const OssccModel *> chooseModel(const OssccModule &module, std::string_view checkpoint);

class Model {
public:
  /// \param module       what was compiled.
  /// \param weights      the weights part of the payload; must outlive the model.
  /// \param checkpoint   the model's name, for errors.
  /// \errors  as chooseModel(); kDataDamaged when a weight lies outside `weights` or is not aligned
  /// as the kernels need it.
  static Result<Model> load(const OssccModule &module, std::span<const std::byte> weights,
                            std::string_view checkpoint);

  /// One model of a module, for a CPU or for a device.
  /// \errors  kDataDamaged, as load().
  static Result<Model> of(const OssccModel &compiled, std::span<const std::byte> weights);

  const OssccModel &abi() const { return *model; }
  std::span<const OssccSegment> segments() const {
    return {model->segments, size_t(model->segment_count)};
  }
  std::span<const OssccCacheGroup> cacheGroups() const {
    return {model->cache_groups, size_t(model->cache_group_count)};
  }
  /// [weight_count] in the host's memory, as OssccCall.weights of a CPU wants it.
  std::span<const void *const> weights() const { return addresses; }

  /// Bytes of all weights of this model.
  int64_t weightBytes() const;

private:
  const OssccModel *model = nullptr;
  std::vector<const void *> addresses;
};

} // namespace osscc::rt
