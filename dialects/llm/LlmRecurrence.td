// The ops of layers whose past is a state of fixed size: what a row makes of it, it leaves to the next. Letters as in LlmOps.td, and
// H key heads and G value heads of a state, C channels of its convolution, J taps.

#ifndef OSSCC_DIALECTS_LLM_LLMRECURRENCE_TD
#define OSSCC_DIALECTS_LLM_LLMRECURRENCE_TD

include "dialects/llm/LlmOperands.td"
include "dialects/llm/LlmState.td"

def Llm_ShortConvOp : Llm_Op<"short_conv", [MemoryEffects<[MemRead, MemWrite]>, AllTypesMatch<["x", "y"]>]> {
  let summary = "Convolve each channel with its latest rows";
  let description = [{
    y[t, c] = activation(sum_j weight[j, c] * x[p - J + 1 + j, c], 1), over the rows of the sequence up to the row's own, p; rows before the
    first are zeros. Rows of calls before come from the state, and the latest J - 1 rows are left there. Without an `activation` the sum is
    the result.

    * (C1) `weight` is [J, C], with the channels of `x` and of the state, and a tap more than the state keeps rows.
    * (C2) `layer` is not negative.
    * (C3) the activation is not `swiglu_oai`, which changes its second operand.

    Source: the reference's causal_conv1d_fn; Gu and Dao, 2023.
  }];
  let arguments = (ins Llm_Rows:$rows, Llm_State:$state, Llm_Activation:$x, Llm_StackedRow:$weight, I64Attr:$layer,
                       OptionalAttr<Llm_ActivationAttr>:$activation);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = [{
    $rows `,` $state `layer` $layer `,` $x `,` $weight (`then` $activation^)? attr-dict `:` type($rows) `,` type($state) `,` type($x)
    `,` type($weight)
  }];
  let hasVerifier = 1;
}

def Llm_DeltaRuleOp : Llm_Op<"delta_rule", [MemoryEffects<[MemRead, MemWrite]>, AllTypesMatch<["v", "y"]>, AllTypesMatch<["a", "b"]>]> {
  let summary = "The gated delta rule: forget a share of the state, write what it predicts wrongly, read";
  let description = [{
    For each value head g of a row, with the key head h = g / (G / H), or g mod H where heads are `tiled`, in the order of the rows:

        k' = k[h] / sqrt(sum k[h]^2 + eps)        q' = q[h] / sqrt(sum q[h]^2 + eps) / sqrt(keys)
        decay = exp(rate[g] * softplus(a[g] + shift[g]))        beta = 1 / (1 + exp(-b[g]))
        S[g] = decay * S[g]
        S[g] = S[g] + k' (beta * (v[g] - S[g]' k'))'
        y[g] = S[g]' q'

    softplus(x) = log(1 + exp(x)). With `log_rates`, `rates` are given as the logarithm of what they lack the sign of:
    rate[g] = -exp(rates[g]).

    * (C1) `v` has G heads of the state's `values`, `a` and `b` a channel for each.
    * (C2) `q` and `k` have H heads of the state's `keys`, with G a whole multiple of H.
    * (C3) `rates` and `shifts` have a value for each of G heads.
    * (C4) `eps` is positive and finite.
    * (C5) `layer` is not negative.

    Source: Yang et al., 2024; the reference's torch_recurrent_gated_delta_rule (config keys `linear_*`).
  }];
  let arguments = (ins Llm_Rows:$rows, Llm_State:$state, Llm_Activation:$q, Llm_Activation:$k, Llm_Activation:$v, Llm_Activation:$a,
                       Llm_Activation:$b, Llm_Row:$rates, Llm_Row:$shifts, I64Attr:$layer, F32Attr:$eps, UnitAttr:$log_rates, UnitAttr:$tiled);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = [{
    $rows `,` $state `layer` $layer `,` $q `,` $k `,` $v `decay` $a `,` $rates `,` $shifts `beta` $b `eps` $eps
    (`log_rates` $log_rates^)? (`tiled` $tiled^)? attr-dict
    `:` type($rows) `,` type($state) `,` type($q) `,` type($k) `,` type($v) `,` type($a) `,` type($rates) `,` type($shifts)
  }];
  let hasVerifier = 1;
}

#endif // OSSCC_DIALECTS_LLM_LLMRECURRENCE_TD
