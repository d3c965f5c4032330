// The llm dialect: what does the model compute? Tensors of rows by channels, no layout, no machine.
//
// A module holds one func.func a segment, in the order in which the runtime walks them:
//
//   func.func @embed(%rows: !llm.rows) -> tensor<?x576xf32>
//   func.func @layer_0(%rows: !llm.rows, %cache: !llm.cache<0, heads = 3, size = 64>, %x: tensor<?x576xf32>)
//       -> tensor<?x576xf32>
//   ...
//   func.func @head(%rows: !llm.rows, %x: tensor<?x576xf32>) -> tensor<?x49152xf32>
//
// What a segment hands on to the next comes back as its results, by position: the hidden rows, then each of the values that the
// model carries beside them, where `llm.config` has `carried`:
//
//   func.func @layer_0(%rows: !llm.rows, %cache: ..., %x: tensor<?x576xf32>, %c: tensor<?x48xf32>)
//       -> (tensor<?x576xf32>, tensor<?x48xf32>)
//
// Each has the attribute `llm.segment = "embed" | "layer" | "head"`, the module has `llm.config = #llm.config<...>`, and
// weights are `pack.weight` symbols read by `pack.get`. Only rows and weights are tensors: the cache is a handle.

#ifndef OSSCC_DIALECTS_LLM_LLMDIALECT_TD
#define OSSCC_DIALECTS_LLM_LLMDIALECT_TD

include "dialects/llm/LlmBase.td"

//===- Types -------------------------------------------------------------------------------------------------------===//

def Llm_Rows : TypeDef<Llm_Dialect, "Rows"> {
  let mnemonic = "rows";
  let summary = "The rows of one call: the token, position and sequence of each";
}

def Llm_Cache : TypeDef<Llm_Dialect, "Cache"> {
  let mnemonic = "cache";
  let summary = "The keys and values of the past, of one group of layers";
  let description = [{
    `group` numbers the cache groups of the model, `heads` are its key-value heads, `size` is the width of a head. Where `window` is
    given, the group's layers see so many positions back, and what lies further back is not kept.

    Where `values` is given, the cache is one of latents: of each position and head one row of `size` channels is kept, which is the key, and
    its first `values` channels are the value. Source: DeepSeek-AI, 2024 (multi-head latent attention).
  }];
  let parameters = (ins "int64_t":$group, "int64_t":$heads, "int64_t":$size,
                        DefaultValuedParameter<"int64_t", "0">:$window, DefaultValuedParameter<"int64_t", "0">:$values);
  let assemblyFormat = "`<` $group `,` struct($heads, $size, $window, $values) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool isLatent() const { return getValues() != 0; }
    /// Channels of a head's value.
    int64_t valueSize() const { return isLatent() ? getValues() : getSize(); }
    /// Channels of a head's key that come as `k`: those of latents that are no value.
    int64_t keySize() const { return getSize() - getValues(); }
  }];
}

//===- Attributes --------------------------------------------------------------------------------------------------===//

def Llm_ConfigAttr : AttrDef<Llm_Dialect, "Config"> {
  let mnemonic = "config";
  let summary = "What holds for the whole model";
  let description = [{
    `layers` counts layer segments, `hidden` is D, `vocabulary` V, `positions` the length of the longest sequence and `max_rows` the rows
    of one call at most. `carried` are the channels of each value that segments hand on beside the hidden rows.
  }];
  let parameters = (ins "::mlir::StringAttr":$family, "int64_t":$layers, "int64_t":$hidden, "int64_t":$vocabulary,
                        "int64_t":$positions, "int64_t":$max_rows, OptionalParameter<"::mlir::DenseI64ArrayAttr">:$carried);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The channels of all that a segment hands on, the hidden rows first.
    ::llvm::SmallVector<int64_t> handedOn() const;
  }];
}

