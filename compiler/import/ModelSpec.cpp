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

void visitNorm(const NormSpec &norm, Visitor visit) {
  if (norm.scale)
    visit(*norm.scale);
  if (norm.bias)
    visit(*norm.bias);
}

void visitNorm(const std::optional<NormSpec> &norm, Visitor visit) {
  if (norm)
    visitNorm(*norm, visit);
}

void visitWeights(const LatentSpec &latent, Visitor visit) {
  if (latent.queryDown)
    visitLinears({&*latent.queryDown}, visit);
  visitNorm(latent.queryNorm, visit);
  visitLinears({&latent.queryNope, &latent.queryRope, &latent.latentDown}, visit);
  visitNorm(latent.latentNorm, visit);
  visitLinears({&latent.keyRope, &latent.keyUp, &latent.valueUp}, visit);
}

/// Those that make q, k and v.
void visitHeads(const AttentionSpec &attention, Visitor visit) {
  visitLinears({&attention.query}, visit);
  if (!attention.source)
    visitLinears({&attention.key}, visit);
  if (!attention.source && !attention.valueIsKey)
    visitLinears({&attention.value}, visit);
  for (const auto *norm : {&attention.queryNorm, &attention.keyNorm, &attention.valueNorm})
    visitNorm(*norm, visit);
}

void visitWeights(const AttentionSpec &attention, Visitor visit) {
  if (attention.latent)
    visitWeights(*attention.latent, visit);
  else
    visitHeads(attention, visit);
  if (attention.gate)
    visitLinears({&*attention.gate}, visit);
  visitLinears({&attention.output}, visit);
  if (attention.sinks)
    visit(*attention.sinks);
}

void visitWeights(const DeltaNetSpec &net, Visitor visit) {
  visitLinears({&net.mixed, &net.gate, &net.decay, &net.beta}, visit);
  for (const WeightSpec *weight : {&net.convolution, &net.rates, &net.shifts})
    visit(*weight);
  visitNorm(net.norm, visit);
  visitLinears({&net.output}, visit);
}

void visitWeights(const MlpSpec &mlp, Visitor visit) {
  if (mlp.gate)
    visitLinears({&*mlp.gate}, visit);
  visitLinears({&mlp.up, &mlp.down}, visit);
  if (mlp.learned)
    for (const WeightSpec *weight :
         {&mlp.learned->positive, &mlp.learned->negative, &mlp.learned->beta, &mlp.learned->eps})
      visit(*weight);
}

void visitWeights(const StreamUpdateSpec &update, Visitor visit) {
  visitNorm(update.routerNorm, visit);
  visitLinears({&update.router, &update.predict, &update.correct}, visit);
  if (update.scale)
    visit(*update.scale);
}

void visitWeights(const ExpertsSpec &experts, Visitor visit) {
  visitNorm(experts.routerNorm, visit);
  visitNorm(experts.before, visit);
  visitLinears({&experts.router, &experts.gateUp, &experts.down}, visit);
  for (const auto *values : {&experts.routing.bias, &experts.routing.scales})
    if (*values)
      visit(**values);
  visitNorm(experts.after, visit);
  if (!experts.shared)
    return;
  visitWeights(experts.shared->mlp, visit);
  visitNorm(experts.shared->after, visit);
  if (experts.shared->weight)
    visitLinears({&*experts.shared->weight}, visit);
}

} // namespace

void LayerSpec::forEachWeight(Visitor visit) const {
  if (streams)
    visitWeights(*streams, visit);
  visitNorm(beforeAttention, visit);
  if (branch) {
    visitLinears({&branch->down, &branch->up}, visit);
    visitNorm(branch->after, visit);
  }
  if (deltaNet)
    visitWeights(*deltaNet, visit);
  else
    visitWeights(attention, visit);
  visitNorm(afterAttention, visit);
  visitNorm(beforeFeedForward, visit);
  std::visit([&](const auto &part) { visitWeights(part, visit); }, feedForward);
  visitNorm(afterFeedForward, visit);
  if (tokenInput) {
    visitLinears({&tokenInput->projection, &tokenInput->gate, &tokenInput->output}, visit);
    visitNorm(tokenInput->after, visit);
  }
  if (scalar)
    visit(*scalar);
}

void ModelSpec::forEachWeight(Visitor visit) const {
  visit(embedding);
  if (positionTable)
    visit(*positionTable);
  visitNorm(embeddingNorm, visit);
  if (perLayerInputs) {
    visit(perLayerInputs->table);
    visitNorm(perLayerInputs->norm, visit);
  }
  for (size_t stream = 0; streams && stream < streams->unfold.size(); ++stream)
    visitLinears({&streams->unfold[stream], &streams->fold[stream]}, visit);
  for (const LayerSpec &layer : layers)
    layer.forEachWeight(visit);
  visitNorm(finalNorm, visit);
  if (head)
    visit(*head);
}

} // namespace osscc
