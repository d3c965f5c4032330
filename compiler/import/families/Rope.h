// The fields of config.json that say how positions rotate q and k; every family with rope reads
// them alike.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// Above any sequence: its positions are exact in f64, and the longest cache's bytes fit 63 bits.
inline constexpr int64_t kMostPositions = 1 << 27;

/// What stands in the place of fields that are absent.
struct RopeDefaults {
  double theta = 10000;
  /// As `rope_parameters` would say it, where neither that nor `rope_scaling` is there.
  std::optional<llvm::json::Object> parameters{};
  /// The share of a head's channels that turns, where `partial_rotary_factor` says nothing; null:
  /// the family has no such field.
  std::optional<double> share{};
  /// Whether `llama_4_scaling_beta` says how scores grow with the position.
  bool grows = false;
  /// Channels of the whole head, of which the `headSize` that turn are a part; 0: they are all. A
  /// `partial_rotary_factor` must be their share.
  int64_t whole = 0;
};

/// Reads `rope_theta`, and `rope_scaling` or `rope_parameters`, of which older and newer configs
/// have one or both: unscaled, "linear", "llama3" or "yarn". Errors stay in `config`.
///
/// \param headSize  d: all channels of a head turn, but for families that have a share.
RopeSpec readRope(JsonFields &config, int64_t headSize, const RopeDefaults &defaults = {});

/// The same of one object of the config, `key`; `fallback` has the width of a head, and the theta
/// where the object has none.
RopeSpec readRopeOf(JsonFields &config, llvm::StringRef key, const RopeSpec &fallback);

} // namespace osscc
