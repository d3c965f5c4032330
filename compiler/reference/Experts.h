// Mixtures of experts, as `route` and `experts` of LlmOps.td define them.
//
// Letters: T rows of this call, D hidden, F MLP width, E experts, k experts of a row.
#pragma once

#include "compiler/reference/Activation.h"
#include "compiler/reference/Tensor.h"
#include "llvm/Support/Error.h"

namespace osscc::reference {

/// The experts of each row, in rising order, and their weights: both [T, k].
struct Routed {
  Tensor ids, weights;
};

/// logits [T, E], bias and scales [1, E] or null -> the `top` experts of each row.
Routed route(const Tensor &logits, int64_t top, llm::RoutingAttr routing,
             const Tensor *bias = nullptr, const Tensor *scales = nullptr);

/// One matrix an expert, row after row: [E * N, K]; `bias` [E, N] or null.
struct Stack {
  const Tensor &weight;
  const Tensor *bias;
};

/// x [T, D] through experts `routed`, of gate_up [E * 2 F, D] and down [E * D, F] -> [T, D].
/// Weights are those of what experts give, or where the op `weighsInput` of what they read.
/// \errors  rows that are not as many as those of x, an expert that there is not.
llvm::Expected<Tensor> experts(const Tensor &x, const Tensor &ids, const Tensor &weights,
                               const Stack &gateUp, const Stack &down,
                               llm::ActivationAttr activation, bool weighsInput = false);

} // namespace osscc::reference