def Llm_MaskAttr : AttrDef<Llm_Dialect, "Mask"> {
  let mnemonic = "mask";
  let summary = "Which positions up to its own a row sees";
  let description = [{
    With `window` a row at position p sees the positions from p - window + 1 to p, `window` of them with its own. Where it is
    `chunked`, positions are chunks of `window`, and a row sees those of its own chunk: from p - p mod window to p.
    Source: Beltagy et al., 2020; config keys `sliding_window`, `attention_chunk_size`.
  }];
  let parameters = (ins "int64_t":$window, DefaultValuedParameter<"bool", "false">:$chunked);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Llm_TemperatureAttr : AttrDef<Llm_Dialect, "Temperature"> {
  let mnemonic = "temperature";
  let summary = "How scores grow with the position of the row that looks";
  let description = [{
    The scores of a row at position p are multiplied by 1 + scale * log(1 + floor((p + offset) / step)), which is 1 before the first
    step. `step` is positive, `offset` not negative, nor is `scale`, which is finite.
    Source: Nakanishi, 2025; config keys `floor_scale`, `attn_scale`, `llama_4_scaling_beta`.
  }];
  let parameters = (ins "int64_t":$step, "::mlir::FloatAttr":$scale, DefaultValuedParameter<"int64_t", "0">:$offset);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Llm_RopeScalingAttr : AttrDef<Llm_Dialect, "RopeScaling"> {
  let mnemonic = "rope_scaling";
  let summary = "How frequencies are lowered for contexts longer than the trained one";
  let description = [{
    `linear` divides every frequency by `factor`. `llama3` divides those whose wave is longer than `original / low` positions,
    keeps those whose wave is shorter than `original / high`, and goes from one to the other in between. `yarn` keeps the
    frequencies of which the number i is up to `low`, divides those from `high` on, and goes from one to the other in between:
    of frequency i it divides the share (i - low) / (high - low). `proportional` divides the frequencies below number `low` by
    `factor` and makes 0 of the others, whose pairs do not turn. `divisors` divides frequency i by the i-th of its numbers.
    Source: config key `rope_scaling` (`factor`, `low_freq_factor`, `high_freq_factor`, `original_max_position_embeddings`,
    `beta_fast`, `beta_slow`, `partial_rotary_factor`); Peng et al., 2023 (YaRN); GGUF tensor `rope_freqs.weight`.
  }];
  let parameters = (ins "::mlir::StringAttr":$kind, OptionalParameter<"::mlir::FloatAttr">:$factor,
                        OptionalParameter<"::mlir::FloatAttr">:$low, OptionalParameter<"::mlir::FloatAttr">:$high,
                        OptionalParameter<"::mlir::FloatAttr">:$original,
                        OptionalParameter<"::mlir::DenseF32ArrayAttr">:$divisors);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Llm_RopeAttr : AttrDef<Llm_Dialect, "Rope"> {
  let mnemonic = "rope";
  let summary = "How a position rotates a head";
  let description = [{
    Pairs `(x[i], x[i + dims/2])` of each head turn by `position * theta^(-2 i / dims)`. Angles are `f32(position) *
    f32(inverse frequency)` rounded to f32, as the reference does. Where `factor` is given, cosine and sine are multiplied by
    it: rotated heads grow, and scores by its square. Pairs that stay do not.

    Where `turned` is given, only the pairs i < turned/2 turn, by `position * theta^(-2 i / turned)`; the others stay. Weights have the
    rows of the turned channels where these pairs lie.
    Source: Su et al., 2021; config keys `rope_theta`, `attention_factor`, `partial_rotary_factor`.
  }];
  let parameters = (ins "int64_t":$dims, "::mlir::FloatAttr":$theta,
                        OptionalParameter<"::osscc::llm::RopeScalingAttr">:$scaling,
                        OptionalParameter<"::mlir::FloatAttr">:$factor, DefaultValuedParameter<"int64_t", "0">:$turned);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Channels of a head that turn.
    int64_t turnedDims() const { return getTurned() != 0 ? getTurned() : getDims(); }
    /// The dims/2 inverse frequencies, in radians a position, scaled; computed in f64, rounded once to f32. Pairs that stay have 0.
    ::llvm::SmallVector<float> inverseFrequencies() const;
    /// What cosine and sine are multiplied by, rounded to f32; 1 where nothing is said.
    float turnFactor() const;
  }];
}

def Llm_ActivationKind : I32EnumAttr<"ActivationKind", "how one half of an MLP gates the other", [
    I32EnumAttrCase<"Silu", 0, "silu">,
    I32EnumAttrCase<"SwigluOai", 1, "swiglu_oai">,
    I32EnumAttrCase<"GeluTanh", 2, "gelu_tanh">,
    I32EnumAttrCase<"Gelu", 3, "gelu">,
    I32EnumAttrCase<"Relu2", 4, "relu2">]> {
  let cppNamespace = "::osscc::llm";
  let genSpecializedAttr = 0;
}

def Llm_ActivationAttr : AttrDef<Llm_Dialect, "Activation"> {
  let mnemonic = "activation";
  let summary = "What an MLP makes of its gate and its up projection";
  let description = [{
    With s(x) = 1 / (1 + exp(-x)):

        silu         gate * s(gate) * up
        swiglu_oai   g * s(alpha * g) * (u + 1), where g = min(gate, limit) and u = max(-limit, min(up, limit))
        gelu         gate * (1 + erf(gate / sqrt(2))) / 2 * up
        gelu_tanh    gate * (1 + tanh(sqrt(2 / pi) * (gate + 0.044715 * gate^3))) / 2 * up
        relu2        max(gate, 0)^2 * up

    `alpha` and `limit` belong to `swiglu_oai` alone; `limit` is positive, both are finite.
    Source: Shazeer, 2020; Hendrycks and Gimpel, 2016 (gelu); So et al., 2021 (relu2); config keys `hidden_act`,
    `swiglu_alpha` and `swiglu_limit`.
  }];
  let parameters = (ins EnumParameter<Llm_ActivationKind>:$kind, OptionalParameter<"::mlir::FloatAttr">:$alpha,
                        OptionalParameter<"::mlir::FloatAttr">:$limit);
  let assemblyFormat = "`<` $kind (`,` struct($alpha, $limit)^)? `>`";
  let genVerifyDecl = 1;
}

def Llm_RoutingKind : I32EnumAttr<"RoutingKind", "what the chosen experts weigh", [
    I32EnumAttrCase<"SoftmaxOfChosen", 0, "softmax_of_chosen">, // they add up to 1
    I32EnumAttrCase<"Softmax", 1, "softmax">,                   // all experts do
    I32EnumAttrCase<"Sigmoid", 2, "sigmoid">,                   // each by itself
    I32EnumAttrCase<"SigmoidOfChosen", 3, "sigmoid_of_chosen">]> { // likewise, scaled to a sum of 1
  let cppNamespace = "::osscc::llm";
  let genSpecializedAttr = 0;
}

def Llm_RoutingAttr : AttrDef<Llm_Dialect, "Routing"> {
  let mnemonic = "routing";
  let summary = "How the logits of a router become weights of experts";
  let description = [{
    `softmax_of_chosen` is the softmax over the chosen experts, which is that over all experts scaled to a sum of 1. `softmax`
    is that over all experts as it is. `sigmoid` is 1 / (1 + exp(-logit)) of each, `sigmoid_of_chosen` that over the sum of the
    chosen's + 1e-20. All are multiplied by `scale`.

    With `groups` the experts are so many groups of neighbours, of which the `kept` best take part in the choice. A group is as good as
    the sum of what its `best` best experts are chosen by.
    Source: DeepSeek-AI, 2024 (groups); config keys `norm_topk_prob`, `scoring_func`, `n_group`, `topk_group`, `routed_scaling_factor`.
  }];
  let parameters = (ins EnumParameter<Llm_RoutingKind>:$kind, DefaultValuedParameter<"int64_t", "1">:$groups,
                        DefaultValuedParameter<"int64_t", "1">:$kept, DefaultValuedParameter<"int64_t", "1">:$best,
                        OptionalParameter<"::mlir::FloatAttr">:$scale);
  let assemblyFormat = "`<` $kind (`,` struct($groups, $kept, $best, $scale)^)? `>`";
  let genVerifyDecl = 1;
  let builders = [AttrBuilder<(ins "::osscc::llm::RoutingKind":$kind), [{
    return $_get($_ctxt, kind, 1, 1, 1, ::mlir::FloatAttr());
  }]>];
  let extraClassDeclaration = [{
    bool isSigmoid() const {
      return getKind() == RoutingKind::Sigmoid || getKind() == RoutingKind::SigmoidOfChosen;
    }
    /// What weights are multiplied by, rounded to f32.
    float factor() const;
  }];
}

#endif // OSSCC_DIALECTS_LLM_LLMDIALECT_TD
