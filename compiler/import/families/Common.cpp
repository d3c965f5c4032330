#include "compiler/import/families/Common.h"

#include "compiler/import/json/TokenIds.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;

namespace osscc {

/// The classes of the reference whose weights are this model's. Those without a head of words save
/// the same layers, most of them with a head that judges texts.
void checkArchitecture(JsonFields &config, StringRef prefix, StringRef ending) {
  if (!config.has("architectures"))
    return;
  const json::Value &value = *config.fields().get("architectures");
  const json::Array *names = value.getAsArray();
  std::string words = (prefix + ending).str();
  // The first converters spelled it LLaMA.
  auto has = [&](StringRef name) {
    return any_of(*names, [&](const json::Value &value) {
      return value.getAsString() && value.getAsString()->equals_insensitive(name);
    });
  };
  if (names && (names->empty() || has(words)))
    return;
  for (StringRef judge : {"Model", "ForSequenceClassification", "ForTokenClassification",
                          "ForQuestionAnswering", "ForCausalLMWithValueHead"})
    if (std::string other = (prefix + judge).str(); names && has(other))
      return config.note("architectures", other + " is compiled as " + words);
  config.fail("architectures", (names ? describe(names->front()) : describe(value)) +
                                   " is not supported, expected " + describe(words));
}

AttentionSpec readHeads(JsonFields &config, int64_t hidden, std::optional<int64_t> kvHeads,
                        std::optional<int64_t> headSize) {
  AttentionSpec spec;
  spec.heads = config.integer("num_attention_heads", 1, kMostHeads);
  // The reference's default stands for an absent field; null always means as many as heads.
  bool absent = !config.fields().get("num_key_value_heads");
  spec.kvHeads = config.integer("num_key_value_heads", 1, kMostHeads,
                                absent ? kvHeads.value_or(spec.heads) : spec.heads);
  spec.headSize =
      config.integer("head_dim", 1, kMostHeadSize, headSize.value_or(hidden / spec.heads));
  if (!config.has("head_dim") && !headSize && hidden % spec.heads != 0)
    config.fail("hidden_size", Twine(hidden) + " is not a whole multiple of num_attention_heads " +
                                   Twine(spec.heads) + ", and there is no head_dim");
  if (spec.headSize < 2 || spec.headSize % 2 != 0)
    config.fail("head_dim",
                Twine(spec.headSize) + " is not even, but rope turns pairs of channels");
  if (spec.heads % spec.kvHeads != 0)
    config.fail("num_key_value_heads",
                Twine(spec.kvHeads) + " does not divide num_attention_heads " + Twine(spec.heads));
  if (spec.heads * spec.headSize > kMostChannels)
    config.fail("head_dim", Twine(spec.headSize) + " times num_attention_heads " +
                                Twine(spec.heads) + " is above " + Twine(kMostChannels));
  spec.scale = 1 / std::sqrt(static_cast<double>(spec.headSize));
  return spec;
}

void checkChosen(JsonFields &config, int64_t chosen, int64_t experts) {
  if (chosen > experts)
    config.fail("num_experts_per_tok", Twine(chosen) + " experts are chosen of " + Twine(experts));
}

std::string layerPrefix(int64_t index) {
  return "model.layers." + std::to_string(index) + ".";
}

int64_t readGuessingLayers(JsonFields &config) {
  return config.integer("num_nextn_predict_layers", 0, kMostLayers, 0);
}

void spareGuessingLayers(ModelSpec &spec, int64_t guessing) {
  auto layers = static_cast<int64_t>(spec.layers.size());
  for (int64_t index = 0; index < guessing; ++index)
    spec.leftOut.push_back({layerPrefix(layers + index), ModelSpec::kOtherHead});
  spec.leftOut.push_back({"mtp.", ModelSpec::kOtherHead});
}

void readTokens(JsonFields &config, ModelSpec &spec) {
  spec.endTokens = readTokenIds(config, "eos_token_id", spec.vocabulary);
  if (auto begin = readTokenIds(config, "bos_token_id", spec.vocabulary); !begin.empty())
    spec.beginToken = begin.front();
  skipTokenId(config, "pad_token_id");
}

} // namespace osscc
