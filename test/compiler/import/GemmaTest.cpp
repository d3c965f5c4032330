// config.json of Gemma 1, 2 and 3 and of VaultGemma: what each generation has, its defaults, what
// is refused, and configs that describe a model of images beside the model of text.
#include "compiler/import/Context.h"
#include "compiler/import/families/Families.h"
#include "test/compiler/import/TinyCheckpoint.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace osscc;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

using Fields = std::vector<std::pair<const char *, const char *>>;

const Fields kGemma = {{"model_type", "\"gemma\""},
                       {"architectures", R"(["GemmaForCausalLM"])"},
                       {"hidden_act", "\"gelu_pytorch_tanh\""}};
const Fields kGemma2 = {{"model_type", "\"gemma2\""},
                        {"architectures", R"(["Gemma2ForCausalLM"])"}};
const Fields kGemma3 = {{"model_type", "\"gemma3_text\""},
                        {"architectures", R"(["Gemma3ForCausalLM"])"},
                        {"rope_theta", "..."}};
const Fields kVaultGemma = {{"model_type", "\"vaultgemma\""},
                            {"architectures", R"(["VaultGemmaForCausalLM"])"}};

llvm::Expected<ModelSpec> readWith(const Fields &family, const Fields &fields = {}) {
  TinyCheckpoint tiny;
  for (const Fields &some : {family, fields})
    for (auto &[key, value] : some)
      tiny.set(key, value);
  tiny.write();
  return readModelSpec(tiny.path("config.json"));
}

ModelSpec specOf(const Fields &family, const Fields &fields = {}) {
  return llvm::cantFail(readWith(family, fields));
}

std::string errorOf(const Fields &family, const Fields &fields) {
  auto spec = readWith(family, fields);
  return spec ? "" : llvm::toString(spec.takeError());
}

std::vector<int64_t> windowsOf(const ModelSpec &spec) {
  std::vector<int64_t> windows;
  for (const LayerSpec &layer : spec.layers)
    windows.push_back(layer.attention.window ? layer.attention.window->positions : 0);
  return windows;
}

TEST(Gemma, StoresScalesLessOneAndScalesTheEmbedding) {
  ModelSpec spec = specOf(kGemma);
  EXPECT_EQ(spec.family, "gemma");
  EXPECT_DOUBLE_EQ(spec.embeddingScale, std::sqrt(8.0));
  EXPECT_TRUE(spec.roundsEmbeddingScale);
  EXPECT_EQ(spec.logitSoftcap, 0);
  const LayerSpec &layer = spec.layers[1];
  EXPECT_EQ(layer.beforeAttention->offset, 1);
  EXPECT_EQ(spec.finalNorm.offset, 1);
  EXPECT_EQ(layer.beforeFeedForward->scale->name, "model.layers.1.post_attention_layernorm.weight");
  EXPECT_FALSE(layer.afterAttention || layer.afterFeedForward || layer.attention.queryNorm);
  EXPECT_EQ(layer.attention.softcap, 0);
  EXPECT_DOUBLE_EQ(layer.attention.scale, 0.5);
  EXPECT_EQ(std::get<MlpSpec>(layer.feedForward).activation.kind, ActivationKind::GeluTanh);
  // Defaults: 16 key-value heads, heads of 256.
  EXPECT_THAT(errorOf(kGemma, {{"num_key_value_heads", "..."}}), HasSubstr("16 does not divide"));
  EXPECT_EQ(specOf(kGemma, {{"head_dim", "..."}}).layers[0].attention.headSize, 256);
  EXPECT_EQ(specOf(kGemma, {{"max_position_embeddings", "..."}}).positions, 8192);
}

