// Qwen 3.5 and Qwen 3 Next: in most layers a gated delta net in the place of attention; attention
// whose output is gated, and whose rope turns a quarter of a head; norms stored as scale - 1; dense
// or with experts and one that every row goes through. Source: the reference's Qwen3_5TextConfig,
// Qwen3_5MoeTextConfig, Qwen3NextConfig and their models.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"
#include "compiler/import/families/Nested.h"
#include "compiler/import/families/Qwen35Layers.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

/// What sets the families apart.
struct Generation {
  StringLiteral family, prefix;
  bool joins = false;  ///< Projections of delta nets are joined.
  bool hasMlps = true; ///< Some layers have no experts.
  int64_t experts = 0, chosen = 0;
};
constexpr Generation kDense = {"qwen3_5", "Qwen3_5"};
constexpr Generation kExperts = {"qwen3_5_moe", "Qwen3_5Moe", false, false, 256, 8};
constexpr Generation kNext = {"qwen3_next", "Qwen3Next", true, true, 512, 10};

/// For each layer whether it has a delta net: `layer_types`, or all but each
/// `full_attention_interval`-th.
SmallVector<bool> readLinearLayers(JsonFields &config, int64_t layers) {
  constexpr StringLiteral kKey = "layer_types";
  int64_t interval = config.integer("full_attention_interval", 1, kMostLayers, 4);
  SmallVector<bool> linear;
  if (!config.has(kKey)) {
    for (int64_t layer = 0; layer < layers; ++layer)
      linear.push_back((layer + 1) % interval != 0);
    return linear;
  }
  const json::Value &value = *config.fields().get(kKey);
  const json::Array *types = value.getAsArray();
  if (!types) {
    config.fail(kKey, "expected an array, found " + describe(value));
    return linear;
  }
  for (const json::Value &type : *types) {
    linear.push_back(type == json::Value("linear_attention"));
    if (!linear.back() && type != json::Value("full_attention")) {
      config.fail(kKey, describe(type) + " is not supported, expected \"linear_attention\" or "
                                         "\"full_attention\"");
      return linear;
    }
  }
  if (static_cast<int64_t>(linear.size()) != layers)
    config.fail(kKey, "names " + Twine(linear.size()) + " layers, but num_hidden_layers is " +
                          Twine(layers));
  return linear;
}

/// Holds the fields that the reference has one value of, where a config says them.
void checkFixedFields(JsonFields &config) {
  if (!config.boolean("attn_output_gate", true))
    config.fail("attn_output_gate", "false is not supported: the family's attention is gated");
  if (config.boolean("attention_bias", false))
    config.fail("attention_bias", "true is not supported: the family's products have no biases");
  // Heads that guess, whose tensors are left out; states are f32 whatever the config says.
  for (StringRef unread : {"mtp_num_hidden_layers", "mtp_use_dedicated_embeddings"})
    config.has(unread);
  if (std::string type = config.string("mamba_ssm_dtype", "float32"); type != "float32")
    config.fail("mamba_ssm_dtype",
                describe(json::Value(type)) + " is not supported, expected \"float32\"");
}

/// The layers with experts of a config that has some.
struct SparseLayers {
  ExpertSizes sizes;
  int64_t shared = 0;
  SmallVector<bool> sparse;
};

SparseLayers readSparse(JsonFields &config, const Generation &generation, int64_t layers) {
  SparseLayers found;
  if (generation.experts == 0) {
    found.sparse.assign(static_cast<size_t>(layers), false);
    return found;
  }
  found.shared = config.integer("shared_expert_intermediate_size", 1, kMostChannels, 512);
  found.sizes = readExperts(config, {.count = "num_experts",
                                     .width = "moe_intermediate_size",
                                     .experts = generation.experts,
                                     .chosen = generation.chosen,
                                     .mlp = 512});
  if (generation.hasMlps && !config.boolean("norm_topk_prob", true))
    found.sizes.routing.kind = RoutingKind::Softmax;
  if (generation.hasMlps)
    found.sparse = readSparseLayers(config, layers);
  else
    found.sparse.assign(static_cast<size_t>(layers), true);
  return found;
}

void setOffset(std::optional<NormSpec> &norm) {
  if (norm)
    norm->offset = 1;
}

ModelSpec readText(JsonFields &config, const Generation &generation) {
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  SmallVector<bool> linear = readLinearLayers(config, layers);
  DeltaNetSizes sizes = readDeltaNet(config);
  sizes.joins = generation.joins;
  SparseLayers experts = readSparse(config, generation, layers);
  checkFixedFields(config);
  int64_t guessing = readGuessingLayers(config);
  ModelSpec spec = readLlamaShape(config, {.family = generation.family,
                                           .prefix = generation.prefix,
                                           .positions = 32768,
                                           .kvHeads = generation.experts == 0 ? 4 : 2,
                                           .headSize = 256,
                                           .share = 0.25,
                                           .headNorms = HeadNorms::EachHead,
                                           .hasMlp = is_contained(experts.sparse, false)});
  if (config.failed())
    return spec;
  constexpr ExpertNames kNames = {"mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj"};
  for (auto [number, layer] : enumerate(spec.layers)) {
    auto index = static_cast<int64_t>(number);
    if (linear[number]) {
      layer.attention = {};
      layer.deltaNet = nameDeltaNet(sizes, index);
    } else {
      gateAttention(layer.attention, spec.hidden, index);
    }
    for (auto *norm : {&layer.beforeAttention, &layer.beforeFeedForward, &layer.attention.queryNorm,
                       &layer.attention.keyNorm})
      setOffset(*norm);
    if (!experts.sparse[number])
      continue;
    ExpertsSpec ofLayer = nameExperts(experts.sizes, kNames, index);
    ofLayer.shared = nameSharedExpert(spec.hidden, experts.shared, index);
    layer.feedForward = std::move(ofLayer);
  }
  spec.finalNorm.offset = 1;
  spareGuessingLayers(spec, guessing);
  return spec;
}

} // namespace

ModelSpec readQwen35Text(JsonFields &config) {
  return readText(config, kDense);
}

ModelSpec readQwen35(JsonFields &config) {
  return readNested(config, "Qwen3_5", "qwen3_5_text", readQwen35Text);
}

ModelSpec readQwen35MoeText(JsonFields &config) {
  return readText(config, kExperts);
}

ModelSpec readQwen35Moe(JsonFields &config) {
  return readNested(config, "Qwen3_5Moe", "qwen3_5_moe_text", readQwen35MoeText);
}

ModelSpec readQwen3Next(JsonFields &config) {
  return readText(config, kNext);
}

} // namespace osscc
