// The ops of models whose rows are several streams, of which each layer reads one and corrects all, of MLPs whose gates are sparse, and of
// those whose activation is learned.
// Letters as in LlmOps.td.

#ifndef OSSCC_DIALECTS_LLM_LLMSTREAMS_TD
#define OSSCC_DIALECTS_LLM_LLMSTREAMS_TD

include "dialects/llm/LlmOperands.td"

def Llm_MixOp : Llm_Op<"mix", [Pure]> {
  let summary = "Add up rows by weights of the row's own";
  let description = [{
    y[t, c] = sum_j weights[t, first + j] * parts[j][t, c]

    * (C1) all parts have the channels of `y`, and there is one.
    * (C2) `weights` have a channel for each part, from `first` on, which is not negative.

    Source: Baykal et al., 2023 (alternating updates); the reference's Gemma3nTextAltUp.
  }];
  let arguments = (ins Variadic<Llm_Activation>:$parts, Llm_Activation:$weights, I64Attr:$first);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$parts `by` $weights `from` $first attr-dict `:` type($parts) `by` type($weights) `->` type($y)";
  let hasVerifier = 1;
}

def Llm_MatchOp : Llm_Op<"match", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "Scale rows to the magnitude of others";
  let description = [{
    y[t, c] = x[t, c] * sqrt(mean_c(target[t, c]^2)) / sqrt(max(mean_c(x[t, c]^2), least))

    * (C1) `least` is positive and finite: a row of zeros must stay finite.

    Source: the reference's Gemma3nTextModel.
  }];
  let arguments = (ins Llm_Activation:$x, Llm_Activation:$target, F32Attr:$least);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$x `to` $target `least` $least attr-dict `:` type($x) `to` type($target)";
  let hasVerifier = 1;
}

def Llm_CutoffOp : Llm_Op<"cutoff", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "Keep what of a row lies so many deviations above its mean";
  let description = [{
    y[t, c] = max(x[t, c] - (mean + deviations * sqrt(mean_c((x[t, c] - mean)^2))), 0), where mean = mean_c(x[t, c])

    * (C1) `deviations` is finite.

    Source: the reference's Gemma3nTextMLP; config key `activation_sparsity_pattern`, of which it is the normal quantile.
  }];
  let arguments = (ins Llm_Activation:$x, F32Attr:$deviations);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$x `at` $deviations attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Llm_XieluOp : Llm_Op<"xielu", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "An activation that is learned: a parabola above 0, an exponential below";
  let description = [{
    With p = log(1 + exp(positive)), n = beta + log(1 + exp(negative)):

        y[t, c] = p * x^2 + beta * x                                where x > 0
        y[t, c] = n * (exp(min(x, eps)) - 1 - x) + beta * x         elsewhere

    * (C1) the weights have one value each.

    Source: Huang and Schlag, 2024; the reference's XIELUActivation.
  }];
  let arguments = (ins Llm_Activation:$x, Llm_Row:$positive, Llm_Row:$negative, Llm_Row:$beta, Llm_Row:$eps);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = [{
    $x `by` $positive `,` $negative `,` $beta `,` $eps attr-dict `:` type($x) `by` type($positive) `,` type($negative) `,` type($beta) `,`
    type($eps)
  }];
  let hasVerifier = 1;
}

#endif // OSSCC_DIALECTS_LLM_LLMSTREAMS_TD
