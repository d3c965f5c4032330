// Fields of config.json that no key of a .gguf file has by itself: what several keys say together,
// what differs from layer to layer, what only tensors tell.
#pragma once

#include "compiler/import/checkpoint/gguf/Config.h"

namespace osscc {

/// What `expert_gating_func` says where each expert is weighed by itself.
inline constexpr double kSigmoidGating = 2;

/// Which layers have a window, and that none has without the key.
///
/// \errors  InputError for a pattern that names another number of layers than there are.
llvm::Error completeWindows(const GgufFile &file, GgufFields &config);

/// Experts as DeepSeek V3 chooses them: what is the family's default in config.json, but off where
/// a file says nothing of it. Layers that guess further tokens are not the model's.
///
/// \errors  InputError for another way of choosing.
llvm::Error completeGrouped(const GgufFile &file, GgufFields &config);

/// The same, and norms of heads where there are tensors of them.
llvm::Error completeGlm4Moe(const GgufFile &file, GgufFields &config);

/// Norms of heads where there are tensors of them.
llvm::Error completeHeadNorms(const GgufFile &file, GgufFields &config);

/// Leaves the width of what every row goes through to the tensors, which say it.
llvm::Error completeSharedWidth(const GgufFile &file, GgufFields &config);

/// The same, and that there are no leading layers without experts, nor shared experts, where a file
/// says nothing of them.
llvm::Error completeErnieExperts(const GgufFile &file, GgufFields &config);

/// Norms of heads, which no key tells: all models have them but the one of 128 experts, as
/// llama.cpp's reader knows it.
llvm::Error completeLlama4(const GgufFile &file, GgufFields &config);

/// That experts are chosen by sigmoids, which the family's config says of none.
///
/// \errors  InputError for another way of choosing.
llvm::Error completeMiniMax(const GgufFile &file, GgufFields &config);

/// As completeGrouped, and DeepSeek's parts of a head, from files with `attn_kv_b` or with its two
/// halves.
///
/// \errors  InputError for widths of which none is left.
llvm::Error completeDeepSeek(const GgufFile &file, GgufFields &config);

/// The width of a delta net's value heads, and that its rates are plain.
///
/// \errors  InputError for a width that is no whole number.
llvm::Error completeDeltaNets(const GgufFile &file, GgufFields &config);

/// The same, and that value heads of one key head are as many apart as there are key heads.
llvm::Error completeTiledDeltaNets(const GgufFile &file, GgufFields &config);

/// Gemma 3n's kinds of layers, widths of MLPs and shares of gates, and what its tensors' shapes
/// say.
///
/// \errors  InputError for lists of another length than there are layers, and for a tensor that is
///          missing.
llvm::Error completeGemma3n(const GgufFile &file, GgufFields &config);

/// Gemma 4's heads, MLPs and ropes of two kinds of layers.
///
/// \errors  InputError for lists of layers that the family cannot have, and for a tensor
///          `rope_freqs.weight` that does more than keep pairs from turning.
llvm::Error completeGemma4(const GgufFile &file, GgufFields &config);

} // namespace osscc