TEST(Gemma, CallsTheApproximationGelu) {
  specOf(kGemma, {{"hidden_act", "\"gelu\""}});
  specOf(kGemma, {{"hidden_act", "..."}, {"hidden_activation", "\"gelu_pytorch_tanh\""}});
  EXPECT_THAT(
      errorOf(kGemma, {{"hidden_act", "\"silu\""}}),
      HasSubstr("hidden_act: error: \"silu\" is not supported, expected \"gelu_pytorch_tanh\""));
  EXPECT_THAT(errorOf(kGemma2, {{"hidden_activation", "\"gelu\""}}),
              HasSubstr("hidden_activation: error: \"gelu\" is not supported"));
}

TEST(Gemma2, HasCapsWindowsAndNormsBehind) {
  ModelSpec spec = specOf(kGemma2, {{"num_hidden_layers", "3"}, {"query_pre_attn_scalar", "16"}});
  EXPECT_THAT(windowsOf(spec), ElementsAre(4096, 0, 4096));
  EXPECT_EQ(spec.logitSoftcap, 30);
  const LayerSpec &layer = spec.layers[0];
  EXPECT_EQ(layer.attention.softcap, 50);
  EXPECT_DOUBLE_EQ(layer.attention.scale, 0.25);
  EXPECT_EQ(layer.afterAttention->scale->name, "model.layers.0.post_attention_layernorm.weight");
  EXPECT_EQ(layer.beforeFeedForward->scale->name,
            "model.layers.0.pre_feedforward_layernorm.weight");
  EXPECT_EQ(layer.afterFeedForward->scale->name,
            "model.layers.0.post_feedforward_layernorm.weight");
  EXPECT_EQ(layer.afterFeedForward->offset, 1);
  EXPECT_DOUBLE_EQ(specOf(kGemma2).layers[0].attention.scale, 1.0 / 16); // the default is 256
}

TEST(Gemma2, TakesNullForNoCapAndNoWindow) {
  ModelSpec spec = specOf(kGemma2, {{"attn_logit_softcapping", "null"},
                                    {"final_logit_softcapping", "null"},
                                    {"sliding_window", "null"}});
  EXPECT_THAT(windowsOf(spec), ElementsAre(0, 0));
  EXPECT_EQ(spec.logitSoftcap, 0);
  EXPECT_EQ(spec.layers[0].attention.softcap, 0);
  EXPECT_THAT(errorOf(kGemma2, {{"final_logit_softcapping", "-1"}}),
              HasSubstr("final_logit_softcapping: "));
}

TEST(Gemma3, HasTwoRopesAndNormsHeads) {
  ModelSpec spec = specOf(kGemma3, {{"num_hidden_layers", "7"},
                                    {"sliding_window", "16"},
                                    {"rope_scaling", R"({"rope_type": "linear", "factor": 8.0})"}});
  EXPECT_THAT(windowsOf(spec), ElementsAre(16, 16, 16, 16, 16, 0, 16));
  EXPECT_EQ(spec.layers[0].attention.rope->theta, 1e4);
  EXPECT_FALSE(spec.layers[0].attention.rope->scaling);
  EXPECT_EQ(spec.layers[5].attention.rope->theta, 1e6);
  EXPECT_EQ(spec.layers[5].attention.rope->scaling->factor, 8);
  EXPECT_EQ(spec.layers[0].attention.queryNorm->size, 4);
  EXPECT_EQ(spec.layers[0].attention.keyNorm->offset, 1);
  EXPECT_EQ(spec.logitSoftcap, 0);
  spec = specOf(kGemma3, {{"sliding_window_pattern", "2"}, {"rope_local_base_freq", "500"}});
  EXPECT_THAT(windowsOf(spec), ElementsAre(4096, 0));
  EXPECT_EQ(spec.layers[0].attention.rope->theta, 500);
}

