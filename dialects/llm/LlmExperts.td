// The ops of mixtures of experts. Letters as in LlmOps.td.

#ifndef OSSCC_DIALECTS_LLM_LLMEXPERTS_TD
#define OSSCC_DIALECTS_LLM_LLMEXPERTS_TD

include "dialects/llm/LlmDialect.td"

def Llm_RouteOp : Llm_Op<"route", [Pure, AttrSizedOperandSegments]> {
  let summary = "Choose the experts of every row";
  let description = [{
    ids[t] are the `top` experts of the largest logits, in rising order of their numbers; of equal logits that of the lower
    number is larger. weights[t, j] is what the row's routing gives to expert ids[t, j].

    By sigmoids, experts are chosen by these and not by logits; a `bias` is added to what each is chosen by, and weighs nothing. By
    softmaxes with a `bias` they are chosen by the softmax over all experts, plus it.
    With `scales` the weight of expert e is multiplied by scales[e] at last.

    * (C1) `top` is from 1 to the number of experts.
    * (C2) `ids` and `weights` have `top` channels.
    * (C3) groups are equally large, of at least `best` experts, and the kept ones have `top` experts together.
    * (C4) `bias` has a value for each expert.
    * (C5) `scales` have a value for each expert.
  }];
  let arguments = (ins Llm_Activation:$logits, Optional<Llm_Row>:$bias, Optional<Llm_Row>:$scales, I64Attr:$top,
                       Llm_RoutingAttr:$routing);
  let results = (outs Llm_Ids:$ids, Llm_Activation:$weights);
  let assemblyFormat = [{
    $logits (`bias` $bias^)? (`scales` $scales^)? `top` $top $routing attr-dict `:` type($logits) (`bias` type($bias)^)?
    (`scales` type($scales)^)? `->` type($ids) `,` type($weights)
  }];
  let builders = [OpBuilder<(ins "::mlir::Type":$ids, "::mlir::Type":$weights, "::mlir::Value":$logits,
                                 "::mlir::IntegerAttr":$top, "::osscc::llm::RoutingAttr":$routing), [{
    build($_builder, $_state, ids, weights, logits, ::mlir::Value(), ::mlir::Value(), top, routing);
  }]>];
  let hasVerifier = 1;
}

def Llm_ExpertsOp : Llm_Op<"experts", [Pure, AttrSizedOperandSegments, AllTypesMatch<["x", "y"]>]> {
  let summary = "The MLPs of the experts that each row has chosen, weighed and added up";
  let description = [{
    y[t] = sum_j weights[t, j] * (down[e] * activation(gate, up) + down_bias[e]), where e = ids[t, j] and the halves of
    gate_up[e] * x[t] + gate_up_bias[e] are gate and up. j rises, so that a row's sum has one order
    (docs/design/numerics.md).

    With `weighs_input` the weight is one of what an expert reads, and not of what it gives: gate and up are the halves of
    gate_up[e] * (weights[t, j] * x[t]) + gate_up_bias[e], and results are added up as they are.

    * (C1) `gate_up` is [E, 2 F, D], with the D channels of `x`.
    * (C2) `down` is [E, D, F].
    * (C3) biases have a value for each row of their matrices: [E, 2 F] and [E, D].
    * (C4) `ids` and `weights` have the same channels, E at most.
  }];
  let arguments = (ins Llm_Activation:$x, Llm_Ids:$ids, Llm_Activation:$weights, Llm_Stack:$gate_up,
                       Optional<Llm_StackedRow>:$gate_up_bias, Llm_Stack:$down, Optional<Llm_StackedRow>:$down_bias,
                       Llm_ActivationAttr:$activation, UnitAttr:$weighs_input);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = [{
    $x `,` $ids `,` $weights `gate_up` $gate_up (`bias` $gate_up_bias^)? `down` $down (`bias` $down_bias^)? $activation
    attr-dict `:` type($x) `,` type($ids) `,` type($weights) `,` type($gate_up) (`bias` type($gate_up_bias)^)?
    `,` type($down) (`bias` type($down_bias)^)?
  }];
  let hasVerifier = 1;
}

#endif // OSSCC_DIALECTS_LLM_LLMEXPERTS_TD
