// What Llama and the families that descend from it share: RMS norms around attention and MLP,
// grouped-query attention with rope, a gated MLP, a head tied or not. They differ in biases, in
// norms, in how tensors are cut, in defaults, and in what they call themselves.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// What the norms of a layer are called; an empty one is not there.
struct NormNames {
  llvm::StringLiteral beforeAttention = "input_layernorm", afterAttention = "";
  llvm::StringLiteral beforeFeedForward = "post_attention_layernorm", afterFeedForward = "";
};

/// How queries and keys are normed.
enum class HeadNorms {
  None,
  EachHead, ///< Each by itself, all by one scale,
  OwnHeads, ///< or each by its own.
  AllHeads,
};

/// What sets a family of this shape apart.
struct LlamaShape {
  llvm::StringLiteral family;           ///< As the module and `inspect` name it.
  llvm::StringLiteral prefix;           ///< Of the names of its classes in `architectures`.
  int64_t positions;                    ///< The default of max_position_embeddings.
  std::optional<int64_t> kvHeads = {};  ///< The default of num_key_value_heads; absent: all heads.
  bool queryBias = false;               ///< q, k and v are biased,
  bool outputBias = false;              ///< the attention's output is,
  bool mlpBias = false;                 ///< gate, up and down are.
  std::optional<int64_t> headSize = {}; ///< The default of head_dim; absent: hidden / heads.
  double eps = 1e-6;                    ///< The default of `epsField`.
  double theta = 10000;                 ///< The default of rope_theta.
  std::optional<double> share = {};     ///< As RopeDefaults has it.
  bool grows = false;                   ///< As RopeDefaults has it.
  const llvm::json::Object *rope = nullptr; ///< That of rope_parameters, where it is not null.
  bool tied = false;                        ///< The default of tie_word_embeddings.
  NormNames norms{};
  llvm::StringLiteral epsField = "rms_norm_eps";
  bool normScales = true; ///< Norms of rows have scales.
  bool centered = false;  ///< Norms, of heads too, are layer norms,
  bool normBias = false;  ///< which are biased.
  double normOffset = 0;  ///< What is added to their scales.
  bool parallel = false;  ///< Attention and MLP read the same norm, and are added together.
  HeadNorms headNorms = HeadNorms::None;
  bool normsTurned = false; ///< q and k are normed behind the rope.
  llvm::StringLiteral queryNorm = "self_attn.q_norm", keyNorm = "self_attn.k_norm";
  ActivationKind activation = ActivationKind::Silu;
  bool learns = false; ///< The activation is "xielu", whose weights the caller names.
  bool gated = true;   ///< The MLP has a gate.
  llvm::StringLiteral up = "mlp.up_proj", down = "mlp.down_proj";
  bool pairs = false;      ///< The channels that rope turns together are neighbours.
  bool joinsHeads = false; ///< q, k and v are one tensor, `qkv_proj`.
  bool joinsGate = false;  ///< Gate and up are one tensor, `gate_up_proj`.
  bool hasRope = true;     ///< Else the caller reads the ropes, and gives each layer its own.
  bool hasMlp = true;      ///< The caller gives each layer its feed-forward otherwise.
};

/// Reads a config of this shape. Errors stay in `config`, among them one for every field that the
/// caller has not read, nor this function, and that would change the numbers.
ModelSpec readLlamaShape(JsonFields &config, const LlamaShape &shape);

} // namespace osscc