TEST(Gemma3, ReadsRopesOfKindsOfLayers) {
  ModelSpec spec = specOf(kGemma3, {{"layer_types", R"(["full_attention", "sliding_attention"])"},
                                    {"rope_parameters", R"({
        "full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 5e5},
        "sliding_attention": {"rope_type": "default", "rope_theta": 2e4}})"}});
  EXPECT_EQ(spec.layers[0].attention.rope->theta, 5e5);
  EXPECT_EQ(spec.layers[0].attention.rope->scaling->factor, 4);
  EXPECT_EQ(spec.layers[1].attention.rope->theta, 2e4);
  EXPECT_FALSE(spec.layers[1].attention.rope->scaling);
  EXPECT_THAT(errorOf(kGemma3, {{"rope_parameters", R"({"full_attention": {}, "other": {}})"}}),
              HasSubstr("rope_parameters.other: error: is no kind of layer"));
  EXPECT_THAT(
      errorOf(kGemma3, {{"rope_parameters", R"({"full_attention": {"rope_type": "new"}})"}}),
      HasSubstr("full_attention.rope_type: error: \"new\" is not supported"));
}

TEST(Gemma3, RefusesWhatItDoesNotCompute) {
  EXPECT_THAT(errorOf(kGemma3, {{"attn_logit_softcapping", "50.0"}}),
              HasSubstr("attn_logit_softcapping: error: 50 is not supported"));
  EXPECT_THAT(errorOf(kGemma3, {{"use_bidirectional_attention", "true"}}),
              HasSubstr("use_bidirectional_attention: error: true is not supported"));
  EXPECT_THAT(errorOf(kGemma3, {{"layer_types", R"(["full_attention"])"}}),
              HasSubstr("layer_types: error: names 1 layers"));
}

TEST(VaultGemma, IsAGemma2WithoutNormsBehind) {
  ModelSpec spec = specOf(kVaultGemma);
  EXPECT_FALSE(spec.layers[0].afterAttention || spec.layers[0].afterFeedForward);
  EXPECT_EQ(spec.layers[0].beforeFeedForward->scale->name,
            "model.layers.0.pre_feedforward_layernorm.weight");
  EXPECT_EQ(spec.layers[0].attention.softcap, 50);
}

constexpr const char *kText = R"({"model_type": "gemma3_text", "vocab_size": 12, "hidden_size": 8,
  "intermediate_size": 6, "num_hidden_layers": 2, "num_attention_heads": 2,
  "num_key_value_heads": 1, "head_dim": 4, "sliding_window": 16})";
const Fields kNested = {
    {"model_type", "\"gemma3\""}, {"architectures", R"(["Gemma3ForConditionalGeneration"])"},
    {"text_config", kText},       {"vision_config", R"({"model_type": "siglip_vision_model"})"},
    {"eos_token_id", "[1, 6]"},   {"rope_theta", "..."},
    {"head_dim", "..."},          {"max_position_embeddings", "..."}};

TEST(Nested, TakesTheModelOfText) {
  ModelSpec spec = specOf(kNested);
  EXPECT_EQ(spec.family, "gemma3");
  EXPECT_EQ(spec.positions, 131072);
  EXPECT_THAT(spec.endTokens, ElementsAre(1, 6));
  EXPECT_FALSE(spec.head);
  EXPECT_THAT(spec.leftOut, testing::Contains(testing::Field(&ModelSpec::LeftOut::prefix,
                                                             "model.vision_tower.")));
}

TEST(Nested, RefusesObjectsThatDisagree) {
  EXPECT_THAT(errorOf(kNested, {{"vocab_size", "13"}}),
              HasSubstr("vocab_size: error: 13 disagrees with 12 in text_config"));
  EXPECT_THAT(errorOf(kNested, {{"text_config", "..."}}),
              HasSubstr("text_config: error: is missing"));
  EXPECT_THAT(errorOf(kNested, {{"text_config", "3"}}),
              HasSubstr("text_config: error: expected an object, found 3"));
  EXPECT_THAT(errorOf(kNested, {{"text_config", R"({"model_type": "llama"})"}}),
              HasSubstr("text_config.model_type: error: \"llama\" is not supported"));
  EXPECT_THAT(errorOf(kNested, {{"text_config", R"({"vocab_size": 12, "hidden_size": "x"})"}}),
              HasSubstr("hidden_size"));
}

} // namespace
