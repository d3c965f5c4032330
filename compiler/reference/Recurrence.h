// The numbers of the llm ops that change a state, as LlmRecurrence.td defines them. What lies
// between inputs and results is double.
#pragma once

#include "compiler/reference/Operations.h"
#include "dialects/llm/Recurrence.h"

namespace osscc::reference {

/// Which state an op means.
struct StateLayer {
  llm::StateType type;
  int64_t layer;
};

/// x [T, C] with its latest rows by weight [J, C] -> [T, C]; `activation` may be null.
Tensor shortConv(const Rows &rows, Cache &cache, const StateLayer &layer, const Tensor &x,
                 const Tensor &weight, llm::ActivationAttr activation);

/// What the delta rule reads beside the state.
struct DeltaInputs {
  const Tensor &q, &k;          ///< [T, H * keys]
  const Tensor &v;              ///< [T, G * values]
  const Tensor &a, &b;          ///< [T, G]
  const Tensor &rates, &shifts; ///< [1, G]
  double eps;
  bool logRates;
  bool tiled; ///< Value heads of one key head are as many apart as there are key heads.
};

/// -> [T, G * values], in the order of the rows.
Tensor deltaRule(const Rows &rows, Cache &cache, const StateLayer &layer, const DeltaInputs &in);

} // namespace osscc::reference
