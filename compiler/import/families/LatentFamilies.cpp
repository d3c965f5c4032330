// Families that took over DeepSeek's latent attention and are otherwise plain: Youtu and MiniCPM 3,
// which have no experts, and Sarvam. MiniCPM 3 turns halves of a head, and scales as Granite does.
// Source: the reference's YoutuConfig, MiniCPM3Config, SarvamMLAConfig and their models.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/DeepSeekShape.h"
#include "compiler/import/families/Families.h"
#include <cmath>

namespace osscc {

namespace {

constexpr DeepSeekShape kYoutu = {
    .family = "youtu", .prefix = "Youtu", .positions = 131072, .hasExperts = false, .tied = true};
constexpr DeepSeekShape kMiniCpm3 = {.family = "minicpm3",
                                     .prefix = "MiniCPM3",
                                     .positions = 32768,
                                     .hasExperts = false,
                                     .pairs = TurnedPairs::Halves,
                                     .queryRank = 768,
                                     .rank = 256,
                                     .nope = 64,
                                     .turned = 32,
                                     .value = std::nullopt,
                                     .eps = 1e-5,
                                     .tied = true};
constexpr DeepSeekShape kSarvam = {
    .family = "sarvam_mla",
    .prefix = "SarvamMLA",
    .positions = 4096,
    .experts = {.experts = 128, .chosen = 8, .mlp = 2048, .leading = 1, .scale = 2.5},
    .queryRank = std::nullopt};

} // namespace

ModelSpec readYoutu(JsonFields &config) {
  config.has("embedding_initializer_range");
  return readDeepSeekShape(config, kYoutu);
}

ModelSpec readMiniCpm3(JsonFields &config) {
  double embedding = config.number("scale_emb", 1e-9, 1e9, 12);
  auto layers = static_cast<double>(config.integer("num_hidden_layers", 1, kMostLayers));
  // Null scales nothing; absence is the reference's default.
  auto orNull = [&](llvm::StringRef key, double fallback, double neutral) {
    bool isNull = config.fields().get(key) && !config.has(key);
    return config.number(key, 1e-9, 1e9, isNull ? neutral : fallback);
  };
  double depth = orNull("scale_depth", 1.4, std::sqrt(layers));
  auto hidden = static_cast<double>(config.integer("hidden_size", 1, kMostChannels));
  double base = orNull("dim_model_base", 256, hidden);
  ModelSpec spec = readDeepSeekShape(config, kMiniCpm3);
  spec.embeddingScale = embedding;
  spec.roundsEmbeddingScale = true;
  spec.logitScale = base / hidden;
  for (LayerSpec &layer : spec.layers)
    layer.residualScale = depth / std::sqrt(layers);
  return spec;
}

ModelSpec readSarvamMla(JsonFields &config) {
  DeepSeekShape shape = kSarvam;
  if (config.has("num_experts")) // as the makers' own code called it
    shape.experts.count = "num_experts";
  if (config.has("num_shared_experts"))
    shape.experts.shared = "num_shared_experts";
  for (llvm::StringRef derived : {"head_dim", "q_head_dim"})
    config.has(derived);
  return readDeepSeekShape(config, shape);
}

} // namespace osscc
