// The ops of the llm dialect. Letters: T rows of this call, D hidden, H query heads, K key-value heads, d head size,
// F MLP width, V vocabulary, E experts. Rules are numbered (C1), (C2)...; verifiers and test/dialects/llm/invalid.mlir cite them.

#ifndef OSSCC_DIALECTS_LLM_LLMOPS_TD
#define OSSCC_DIALECTS_LLM_LLMOPS_TD

include "dialects/llm/LlmOperands.td"

def Llm_EmbedOp : Llm_Op<"embed", [Pure]> {
  let summary = "Look up the table's row of every token, or of every position";
  let description = [{
    y[t, c] = table[token(t), c]; with `of_positions`, table[position(t), c].

    * (C1) `table` has as many channels as `y`.

    Source: Gehring et al., 2017 (positions); tensor `wpe` of GPT-2.
  }];
  let arguments = (ins Llm_Rows:$rows, Llm_Matrix:$table, UnitAttr:$of_positions);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$rows `,` $table attr-dict `:` type($rows) `,` type($table) `->` type($y)";
  let hasVerifier = 1;
}

def Llm_LinearOp : Llm_Op<"linear", [Pure]> {
  let summary = "Multiply every row by a weight matrix, then add a bias";
  let description = [{
    y[t, n] = sum_k x[t, k] * weight[n, k] + bias[n], where there is a bias

    The sum is one f32 accumulator in rising k, whatever the weight's storage (docs/design/numerics.md); the bias is added
    to it last.

    With `groups` G the weight is a stack of G matrices, and the channels of a row are G groups, such as heads, each of which is multiplied
    by its own: y[t, g * N + n] = sum_k x[t, g * K + k] * weight[g, n, k].

    * (C1) `weight` reads as many channels as `x` has, or as a group of it has.
    * (C2) `weight` has a row for each channel of `y`, or of a group of it.
    * (C3) `bias` has one element for each channel of `y`.
    * (C4) `weight` has a matrix for each of several `groups`, which have no `bias`.
  }];
  let arguments = (ins Llm_Activation:$x, Llm_Matrix:$weight, Optional<Llm_Row>:$bias,
                       DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = [{
    $x `,` $weight (`bias` $bias^)? (`groups` $groups^)? attr-dict `:` type($x) `,` type($weight) (`,` type($bias)^)?
    `->` type($y)
  }];
  let builders = [OpBuilder<(ins "::mlir::Type":$y, "::mlir::Value":$x, "::mlir::Value":$weight), [{
    build($_builder, $_state, y, x, weight, ::mlir::Value());
  }]>, OpBuilder<(ins "::mlir::Type":$y, "::mlir::Value":$x, "::mlir::Value":$weight, "::mlir::Value":$bias), [{
    build($_builder, $_state, y, x, weight, bias, 1);
  }]>];
  let hasVerifier = 1;
}

def Llm_RmsNormOp : Llm_Op<"rms_norm", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "Divide every row by its root mean square, then scale it";
  let description = [{
    y[t, c] = x[t, c] / sqrt(mean_c(x[t, c]^2) + eps) * (offset + scale[c])

    With groups of `size` channels, such as heads, the mean is that of each group, and all of them share one scale. Without a
    `scale` the quotient is the result.

    * (C1) `scale` has one element for each channel of a group; without groups, of `x`.
    * (C2) `eps` is positive and finite: a row of zeros must stay finite.
    * (C3) the channels of `x` are a whole number of groups.
    * (C4) `offset` is finite, and 0 without a `scale`.

    Source: Zhang and Sennrich, 2019, equation 4; config key `rms_norm_eps`.
  }];
  let arguments = (ins Llm_Activation:$x, Optional<Llm_Row>:$scale, F32Attr:$eps, DefaultValuedAttr<I64Attr, "0">:$size,
                       DefaultValuedAttr<F32Attr, "0.0">:$offset);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = [{
    $x (`,` $scale^)? `eps` $eps (`groups` `of` $size^)? (`offset` $offset^)? attr-dict `:` type($x) (`,` type($scale)^)?
  }];
  let extraClassDeclaration = [{
    /// Channels of a group: of the whole row, where nothing is said.
    int64_t groupChannels() {
      return getSize() != 0 ? static_cast<int64_t>(getSize()) : getX().getType().getDimSize(1);
    }
  }];
  let hasVerifier = 1;
}

