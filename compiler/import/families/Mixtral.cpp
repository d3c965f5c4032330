// Mixtral: a Mistral with experts in the place of every MLP. Source: the reference's MixtralConfig,
// MixtralTopKRouter and MixtralSparseMoeBlock.
#include "compiler/import/families/Experts.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"

using namespace llvm;

namespace osscc {

ModelSpec readMixtral(JsonFields &config) {
  int64_t window = readWindow(config, 0);
  ExpertSizes sizes = readExperts(config, {.count = "num_local_experts",
                                           .width = "intermediate_size",
                                           .experts = 8,
                                           .chosen = 2,
                                           .mlp = 14336});
  ModelSpec spec = readLlamaShape(config, {.family = "mixtral",
                                           .prefix = "Mixtral",
                                           .positions = 4096 * 32,
                                           .kvHeads = 8,
                                           .eps = 1e-5,
                                           .theta = 1e6,
                                           .hasMlp = false});
  constexpr ExpertNames kNames = {"block_sparse_moe.gate", "block_sparse_moe.experts", "w1", "w3",
                                  "w2"};
  for (size_t index = 0; index < spec.layers.size(); ++index)
    spec.layers[index].feedForward = nameExperts(sizes, kNames, static_cast<int64_t>(index));
  setWindows(spec, config, SmallVector<bool>(spec.layers.size(), true), window);
  return spec;
}

} // namespace osscc
