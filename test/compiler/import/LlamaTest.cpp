// config.json of the Llama family: what is read, what is refused and by which name, what passes.
#include "compiler/import/families/Families.h"
#include "test/compiler/import/TinyCheckpoint.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::EndsWith;
using testing::HasSubstr;

namespace {

using Fields = std::vector<std::pair<const char *, const char *>>;

llvm::Expected<ModelSpec> readWith(const Fields &fields) {
  TinyCheckpoint tiny;
  for (auto &[key, value] : fields)
    tiny.set(key, value);
  tiny.write();
  return readModelSpec(tiny.path("config.json"));
}

std::string errorOf(const Fields &fields) {
  auto spec = readWith(fields);
  return spec ? "" : llvm::toString(spec.takeError());
}

TEST(Llama, ReadsTheSpec) {
  auto spec = llvm::cantFail(readWith({}));
  EXPECT_EQ(spec.family, "llama");
  EXPECT_EQ(spec.layers.size(), 2u);
  EXPECT_EQ(spec.layers[0].attention.headSize, 4);
  EXPECT_EQ(spec.layers[0].attention.rope->theta, 10000);
  EXPECT_EQ(spec.layers[0].attention.scale, 0.5);
  EXPECT_FALSE(spec.head.has_value());
  EXPECT_EQ(spec.layers[1].attention.key.name, "model.layers.1.self_attn.k_proj.weight");
  EXPECT_THAT(spec.layers[1].attention.key.shape, testing::ElementsAre(4, 8));
  EXPECT_THAT(spec.endTokens, testing::ElementsAre(2));
}

TEST(Llama, HasTheReferencesDefaults) {
  auto spec = llvm::cantFail(readWith({{"head_dim", "..."},
                                       {"num_key_value_heads", "null"},
                                       {"rope_theta", "..."},
                                       {"tie_word_embeddings", "..."},
                                       {"rms_norm_eps", "..."},
                                       {"hidden_act", "..."},
                                       {"architectures", "..."},
                                       {"max_position_embeddings", "..."}}));
  EXPECT_EQ(spec.layers[0].attention.headSize, 4);
  EXPECT_EQ(spec.layers[0].attention.kvHeads, 2);
  EXPECT_EQ(spec.layers[0].attention.rope->theta, 10000);
  EXPECT_EQ(spec.finalNorm.eps, 1e-6);
  EXPECT_EQ(spec.positions, 2048);
  EXPECT_TRUE(spec.head.has_value());
}

TEST(Llama, AsksForBiasesWhereTheConfigHasThem) {
  auto layerOf = [](const Fields &fields, size_t index) {
    LayerSpec layer = llvm::cantFail(readWith(fields)).layers[index];
    return std::pair(layer.attention, std::get<MlpSpec>(layer.feedForward));
  };
  auto [attention, mlp] = layerOf({}, 0);
  EXPECT_FALSE(attention.query.bias || attention.output.bias || mlp.gate->bias || mlp.down.bias);
  std::tie(attention, mlp) = layerOf({{"attention_bias", "true"}}, 1);
  ASSERT_TRUE(attention.key.bias && attention.query.bias && attention.value.bias &&
              attention.output.bias);
  EXPECT_FALSE(mlp.gate->bias || mlp.up.bias || mlp.down.bias);
  EXPECT_EQ(attention.key.bias->name, "model.layers.1.self_attn.k_proj.bias");
  EXPECT_THAT(attention.key.bias->shape, testing::ElementsAre(4));
  EXPECT_EQ(attention.key.bias->fields, "num_key_value_heads * head_dim");
  std::tie(attention, mlp) = layerOf({{"mlp_bias", "true"}}, 0);
  ASSERT_TRUE(mlp.gate->bias && mlp.up.bias && mlp.down.bias);
  EXPECT_FALSE(attention.query.bias || attention.output.bias);
  EXPECT_THAT(mlp.gate->bias->shape, testing::ElementsAre(6));
  EXPECT_THAT(mlp.down.bias->shape, testing::ElementsAre(8));
}

TEST(Llama, ReadsThetaWhereverItIs) {
  EXPECT_EQ(llvm::cantFail(
                readWith({{"rope_theta", "..."},
                          {"rope_parameters", R"({"rope_theta": 5e5, "rope_type": "default"})"}}))
                .layers[0]
                .attention.rope->theta,
            5e5);
  EXPECT_EQ(errorOf({{"rope_parameters", R"({"rope_theta": 10000, "rope_type": "default"})"}}), "");
  EXPECT_EQ(errorOf({{"rope_scaling", R"({"type": "default"})"}}), "");
  EXPECT_THAT(errorOf({{"rope_parameters", R"({"rope_theta": 5e5})"}}),
              HasSubstr("rope_theta: error: "));
}

TEST(Llama, LetsHarmlessFieldsPass) {
  EXPECT_EQ(errorOf({{"initializer_range", "0.04"},
                     {"is_llama_config", "true"},
                     {"rope_interleaved", "false"},
                     {"transformers.js_config", R"({"kv_cache_dtype": {"q4f16": "float16"}})"},
                     {"use_cache", "true"},
                     {"torch_dtype", "\"bfloat16\""},
                     {"pretraining_tp", "1"},
                     {"attention_bias", "false"},
                     {"attention_dropout", "0.1"},
                     {"rope_scaling", "null"},
                     {"sliding_window", "null"},
                     {"temperature", "1.0"},
                     {"chunk_size_feed_forward", "0"},
                     {"is_encoder_decoder", "false"},
                     {"layer_types", R"(["full_attention", "full_attention"])"},
                     {"partial_rotary_factor", "1.0"},
                     {"my_note", R"({"a": [1, null]})"},
                     {"pad_token_id", "-1"},
                     {"eos_token_id", "[2, 3]"}}),
            "");
}

TEST(Llama, ReadsScaledPositions) {
  auto scalingOf = [](const char *key, const char *value) {
    return llvm::cantFail(readWith({{key, value}})).layers[0].attention.rope->scaling;
  };
  EXPECT_FALSE(scalingOf("rope_scaling", "null"));
  auto linear = scalingOf("rope_scaling", R"({"type": "linear", "factor": 2.0})");
  ASSERT_TRUE(linear);
  EXPECT_EQ(linear->kind, "linear");
  EXPECT_EQ(linear->factor, 2);
  auto llama3 = scalingOf("rope_parameters", R"({"rope_type": "llama3", "factor": 8,
      "low_freq_factor": 1, "high_freq_factor": 4, "rope_theta": 10000,
      "original_max_position_embeddings": 8192})");
  ASSERT_TRUE(llama3);
  EXPECT_EQ(llama3->high, 4);
  EXPECT_EQ(llama3->original, 8192);
}

