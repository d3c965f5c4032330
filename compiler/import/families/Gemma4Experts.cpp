#include "compiler/import/families/Gemma4Experts.h"

#include "compiler/import/families/Common.h"
#include <cmath>

using namespace llvm;

namespace osscc {

std::optional<Gemma4Experts> readGemma4Experts(JsonFields &config) {
  if (!config.boolean("enable_moe_block", false)) {
    for (StringRef unused : {"num_experts", "top_k_experts", "moe_intermediate_size"})
      config.has(unused);
    return std::nullopt;
  }
  Gemma4Experts experts;
  experts.count = config.integer("num_experts", 1, 65536);
  experts.chosen = config.integer("top_k_experts", 1, 256);
  experts.mlp = config.integer("moe_intermediate_size", 1, kMostChannels / 2);
  if (experts.chosen > experts.count)
    config.fail("top_k_experts",
                Twine(experts.chosen) + " experts are chosen of " + Twine(experts.count));
  return experts;
}

ExpertsSpec nameGemma4Experts(const Gemma4Experts &experts, int64_t hidden, double eps,
                              MlpSpec dense, int64_t index) {
  std::string prefix = layerPrefix(index);
  auto norm = [&](const char *name) {
    return NormSpec{WeightSpec{prefix + name, {hidden}, "hidden_size"}, eps};
  };
  auto stack = [&](const char *name, int64_t out, int64_t in, const char *fields) {
    return LinearSpec{{prefix + "experts." + name, {experts.count, out, in}, fields}, std::nullopt};
  };
  ExpertsSpec spec;
  spec.chosen = experts.chosen;
  spec.activation = {ActivationKind::GeluTanh};
  spec.router = {
      {prefix + "router.proj.weight", {experts.count, hidden}, "num_experts, hidden_size"},
      std::nullopt};
  spec.router.role = WeightRole::Router;
  spec.routing.scales =
      WeightSpec{prefix + "router.per_expert_scale", {experts.count}, "num_experts"};
  spec.routerNorm = norm("router.scale");
  spec.routerScale = 1 / std::sqrt(static_cast<double>(hidden));
  spec.gateUp = stack("gate_up_proj", 2 * experts.mlp, hidden,
                      "num_experts, 2 * moe_intermediate_size, hidden_size");
  spec.down =
      stack("down_proj", hidden, experts.mlp, "num_experts, hidden_size, moe_intermediate_size");
  spec.before = norm("pre_feedforward_layernorm_2.weight");
  spec.after = norm("post_feedforward_layernorm_2.weight");
  spec.shared =
      SharedExpertSpec{std::move(dense), std::nullopt, norm("post_feedforward_layernorm_1.weight")};
  return spec;
}

} // namespace osscc
