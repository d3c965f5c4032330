#include "compiler/import/families/Experts.h"

#include "compiler/import/families/Common.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

ExpertSizes readExperts(JsonFields &config, const ExpertFields &fields) {
  ExpertSizes sizes;
  sizes.countField = fields.count;
  sizes.widthField = fields.width;
  sizes.hidden = config.integer("hidden_size", 1, kMostChannels);
  sizes.experts = config.integer(fields.count, 1, 65536, fields.experts);
  sizes.chosen = config.integer("num_experts_per_tok", 1, 256, fields.chosen);
  sizes.mlp = config.integer(fields.width, 1, kMostChannels / 2, fields.mlp);
  checkChosen(config, sizes.chosen, sizes.experts);
  // What only training or a report reads.
  for (StringRef harmless : {"output_router_logits", "router_aux_loss_coef", "router_jitter_noise"})
    config.has(harmless);
  return sizes;
}

SmallVector<bool> readSparseLayers(JsonFields &config, int64_t layers) {
  int64_t step = config.integer("decoder_sparse_step", 1, kMostLayers, 1);
  SmallVector<int64_t> dense = config.integers("mlp_only_layers", 0, kMostLayers);
  SmallVector<bool> sparse;
  for (int64_t layer = 0; layer < layers; ++layer)
    sparse.push_back((layer + 1) % step == 0 && !is_contained(dense, layer));
  return sparse;
}

namespace {

/// The names of one layer's experts.
class LayerExperts {
public:
  LayerExperts(const ExpertSizes &sizes, const ExpertNames &names, int64_t index)
      : sizes(sizes), names(names), prefix(layerPrefix(index)) {}

  ExpertsSpec spec() const {
    ExpertsSpec spec;
    spec.chosen = sizes.chosen;
    spec.routing = sizes.routing;
    spec.router = {
        {prefix + "mlp.gate.weight", {sizes.experts, sizes.hidden}, fields("", "hidden_size")},
        std::nullopt};
    spec.router.role = WeightRole::Router;
    spec.router.forms = {{{prefix + names.router.str() + ".weight"}}, {{spec.router.name}}};
    spec.gateUp = stack("gate_up_proj", 2 * sizes.mlp, sizes.hidden,
                        fields("2 * " + sizes.widthField + ", ", "hidden_size"));
    spec.down =
        stack("down_proj", sizes.hidden, sizes.mlp, fields("hidden_size, ", sizes.widthField));
    addForms(spec.gateUp, {names.gate, names.up}, {"gate_proj", "up_proj"});
    addForms(spec.down, {names.down}, {"down_proj"});
    if (sizes.hasBias) {
      std::string bias = prefix + names.bias.str();
      spec.routing.bias = WeightSpec{bias + "_bias", {sizes.experts}, sizes.countField};
      spec.routing.bias->forms = {{.tensors = {bias + "_bias"}, .isFlat = true},
                                  {.tensors = {bias + ".bias"}}};
    }
    if (sizes.shared > 0)
      spec.shared = SharedExpertSpec{shared(), std::nullopt};
    return spec;
  }

private:
  std::string fields(const std::string &rows, const std::string &channels) const {
    return sizes.countField + ", " + rows + channels;
  }

  MlpSpec shared() const {
    auto linear = [&](const char *name, int64_t out, int64_t in, const std::string &from) {
      return LinearSpec{{prefix + names.shared.str() + name + ".weight", {out, in}, from},
                        std::nullopt};
    };
    std::string rows = sizes.sharedFields + ", hidden_size";
    MlpSpec mlp;
    mlp.gate = linear("gate_proj", sizes.shared, sizes.hidden, rows);
    mlp.up = linear("up_proj", sizes.shared, sizes.hidden, rows);
    mlp.down =
        linear("down_proj", sizes.hidden, sizes.shared, "hidden_size, " + sizes.sharedFields);
    return mlp;
  }

  LinearSpec stack(const std::string &name, int64_t out, int64_t in,
                   const std::string &from) const {
    return {{prefix + "mlp.experts." + name, {sizes.experts, out, in}, from}, std::nullopt};
  }

  /// The forms in which checkpoints have a stack: tensors of each expert or of all, by the family's
  /// `own` names; the stack as transformers has it; GGUF's stacks, one for each of `parts`.
  void addForms(LinearSpec &stack, ArrayRef<StringRef> own, ArrayRef<StringRef> parts) const {
    StoredForm first;
    if (names.each.empty()) {
      first.tensors = {prefix + own.front().str() + ".weight"};
    } else {
      first.stacked = true;
      for (int64_t expert = 0; expert < sizes.experts; ++expert)
        for (StringRef part : own)
          first.tensors.push_back(prefix + names.each.str() + "." + std::to_string(expert) + "." +
                                  part.str() + ".weight");
    }
    StoredForm last;
    for (StringRef part : parts)
      last.tensors.push_back(prefix + "mlp.experts." + part.str() + ".weight");
    stack.forms = {std::move(first), {{stack.name}}, std::move(last)};
  }

  const ExpertSizes &sizes;
  const ExpertNames &names;
  std::string prefix;
};

} // namespace

ExpertsSpec nameExperts(const ExpertSizes &sizes, const ExpertNames &names, int64_t index) {
  return LayerExperts(sizes, names, index).spec();
}

SharedExpertSpec nameSharedExpert(int64_t hidden, int64_t width, int64_t index) {
  std::string prefix = layerPrefix(index) + "mlp.shared_expert";
  auto linear = [&](const char *name, int64_t out, int64_t in, const char *fields) {
    return LinearSpec{{prefix + name + ".weight", {out, in}, fields}, std::nullopt};
  };
  const char *fields = "shared_expert_intermediate_size, hidden_size";
  return {{{ActivationKind::Silu},
           linear(".gate_proj", width, hidden, fields),
           linear(".up_proj", width, hidden, fields),
           linear(".down_proj", hidden, width, "hidden_size, shared_expert_intermediate_size")},
          linear("_gate", 1, hidden, "1, hidden_size")};
}

} // namespace osscc