def Llm_LayerNormOp : Llm_Op<"layer_norm", [Pure, AttrSizedOperandSegments, AllTypesMatch<["x", "y"]>]> {
  let summary = "Subtract its mean from every row, divide by its standard deviation, then scale and shift it";
  let description = [{
    y[t, c] = (x[t, c] - mean) / sqrt(variance + eps) * (offset + scale[c]) + bias[c], where mean = mean_c(x[t, c]) and variance =
    mean_c((x[t, c] - mean)^2)

    With groups of `size` channels, such as heads, mean and variance are those of each group, and all of them share one scale and one
    bias. Without a `scale` its factor is 1, without a `bias` nothing is added.

    * (C1) `scale` and `bias` have one element for each channel of a group; without groups, of `x`.
    * (C2) `eps` is positive and finite: a row of equal values must stay finite.
    * (C3) the channels of `x` are a whole number of groups.
    * (C4) `offset` is finite, and 0 without a `scale`.

    Source: Ba et al., 2016; config keys `layer_norm_epsilon`, `layer_norm_eps`.
  }];
  let arguments = (ins Llm_Activation:$x, Optional<Llm_Row>:$scale, Optional<Llm_Row>:$bias, F32Attr:$eps,
                       DefaultValuedAttr<I64Attr, "0">:$size, DefaultValuedAttr<F32Attr, "0.0">:$offset);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = [{
    $x (`,` $scale^)? (`bias` $bias^)? `eps` $eps (`groups` `of` $size^)? (`offset` $offset^)? attr-dict `:` type($x)
    (`,` type($scale)^)? (`bias` type($bias)^)?
  }];
  let extraClassDeclaration = [{
    /// Channels of a group: of the whole row, where nothing is said.
    int64_t groupChannels() {
      return getSize() != 0 ? static_cast<int64_t>(getSize()) : getX().getType().getDimSize(1);
    }
  }];
  let hasVerifier = 1;
}

def Llm_RopeOp : Llm_Op<"rope", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "Rotate pairs of channels of every head by the row's position";
  let description = [{
    For every head of `dims` channels, with i < dims/2, a = x[i], b = x[i + dims/2] and the angle of `#llm.rope`:
    y[i] = a cos - b sin, y[i + dims/2] = b cos + a sin, with cos and sin times the factor of `#llm.rope`, where it has one.

    * (C1) the channels of `x` are a whole number of heads of `dims`.
    * (C2) `dims` is positive and even, `theta` is finite and above 1.
  }];
  let arguments = (ins Llm_Rows:$rows, Llm_Activation:$x, Llm_RopeAttr:$rope);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$rows `,` $x `by` $rope attr-dict `:` type($rows) `,` type($x)";
  let hasVerifier = 1;
}

def Llm_KvAppendOp : Llm_Op<"kv_append", [MemoryEffects<[MemWrite]>]> {
  let summary = "Write the rows' keys and values into the cache";
  let description = [{
    cache[layer, sequence(t), position(t)] = (k[t], v[t]). Of each head of a cache of latents `v` are the first channels, which are the
    value, and `k` the others.

    * (C1) `k` and `v` have heads * size channels of the cache; of latents those of `k` and of the values.
    * (C2) `layer` is not negative.
  }];
  let arguments = (ins Llm_Rows:$rows, Llm_Cache:$cache, Llm_Activation:$k, Llm_Activation:$v, I64Attr:$layer);
  let assemblyFormat = [{
    $rows `,` $cache `layer` $layer `,` $k `,` $v attr-dict `:` type($rows) `,` type($cache) `,` type($k) `,` type($v)
  }];
  let hasVerifier = 1;
}

