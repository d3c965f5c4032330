// The handle of what the past leaves in layers that keep no positions: a header of its own, for the few who know of it.

#ifndef OSSCC_DIALECTS_LLM_LLMSTATE_TD
#define OSSCC_DIALECTS_LLM_LLMSTATE_TD

include "dialects/llm/LlmBase.td"

def Llm_State : TypeDef<Llm_Dialect, "State"> {
  let mnemonic = "state";
  let summary = "What the past of a sequence has left in layers that keep no positions, of one group of them";
  let description = [{
    `group` numbers the cache groups of the model, of caches and states together. Each layer keeps of a sequence the latest `kept` rows of
    `channels` channels, which `short_conv` looks back at, and for each of `heads` a matrix `[keys, values]` that `delta_rule` changes with
    every row. Before the first row all are zeros. A state is as large for any text, and stands for one length of it alone.

    Source: Yang et al., 2024 (gated delta networks).
  }];
  let parameters = (ins "int64_t":$group, "int64_t":$heads, "int64_t":$keys, "int64_t":$values, "int64_t":$channels, "int64_t":$kept);
  let assemblyFormat = "`<` $group `,` struct($heads, $keys, $values, $channels, $kept) `>`";
  let genVerifyDecl = 1;
}

#endif // OSSCC_DIALECTS_LLM_LLMSTATE_TD
