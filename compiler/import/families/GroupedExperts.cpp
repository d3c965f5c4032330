#include "compiler/import/families/GroupedExperts.h"

#include "compiler/import/families/Common.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

/// Fails unless a field that is there has this value.
void expectString(JsonFields &config, StringRef key, StringRef expected) {
  if (std::string found = config.string(key, expected); found != expected)
    config.fail(key, "\"" + Twine(found) + "\" is not supported, expected \"" + expected + "\"");
}

/// Whether the choice is limited to the best groups.
bool readMethod(JsonFields &config, bool isSigmoid) {
  expectString(config, "scoring_func", isSigmoid ? "sigmoid" : "softmax");
  if (isSigmoid) {
    expectString(config, "topk_method", "noaux_tc");
    return true;
  }
  std::string method = config.string("topk_method", "greedy");
  if (method != "greedy" && method != "group_limited_greedy")
    config.fail("topk_method", "\"" + Twine(method) +
                                   "\" is not supported, expected \"greedy\" or "
                                   "\"group_limited_greedy\"");
  return method != "greedy";
}

/// The groups that experts are chosen in.
void readGroups(JsonFields &config, const GroupedFields &fields, ExpertSizes &sizes) {
  constexpr int64_t kMost = 65536;
  int64_t groups = config.integer("n_group", 1, kMost, fields.groups.value_or(1));
  int64_t kept = config.integer("topk_group", 1, kMost, fields.kept.value_or(groups));
  if (fields.normsSoftmax && groups != 1)
    config.fail("n_group", Twine(groups) + " is not supported, expected 1: groups are chosen by "
                                           "sums of probabilities");
  bool limits = readMethod(config, fields.isSigmoid);
  if (config.failed() || !limits)
    return;
  int64_t best = fields.isSigmoid ? 2 : 1, ofGroup = sizes.experts / groups;
  if (groups == 1)
    best = 1;
  if (sizes.experts % groups != 0)
    config.fail("n_group", Twine(groups) + " groups do not divide " + sizes.countField + " " +
                               Twine(sizes.experts));
  if (ofGroup < best)
    config.fail("n_group", Twine(groups) + " groups of " + sizes.countField + " " +
                               Twine(sizes.experts) + " leave fewer than " + Twine(best) +
                               " in each");
  if (kept > groups || kept * ofGroup < sizes.chosen)
    config.fail("topk_group", Twine(kept) + " of " + Twine(groups) + " groups of " +
                                  Twine(ofGroup) + " experts cannot give num_experts_per_tok " +
                                  Twine(sizes.chosen));
  sizes.routing.groups = groups;
  sizes.routing.kept = kept;
  sizes.routing.best = best;
}

/// Which layers have experts: those that `mlp_layer_types` calls so, or all behind the leading
/// ones.
SmallVector<bool> readSparse(JsonFields &config, const GroupedFields &fields) {
  constexpr StringLiteral kTypes = "mlp_layer_types";
  int64_t layers = config.integer("num_hidden_layers", 1, kMostLayers);
  int64_t dense = config.integer(fields.dense, 0, kMostLayers, fields.leading);
  SmallVector<bool> sparse;
  if (!config.has(kTypes)) {
    for (int64_t layer = 0; layer < layers; ++layer)
      sparse.push_back(layer >= dense);
    return sparse;
  }
  const json::Value &value = *config.fields().get(kTypes);
  if (const json::Array *types = value.getAsArray())
    for (const json::Value &type : *types)
      if (type == json::Value("sparse") || type == json::Value("dense"))
        sparse.push_back(type == json::Value("sparse"));
  if (static_cast<int64_t>(sparse.size()) != layers)
    config.fail(kTypes, describe(value) + ", expected \"dense\" or \"sparse\" for each of " +
                            Twine(layers) + " layers");
  return sparse;
}

} // namespace

GroupedExperts readGroupedExperts(JsonFields &config, const GroupedFields &fields) {
  GroupedExperts out;
  ExpertSizes &sizes = out.sizes;
  sizes = readExperts(config, {.count = fields.count,
                               .width = "moe_intermediate_size",
                               .experts = fields.experts,
                               .chosen = fields.chosen,
                               .mlp = fields.mlp});
  int64_t shared = config.integer(fields.shared, 0, 256, fields.sharedExperts);
  sizes.shared = shared * sizes.mlp;
  sizes.sharedFields = (fields.shared + " * moe_intermediate_size").str();
  if (sizes.shared > kMostChannels)
    config.fail(fields.shared, Twine(shared) + " times moe_intermediate_size " + Twine(sizes.mlp) +
                                   " is above " + Twine(kMostChannels));
  if (int64_t every = config.integer("moe_layer_freq", 1, kMostLayers, 1); every != 1)
    config.fail("moe_layer_freq", Twine(every) + " is not supported, expected 1");
  out.sparse = readSparse(config, fields);
  bool norms = config.boolean("norm_topk_prob", fields.norms);
  if (norms && !fields.isSigmoid && !fields.normsSoftmax)
    config.fail("norm_topk_prob", "true is not supported: the reference reads it as false");
  if (fields.isSigmoid)
    sizes.routing.kind = norms ? RoutingKind::SigmoidOfChosen : RoutingKind::Sigmoid;
  else
    sizes.routing.kind = norms ? RoutingKind::SoftmaxOfChosen : RoutingKind::Softmax;
  sizes.routing.scale = config.number(fields.factor, 1e-6, 1e6, fields.scale);
  sizes.hasBias = fields.isSigmoid;
  readGroups(config, fields, sizes);
  return out;
}

void setExperts(ModelSpec &spec, const GroupedExperts &experts, const ExpertNames &names) {
  for (auto [index, layer] : enumerate(spec.layers))
    if (experts.sparse[index])
      layer.feedForward = nameExperts(experts.sizes, names, static_cast<int64_t>(index));
}

} // namespace osscc
