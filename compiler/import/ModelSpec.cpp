#include "compiler/import/ModelSpec.h"

namespace osscc {

namespace {

using Visitor = llvm::function_ref<void(const WeightSpec &)>;

void visitLinears(std::initializer_list<const LinearSpec *> linears, Visitor visit) {
  for (const LinearSpec *linear : linears) {
    visit(*linear);
    if (linear->bias)
      visit(*linear->bias);
  }
}

void visitWeights(const AttentionSpec &attention, Visitor visit) {
  visitLinears({&attention.query, &attention.key, &attention.value, &attention.output}, visit);
  if (attention.sinks)
    visit(*attention.sinks);
}

void visitWeights(const MlpSpec &mlp, Visitor visit) {
  visitLinears({&mlp.gate, &mlp.up, &mlp.down}, visit);
}

void visitWeights(const ExpertsSpec &experts, Visitor visit) {
  visitLinears({&experts.router, &experts.gateUp, &experts.down}, visit);
}

} // namespace

void LayerSpec::forEachWeight(Visitor visit) const {
  visit(beforeAttention.scale);
  visitWeights(attention, visit);
  visit(beforeFeedForward.scale);
  std::visit([&](const auto &part) { visitWeights(part, visit); }, feedForward);
}

void ModelSpec::forEachWeight(Visitor visit) const {
  visit(embedding);
  for (const LayerSpec &layer : layers)
    layer.forEachWeight(visit);
  visit(finalNorm.scale);
  if (head)
    visit(*head);
}

} // namespace osscc
