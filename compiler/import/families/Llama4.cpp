// Llama 4's model of text: a Llama of which every fourth layer does not know positions, and there
// scores grow with them; the others see their own chunk of positions, and norm queries and keys,
// which a rope turns by neighbours: norms without scales give the same before it and behind it.
// Experts read rows that their weights have scaled, beside one that reads every row. Source: the
// reference's Llama4TextConfig, Llama4TextAttention, Llama4TextMoe and Llama4Router.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"
#include "compiler/import/families/Nested.h"
#include "compiler/import/families/Rope.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

constexpr const char *kExpertFields = "num_local_experts, 2 * intermediate_size, hidden_size";

/// The weights of one layer's feed-forward, as the reference saves them and as GGUF has them.
class FeedForwardNames {
public:
  FeedForwardNames(const ExpertSizes &sizes, int64_t index)
      : sizes(sizes), own(layerPrefix(index) + "feed_forward."), gguf(layerPrefix(index) + "mlp.") {
  }

  MlpSpec mlp(const std::string &name, int64_t width, const std::string &field) const {
    std::string fields = field + ", hidden_size";
    return {{ActivationKind::Silu},
            linear(name + "gate_proj", width, sizes.hidden, fields),
            linear(name + "up_proj", width, sizes.hidden, fields),
            linear(name + "down_proj", sizes.hidden, width, "hidden_size, " + field)};
  }

  ExpertsSpec experts() const {
    ExpertsSpec spec;
    spec.chosen = sizes.chosen;
    spec.routing.kind = RoutingKind::Sigmoid;
    spec.weighsInput = true;
    spec.router =
        linear("router", sizes.experts, sizes.hidden, "num_local_experts, hidden_size", "gate");
    spec.router.role = WeightRole::Router;
    spec.gateUp = stack("gate_up_proj", {"gate_proj", "up_proj"}, 2 * sizes.mlp, sizes.hidden);
    spec.down = stack("down_proj", {"down_proj"}, sizes.hidden, sizes.mlp);
    spec.shared = SharedExpertSpec{mlp("shared_expert.", sizes.mlp, "intermediate_size"), {}};
    return spec;
  }

private:
  LinearSpec linear(const std::string &name, int64_t out, int64_t in, const std::string &fields,
                    const std::string &inGguf = "") const {
    LinearSpec spec{{own + name + ".weight", {out, in}, fields}, std::nullopt};
    spec.forms = {{{spec.name}}, {{gguf + (inGguf.empty() ? name : inGguf) + ".weight"}}};
    return spec;
  }

  /// Matrices that are stored [in, out]; in GGUF the rows of each of `parts`.
  LinearSpec stack(const std::string &name, std::initializer_list<const char *> parts, int64_t out,
                   int64_t in) const {
    LinearSpec spec{{own + "experts." + name, {sizes.experts, out, in}, kExpertFields},
                    std::nullopt};
    StoredForm joined;
    for (const char *part : parts)
      joined.tensors.push_back(gguf + "experts." + part + ".weight");
    spec.forms = {{{spec.name}, /*transposed=*/true}, std::move(joined)};
    return spec;
  }

  const ExpertSizes &sizes;
  std::string own, gguf;
};

/// What attention has in layers of one kind alone.
struct LayerAttention {
  SmallVector<bool> turned;                   ///< A layer; the others do not know positions.
  SmallVector<bool> chunked;                  ///< A layer.
  std::optional<WindowSpec> chunk;            ///< Of layers that are.
  std::optional<TemperatureSpec> temperature; ///< Of layers that are not turned.
  bool normsHeads = true;                     ///< In layers that are.
};

/// Whether scores grow: a truth, or a number that stands for one in the first configs.
bool readGrows(JsonFields &config) {
  constexpr StringLiteral kKey = "attn_temperature_tuning";
  const json::Value *value = config.fields().get(kKey);
  if (value && value->getAsNumber())
    return config.integer(kKey, 0, 1 << 20) != 0;
  return config.boolean(kKey, true);
}