TEST(Llama, RefusesFieldsThatChangeTheNumbers) {
  const std::pair<const char *, const char *> fields[] = {
      {"rope_scaling", R"({"rope_type": "llama3", "factor": 8.0})"},
      {"rope_scaling", R"({"rope_type": "yarn", "factor": 8.0})"},
      {"rope_scaling", R"({"rope_type": "longrope", "factor": 8.0})"},
      {"rope_scaling", R"({"factor": 2.0})"},
      {"rope_scaling", R"({"type": "linear", "factor": 0.0})"},
      {"rope_scaling", R"({"type": "linear", "factor": 2.0, "mscale": 1.5})"},
      {"rope_scaling", "\"yarn\""},
      {"rope_parameters", R"({"rope_type": "default", "partial_rotary_factor": 0.5})"},
      {"attention_bias", "1"},
      {"o_proj_bias", "true"},
      {"partial_rotary_factor", "0.5"},
      {"quantization_config", R"({"quant_method": "gptq"})"},
      {"logit_scale", "0.0625"},
      {"rope_interleaved", "true"},
      {"layer_types", R"(["full_attention", "sliding_attention"])"},
      {"final_logit_softcapping", "30.0"},
      {"embedding_multiplier", "12"},
      {"no_rope_layers", "[1, 0]"},
      {"num_local_experts", "8"},
      {"use_qk_norm", "true"},
      {"hidden_activation", "\"gelu\""},
      {"hidden_act", "\"gelu\""},
      {"architectures", R"(["LlamaForImageGeneration"])"},
      {"architectures", "7"}};
  for (auto &[key, value] : fields)
    EXPECT_THAT(errorOf({{key, value}}),
                testing::MatchesRegex("(.|\n)*config.json: " + std::string(key) +
                                      "[a-z_.]*: error: (.|\n)*"))
        << key << " = " << value;
}

