// The fields of config.json that most families have, under one name and with one meaning.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// Upper bounds, far above any model: the bytes of every weight and of the longest cache fit 63
/// bits.
inline constexpr int64_t kMostLayers = 4096;
inline constexpr int64_t kMostHeads = 65536, kMostHeadSize = 65536;
inline constexpr int64_t kMostChannels = 1 << 20, kMostTokens = 1 << 24;

/// Holds `architectures` to the classes of the reference whose weights are this model's: prefix +
/// "ForCausalLM". Those without a head of words save the same layers, most of them with a head that
/// judges texts.
/// \param ending  of the class that gives words.
void checkArchitecture(JsonFields &config, llvm::StringRef prefix,
                       llvm::StringRef ending = "ForCausalLM");

/// Reads heads, key-value heads and the width of a head; the scale is 1 over its root.
/// \param kvHeads   where `num_key_value_heads` is absent; null: as many as heads.
/// \param headSize  where `head_dim` is absent; null: hidden / heads.
AttentionSpec readHeads(JsonFields &config, int64_t hidden,
                        std::optional<int64_t> kvHeads = std::nullopt,
                        std::optional<int64_t> headSize = std::nullopt);

/// Fails in `config` where a row would go through more experts than there are.
void checkChosen(JsonFields &config, int64_t chosen, int64_t experts);

/// What the names of a layer's tensors begin with: "model.layers.3.".
std::string layerPrefix(int64_t index);

/// Reads `num_nextn_predict_layers`: layers behind the model's own that guess further tokens.
int64_t readGuessingLayers(JsonFields &config);

/// Leaves so many layers behind the model's own out, and tensors of `mtp.`.
void spareGuessingLayers(ModelSpec &spec, int64_t guessing);

/// Reads the ids that begin and end texts.
void readTokens(JsonFields &config, ModelSpec &spec);

} // namespace osscc