LayerAttention readAttention(JsonFields &config, int64_t layers) {
  constexpr StringLiteral kChunk = "attention_chunk_size";
  LayerAttention out;
  out.turned = readTurnedLayers(config, layers);
  const json::Value *field = config.fields().get(kChunk);
  if (!field || !field->getAsNull())
    out.chunk = WindowSpec{config.integer(kChunk, 1, kMostPositions, 8192), config.place(kChunk),
                           /*chunked=*/true};
  if (auto named = readLayerTypes(config, layers, "chunked_attention"))
    out.chunked = *named;
  else
    out.chunked = to_vector(
        map_range(out.turned, [&](bool turned) { return turned && out.chunk.has_value(); }));
  if (is_contained(out.chunked, true) && !out.chunk)
    config.fail(kChunk, "is null, but layer_types names layers of \"chunked_attention\"");
  TemperatureSpec growth{config.integer("floor_scale", 1, kMostPositions, 8192),
                         config.number("attn_scale", 0, 1e6, 0.1), /*offset=*/1};
  if (readGrows(config))
    out.temperature = growth;
  out.normsHeads = config.boolean("use_qk_norm", true);
  return out;
}

/// Which layers have experts: those listed, or each `interleave_moe_layer_step`-th.
SmallVector<bool> readSparse(JsonFields &config, int64_t layers) {
  constexpr StringLiteral kList = "moe_layers";
  int64_t step = config.integer("interleave_moe_layer_step", 1, kMostLayers, 1);
  bool isListed = config.has(kList);
  SmallVector<int64_t> listed = config.integers(kList, 0, layers - 1);
  SmallVector<bool> sparse;
  for (int64_t layer = 0; layer < layers; ++layer)
    sparse.push_back(isListed ? is_contained(listed, layer) : (layer + 1) % step == 0);
  return sparse;
}

void setAttention(AttentionSpec &attention, const LayerAttention &kinds, size_t index, double eps) {
  if (kinds.chunked[index])
    attention.window = kinds.chunk;
  if (!kinds.turned[index]) {
    attention.rope = std::nullopt;
    attention.temperature = kinds.temperature;
  } else if (kinds.normsHeads) {
    attention.queryNorm = attention.keyNorm = NormSpec{std::nullopt, eps, attention.headSize};
  }
}

} // namespace

ModelSpec readLlama4Text(JsonFields &config) {
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  bool biased = config.boolean("attention_bias", false);
  double eps = config.number("rms_norm_eps", 1e-30, 1, 1e-5);
  LayerAttention attention = readAttention(config, layers);
  SmallVector<bool> sparse = readSparse(config, layers);
  int64_t dense = config.integer("intermediate_size_mlp", 1, kMostChannels, 16384);
  ExpertSizes sizes = readExperts(config, {.count = "num_local_experts",
                                           .width = "intermediate_size",
                                           .experts = 16,
                                           .chosen = 1,
                                           .mlp = 8192});
  ModelSpec spec = readLlamaShape(config, {.family = "llama4",
                                           .prefix = "Llama4",
                                           .positions = 131072,
                                           .kvHeads = 8,
                                           .queryBias = biased,
                                           .outputBias = biased,
                                           .headSize = 128,
                                           .eps = 1e-5,
                                           .theta = 500000,
                                           .pairs = true,
                                           .hasMlp = false});
  for (auto [index, layer] : enumerate(spec.layers)) {
    setAttention(layer.attention, attention, index, eps);
    FeedForwardNames names(sizes, static_cast<int64_t>(index));
    if (sparse[index])
      layer.feedForward = names.experts();
    else
      layer.feedForward = names.mlp("", dense, "intermediate_size_mlp");
  }
  return spec;
}

ModelSpec readLlama4(JsonFields &config) {
  return readNested(config, "Llama4", "llama4_text", readLlama4Text);
}

} // namespace osscc