def Llm_AttentionOp : Llm_Op<"attention", [MemoryEffects<[MemRead]>, AttrSizedOperandSegments, AllTypesMatch<["q", "y"]>]> {
  let summary = "Grouped-query causal attention over the cache";
  let description = [{
    y[t, h] = sum_s softmax_s(scale * q[t, h] . k[s, h / (H / K)]) * v[s, h / (H / K)], over the positions s <= position(t)
    of the row's own sequence that `mask` lets it see. Softmax in f32, in blocks aligned to the absolute position
    (docs/design/numerics.md).

    With `sinks` head h has one more score, sinks[h], which is not scaled and weighs nothing: it takes its share of the softmax
    and gives no value, so that a head may look at nothing.

    With `softcap` a score s is softcap * tanh(s / softcap) before the softmax: none is larger. A sink is not.

    With `temperature` scores, not sinks, are multiplied by what it says of the row's position, before the soft cap.

    Over a cache of latents `q` are the channels of each query head that meet the value, and `rest` are the others:
    the score is q[t, h] . value[s] + rest[t, h] . (the other channels of key s).

    * (C1) the channels of `q` are H * size, with H a whole multiple of the cache's heads; over latents H * values.
    * (C2) `scale` is positive and finite.
    * (C3) `layer` is not negative.
    * (C4) over a cache with a window, `mask` has a window that is no longer.
    * (C5) `sinks` has one value for each query head.
    * (C6) over latents there is a `rest`, of H * (size - values) channels; else there is none.
    * (C7) `softcap` is positive and finite.

    Source: Vaswani et al., 2017; Ainslie et al., 2023 (grouped queries); Xiao et al., 2023 (sinks); DeepSeek-AI, 2024 (latents);
    Gemma Team, 2024 (soft caps; config key `attn_logit_softcapping`).
  }];
  let arguments = (ins Llm_Rows:$rows, Llm_Cache:$cache, Llm_Activation:$q, Optional<Llm_Activation>:$rest, Optional<Llm_Row>:$sinks,
                       I64Attr:$layer, F32Attr:$scale, OptionalAttr<Llm_MaskAttr>:$mask, OptionalAttr<F32Attr>:$softcap,
                       OptionalAttr<Llm_TemperatureAttr>:$temperature);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = [{
    $rows `,` $cache `layer` $layer `,` $q (`rest` $rest^)? `scale` $scale (`temperature` $temperature^)? (`softcap` $softcap^)?
    (`mask` $mask^)? (`sinks` $sinks^)? attr-dict `:` type($rows) `,` type($cache) `,` type($q) (`rest` type($rest)^)? (`,` type($sinks)^)?
  }];
  let hasVerifier = 1;
}

def Llm_GluOp : Llm_Op<"glu", [Pure]> {
  let summary = "Gate one half of an MLP by the activation of the other";
  let description = [{
    y[t, c] = activation(gate[t, c], up[t, c]); with one operand of 2 F channels, gate is its first half and up its second.

    * (C1) with two operands, `gate`, `up` and `y` have the same channels.
    * (C2) with one operand, `gate` has twice the channels of `y`.
  }];
  let arguments = (ins Llm_ActivationAttr:$activation, Llm_Activation:$gate, Optional<Llm_Activation>:$up);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$activation $gate (`,` $up^)? attr-dict `:` type($gate) (`,` type($up)^)? `->` type($y)";
  let hasVerifier = 1;
}

def Llm_ActivateOp : Llm_Op<"activate", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "The activation of an MLP that has no gate";
  let description = [{
    y[t, c] = activation(x[t, c], 1)

    * (C1) the activation is not `swiglu_oai`, which changes its second operand.
  }];
  let arguments = (ins Llm_ActivationAttr:$activation, Llm_Activation:$x);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$activation $x attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Llm_GateOp : Llm_Op<"gate", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "Weigh rows, or each of their channels, by a sigmoid";
  let description = [{
    y[t, c] = x[t, c] / (1 + exp(-gate[t, c])); with a gate of one channel, that channel serves the row.

    * (C1) `gate` has one channel or those of `x`.

    Source: the reference's Qwen2MoeSparseMoeBlock (`shared_expert_gate`).
  }];
  let arguments = (ins Llm_Activation:$x, Llm_Activation:$gate);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$x `by` $gate attr-dict `:` type($x) `,` type($gate)";
  let hasVerifier = 1;
}

