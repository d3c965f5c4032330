// What DeepSeek V2, V3 and the families that took over their latent attention share. They differ in
// defaults, in their experts, of which some have none, and in which channels rope turns together.
#pragma once

#include "compiler/import/families/GroupedExperts.h"

namespace osscc {

/// Which channels of a head rope turns together.
enum class TurnedPairs { Neighbours, Halves, Chosen }; // Chosen: by `rope_interleave`

/// What sets a family of this shape apart: defaults, but for names and `pairs`.
struct DeepSeekShape {
  llvm::StringLiteral family, prefix; ///< As LlamaShape has them.
  int64_t positions;
  bool hasExperts = true;
  GroupedFields experts{};
  TurnedPairs pairs = TurnedPairs::Chosen;
  std::optional<int64_t> queryRank = 1536; ///< Nothing: queries have no latent.
  int64_t rank = 512, nope = 128, turned = 64;
  std::optional<int64_t> value = 128; ///< Nothing: hidden / heads.
  double eps = 1e-6;
  bool tied = false;
  const llvm::json::Object *rope = nullptr; ///< That of rope_parameters, where it is not null.
  bool grows = false;                       ///< As RopeDefaults has it.
};

/// Reads a config of this shape, as readLlamaShape does.
ModelSpec readDeepSeekShape(JsonFields &config, const DeepSeekShape &shape);

} // namespace osscc
