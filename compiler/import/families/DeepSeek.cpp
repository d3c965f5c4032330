// DeepSeek V2 and V3, from which R1, V3.1 and Kimi K2 differ in nothing but sizes and weights:
// latent attention, experts chosen in groups beside shared ones, leading layers without experts.
// Source: the reference's DeepseekV2Config, DeepseekV3Config and their models; the makers'
// config.json.
#include "compiler/import/families/DeepSeekShape.h"
#include "compiler/import/families/Families.h"

namespace osscc {

namespace {

constexpr DeepSeekShape kV2 = {
    .family = "deepseek_v2",
    .prefix = "DeepseekV2",
    .positions = 2048,
    .experts = {.experts = 64, .mlp = 1407, .sharedExperts = 2, .isSigmoid = false, .norms = false},
    .pairs = TurnedPairs::Neighbours};
constexpr DeepSeekShape kV3 = {.family = "deepseek_v3",
                               .prefix = "DeepseekV3",
                               .positions = 4096,
                               .experts = {.experts = 256,
                                           .chosen = 8,
                                           .mlp = 2048,
                                           .groups = 8,
                                           .kept = 4,
                                           .leading = 3,
                                           .scale = 2.5}};

} // namespace

ModelSpec readDeepSeekV2(JsonFields &config) {
  return readDeepSeekShape(config, kV2);
}

ModelSpec readDeepSeekV3(JsonFields &config) {
  return readDeepSeekShape(config, kV3);
}

} // namespace osscc