def Llm_ScaleOp : Llm_Op<"scale", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "Multiply rows by a constant";
  let description = [{
    y[t, c] = x[t, c] * factor

    * (C1) `factor` is finite.

    Source: config keys such as `embedding_multiplier`, `residual_multiplier` and `logits_scaling`.
  }];
  let arguments = (ins Llm_Activation:$x, F32Attr:$factor);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$x `by` $factor attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Llm_AddOp : Llm_Op<"add", [Pure, Commutative, SameOperandsAndResultType]> {
  let summary = "Add two blocks of rows (a residual sum)";
  let arguments = (ins Llm_Activation:$a, Llm_Activation:$b);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($y)";
}

def Llm_ConcatOp : Llm_Op<"concat", [Pure]> {
  let summary = "Join weights row after row: matrices, or rows of one value a channel";
  let description = [{
    Absorbed by `pack-fold-recipes`: the joined weight is stored, no copy happens at run time.

    * (C1) all operands have the result's rank, channels (of matrices) and element type.
    * (C2) the operands' rows (of matrices; values else) add up to the result's.
  }];
  let arguments = (ins Variadic<Llm_Matrix>:$parts);
  let results = (outs Llm_Matrix:$whole);
  let assemblyFormat = "$parts attr-dict `:` type($parts) `->` type($whole)";
  let hasVerifier = 1;
}

def Llm_SplitOp : Llm_Op<"split", [Pure]> {
  let summary = "Cut rows into ranges of channels";
  let description = [{
    * (C1) the results' channels add up to those of `x`.
  }];
  let arguments = (ins Llm_Activation:$x);
  let results = (outs Variadic<Llm_Activation>:$parts);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($parts)";
  let hasVerifier = 1;
}

def Llm_OutputRowsOp : Llm_Op<"output_rows", [Pure]> {
  let summary = "Keep the rows whose output the call wants";
  let description = [{
    * (C1) `x` and `y` have the same channels.
  }];
  let arguments = (ins Llm_Rows:$rows, Llm_Activation:$x);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$rows `,` $x attr-dict `:` type($rows) `,` type($x) `->` type($y)";
  let hasVerifier = 1;
}

def Llm_LogitsOp : Llm_Op<"logits", [Pure]> {
  let summary = "Score every token of the vocabulary";
  let description = [{
    y[t, v] = sum_k x[t, k] * head[v, k], summed as in `linear`. Where the head is tied it is the embedding's table.

    * (C1) `head` reads as many channels as `x` has.
    * (C2) `head` has a row for each channel of `y`.
  }];
  let arguments = (ins Llm_Activation:$x, Llm_Matrix:$head);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$x `,` $head attr-dict `:` type($x) `,` type($head) `->` type($y)";
  let hasVerifier = 1;
}

def Llm_MultiplyOp : Llm_Op<"multiply", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "Multiply rows by a weight: of each channel, or one for all";
  let description = [{
    y[t, c] = x[t, c] * weight[c]; with a weight of one value, y[t, c] = x[t, c] * weight[0].

    * (C1) `weight` has one value, or one for each channel of `x`.

    Source: the reference's Gemma4TextDecoderLayer (`layer_scalar`).
  }];
  let arguments = (ins Llm_Activation:$x, Llm_Row:$weight);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$x `,` $weight attr-dict `:` type($x) `,` type($weight)";
  let hasVerifier = 1;
}

def Llm_SoftcapOp : Llm_Op<"softcap", [Pure, AllTypesMatch<["x", "y"]>]> {
  let summary = "Bound values smoothly";
  let description = [{
    y[t, c] = cap * tanh(x[t, c] / cap): near 0 as it was, nowhere above `cap`.

    * (C1) `cap` is positive and finite.

    Source: Gemma Team, 2024; config key `final_logit_softcapping`.
  }];
  let arguments = (ins Llm_Activation:$x, F32Attr:$cap);
  let results = (outs Llm_Activation:$y);
  let assemblyFormat = "$x `at` $cap attr-dict `:` type($x)";
  let hasVerifier = 1;
}

include "dialects/llm/LlmExperts.td"

#endif // OSSCC_DIALECTS_LLM_LLMOPS_TD
