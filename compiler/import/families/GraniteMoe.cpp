// Granite with experts in every layer, and an MLP for all beside them. Source: the reference's
// GraniteMoeConfig, GraniteMoeSharedConfig, GraniteMoeSWAConfig and their models.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/Granite.h"
#include "compiler/import/families/LlamaShape.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

/// A MLP that every row goes through, whose gate and up are one tensor.
static MlpSpec nameSharedMlp(int64_t hidden, int64_t width, int64_t index) {
  constexpr const char *kField = "shared_intermediate_size";
  std::string prefix = layerPrefix(index) + "shared_mlp.", joined = prefix + "input_linear";
  auto partOf = [&](const char *name, int64_t first) {
    LinearSpec part{{joined + name, {width, hidden}, kField}, std::nullopt};
    part.forms = {{.tensors = {joined + ".weight"}, .firstRow = first, .allRows = 2 * width},
                  {.tensors = {part.name}}}; // the latter in GGUF
    return part;
  };
  return {{ActivationKind::Silu},
          partOf(".gate.weight", 0),
          partOf(".up.weight", width),
          LinearSpec{{prefix + "output_linear.weight", {hidden, width}, kField}, std::nullopt}};
}

/// A model with experts, and beside them an MLP of `shared` channels, if that is not 0.
static ModelSpec readExpertsShape(JsonFields &config, LlamaShape shape, int64_t shared) {
  GraniteFactors factors = readGraniteFactors(config);
  shape.queryBias = shape.outputBias = config.boolean("attention_bias", false);
  shape.hasMlp = false;
  ExpertSizes sizes = readExperts(config, {.count = "num_local_experts",
                                           .width = "intermediate_size",
                                           .experts = 8,
                                           .chosen = 2,
                                           .mlp = 11008});
  ModelSpec spec = readLlamaShape(config, shape);
  constexpr ExpertNames kNames = {.router = "block_sparse_moe.router.layer",
                                  .gate = "block_sparse_moe.input_linear",
                                  .up = "",
                                  .down = "block_sparse_moe.output_linear"};
  for (size_t number = 0; number < spec.layers.size(); ++number) {
    auto index = static_cast<int64_t>(number);
    ExpertsSpec experts = nameExperts(sizes, kNames, index);
    if (shared != 0)
      experts.shared = SharedExpertSpec{nameSharedMlp(spec.hidden, shared, index), std::nullopt};
    spec.layers[number].feedForward = std::move(experts);
  }
  setGraniteFactors(spec, factors);
  return spec;
}

static int64_t readShared(JsonFields &config) {
  return config.integer("shared_intermediate_size", 0, kMostChannels, 0);
}

ModelSpec readGraniteMoe(JsonFields &config) {
  return readExpertsShape(config,
                          {.family = "granitemoe", .prefix = "GraniteMoe", .positions = 2048}, 0);
}

ModelSpec readGraniteMoeShared(JsonFields &config) {
  return readExpertsShape(
      config, {.family = "granitemoeshared", .prefix = "GraniteMoeShared", .positions = 2048},
      readShared(config));
}

ModelSpec readGraniteMoeSwa(JsonFields &config) {
  GraniteSwa swa = readGraniteSwaFields(config);
  ModelSpec spec = readExpertsShape(
      config, {.family = "granitemoe_swa", .prefix = "GraniteMoeSWA", .positions = 2048},
      readShared(config));
  setGraniteSwa(spec, config, swa);
  for (auto [number, layer] : enumerate(spec.layers)) { // as the reference saves them
    auto &experts = std::get<ExpertsSpec>(layer.feedForward);
    std::string prefix = layerPrefix(static_cast<int64_t>(number)) + "block_sparse_moe.";
    experts.router.forms.push_back({{prefix + "router.weight"}});
    experts.gateUp.forms.push_back({{prefix + "experts.gate_up_proj"}});
    experts.down.forms.push_back({{prefix + "experts.down_proj"}});
  }
  return spec;
}

} // namespace osscc