TEST(Llama, ChecksEveryValue) {
  for (const char *key :
       {"vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
        "num_attention_heads", "num_key_value_heads", "head_dim", "max_position_embeddings"})
    for (const char *value : {"0", "-1", "\"8\"", "2.5", "1e30", "4611686018427387904", "true",
                              "[8]", "{}", "1073741825"})
      EXPECT_THAT(errorOf({{key, value}}), HasSubstr("config.json: ")) << key << " = " << value;
  for (const char *key : {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
                          "intermediate_size"})
    EXPECT_THAT(errorOf({{key, "..."}}),
                HasSubstr(std::string("config.json: ") + key + ": error: "))
        << key;
  EXPECT_THAT(errorOf({{"num_attention_heads", "3"}, {"head_dim", "..."}}),
              HasSubstr("not a whole multiple"));
  EXPECT_THAT(errorOf({{"num_key_value_heads", "3"}, {"num_attention_heads", "4"}}),
              HasSubstr("does not divide"));
  EXPECT_THAT(errorOf({{"head_dim", "3"}}), HasSubstr("is not even"));
  EXPECT_THAT(errorOf({{"num_attention_heads", "65536"}, {"head_dim", "65536"}}),
              HasSubstr("is above"));
  for (const char *eps : {"0", "-1e-5", "\"1e-5\"", "2"})
    EXPECT_THAT(errorOf({{"rms_norm_eps", eps}}), HasSubstr("rms_norm_eps")) << eps;
  for (const char *theta : {"0", "1", "-10000", "\"10000\"", "1e30"})
    EXPECT_THAT(errorOf({{"rope_theta", theta}}), HasSubstr("rope_theta")) << theta;
  for (const char *ids : {"12", "[2, 12]", "\"2\"", "[null]"})
    EXPECT_THAT(errorOf({{"eos_token_id", ids}}), HasSubstr("eos_token_id")) << ids;
  for (const char *none : {"-1", "4294967295"})
    EXPECT_EQ(errorOf({{"eos_token_id", none}}), "") << none;
  EXPECT_THAT(errorOf({{"bos_token_id", "12"}}), HasSubstr("bos_token_id"));
  EXPECT_THAT(errorOf({{"tie_word_embeddings", "1"}}),
              HasSubstr("expected true or false, found 1"));
}

TEST(Families, RefusesUnknownOnes) {
  std::string unknown = errorOf({{"model_type", "\"mamba\""}});
  EXPECT_THAT(unknown, HasSubstr("unknown family \"mamba\", osscc knows "));
  for (const char *known : {"gpt_oss, ", "llama, ", "mistral, ", "qwen2"})
    EXPECT_THAT(unknown, HasSubstr(known));
  EXPECT_THAT(errorOf({{"model_type", "..."}}),
              HasSubstr("model_type: error: expected a string, but the field is missing"));
  EXPECT_THAT(errorOf({{"model_type", "\"a\\nb\""}}), HasSubstr("unknown family \"a\\x0Ab\""));
}

} // namespace
