// The family of experts: what its config makes of a layer, each refused field.
#include "compiler/import/families/Families.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

using Fields = std::vector<std::pair<const char *, const char *>>;

llvm::Expected<ModelSpec> readWith(const Fields &fields) {
  auto config = *llvm::cantFail(llvm::json::parse(R"({"model_type": "gpt_oss",
      "architectures": ["GptOssForCausalLM"], "vocab_size": 12, "hidden_size": 64, "intermediate_size": 96,
      "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
      "num_local_experts": 5, "num_experts_per_tok": 2, "sliding_window": 8,
      "quantization_config": {"quant_method": "mxfp4"}})"))
                     .getAsObject();
  for (auto [key, value] : fields)
    if (llvm::StringRef(value) == "...")
      config.erase(key);
    else
      config[key] = llvm::cantFail(llvm::json::parse(value));
  JsonFields read("config.json", config);
  return readModelSpec(read);
}

std::string errorOf(const Fields &fields) {
  auto spec = readWith(fields);
  return spec ? "" : llvm::toString(spec.takeError());
}

TEST(GptOss, HasExpertsSinksAndBiases) {
  ModelSpec spec = llvm::cantFail(readWith({}));
  EXPECT_TRUE(spec.mxfp4Pairs);
  const AttentionSpec &attention = spec.layers[1].attention;
  ASSERT_TRUE(attention.sinks && attention.output.bias);
  EXPECT_THAT(attention.sinks->shape, ElementsAre(4));
  const auto &experts = std::get<ExpertsSpec>(spec.layers[1].feedForward);
  EXPECT_EQ(experts.chosen, 2);
  EXPECT_EQ(experts.activation.alpha, 1.702);
  EXPECT_EQ(experts.activation.limit, 7);
  EXPECT_EQ(experts.router.role, WeightRole::Router);
  EXPECT_THAT(experts.gateUp.shape, ElementsAre(5, 192, 64));
  EXPECT_THAT(experts.gateUp.bias->shape, ElementsAre(5, 192));
  EXPECT_THAT(experts.down.shape, ElementsAre(5, 64, 96));
}

// What Hugging Face, the unquantized checkpoint, the makers and GGUF call the same stack.
TEST(GptOss, KnowsTheFormsOfItsStacks) {
  ModelSpec spec = llvm::cantFail(readWith({}));
  const auto &experts = std::get<ExpertsSpec>(spec.layers[0].feedForward);
  ASSERT_EQ(experts.gateUp.forms.size(), 4u);
  const StoredForm &blocks = experts.gateUp.forms[0], &floats = experts.gateUp.forms[1],
                   &own = experts.gateUp.forms[2], &two = experts.gateUp.forms[3];
  EXPECT_THAT(blocks.tensors, ElementsAre("model.layers.0.mlp.experts.gate_up_proj_blocks"));
  EXPECT_TRUE(blocks.interleaved && !blocks.transposed);
  EXPECT_TRUE(floats.interleaved && floats.transposed);
  EXPECT_THAT(own.tensors, ElementsAre("block.0.mlp.mlp1_weight.blocks"));
  EXPECT_TRUE(own.interleaved && !own.transposed);
  EXPECT_THAT(two.tensors, ElementsAre("model.layers.0.mlp.experts.gate_proj.weight",
                                       "model.layers.0.mlp.experts.up_proj.weight"));
  EXPECT_FALSE(two.interleaved || two.transposed);
}

TEST(GptOss, HasAWindowInEveryOtherLayer) {
  auto windows = [](const Fields &fields) {
    std::string found;
    for (const LayerSpec &layer : llvm::cantFail(readWith(fields)).layers)
      found += layer.attention.window ? std::to_string(layer.attention.window->positions) + " "
                                      : std::string("full ");
    return found;
  };
  EXPECT_EQ(windows({}), "8 full 8 ");
  EXPECT_EQ(
      windows({{"layer_types", R"(["full_attention", "sliding_attention", "full_attention"])"}}),
      "full 8 full ");
}

TEST(GptOss, TakesBothSpellings) {
  ModelSpec spec = llvm::cantFail(readWith({{"num_local_experts", "..."},
                                            {"num_experts", "6"},
                                            {"num_experts_per_tok", "..."},
                                            {"experts_per_token", "3"},
                                            {"swiglu_alpha", "2.5"},
                                            {"quantization_config", "..."}}));
  const auto &experts = std::get<ExpertsSpec>(spec.layers[0].feedForward);
  EXPECT_THAT(experts.down.shape, ElementsAre(6, 64, 96));
  EXPECT_EQ(experts.chosen, 3);
  EXPECT_EQ(experts.activation.alpha, 2.5);
  EXPECT_FALSE(spec.mxfp4Pairs);
}

// The makers' own config has no model type, and their q, k and v are one matrix.
TEST(GptOss, ReadsTheLayoutOfItsMakers) {
  ModelSpec spec = llvm::cantFail(readWith({{"model_type", "..."},
                                            {"architectures", "..."},
                                            {"quantization_config", "..."},
                                            {"num_local_experts", "..."},
                                            {"num_experts", "5"},
                                            {"num_experts_per_tok", "..."},
                                            {"experts_per_token", "2"},
                                            {"rope_ntk_alpha", "1.0"},
                                            {"rope_ntk_beta", "32.0"},
                                            {"rope_scaling_factor", "32.0"},
                                            {"initial_context_length", "4096"}}));
  EXPECT_TRUE(spec.mxfp4Pairs);
  const StoredForm &value = spec.layers[2].attention.value.forms[1];
  EXPECT_THAT(value.tensors, ElementsAre("block.2.attn.qkv.weight"));
  EXPECT_EQ(value.firstRow, 96);
  EXPECT_EQ(value.allRows, 128);
  ASSERT_TRUE(spec.layers[0].attention.rope->scaling);
  EXPECT_EQ(spec.layers[0].attention.rope->scaling->kind, "yarn");
}

TEST(GptOss, RefusesByName) {
  EXPECT_THAT(errorOf({{"num_experts_per_tok", "6"}}),
              HasSubstr("num_experts_per_tok: error: 6 experts are chosen of 5"));
  EXPECT_THAT(errorOf({{"sliding_window", "0"}}), HasSubstr("sliding_window: error: "));
  EXPECT_THAT(errorOf({{"layer_types", R"(["full_attention"])"}}),
              HasSubstr("layer_types: error: names 1 layers, but num_hidden_layers is 3"));
  EXPECT_THAT(
      errorOf({{"layer_types", R"(["full_attention", "linear_attention", "full_attention"])"}}),
      HasSubstr("layer_types: error: \"linear_attention\" is not supported"));
  EXPECT_THAT(errorOf({{"attention_bias", "false"}}), HasSubstr("attention_bias: error: "));
  EXPECT_THAT(errorOf({{"swiglu_limit", "0"}}), HasSubstr("swiglu_limit: error: "));
  EXPECT_THAT(errorOf({{"quantization_config", R"({"quant_method": "gptq"})"}}),
              HasSubstr("quantization_config: error: "));
  EXPECT_THAT(errorOf({{"moe_scale", "3"}}), HasSubstr("moe_scale: error: "));
}

} // namespace
