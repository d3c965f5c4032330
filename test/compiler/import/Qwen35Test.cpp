// config.json of Qwen 3.5 and Qwen 3 Next: which layers have delta nets, what their weights are,
// and what is refused.
#include "compiler/import/families/Families.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

constexpr const char *kDense = R"({"model_type": "qwen3_5_text", "hidden_size": 32,
  "intermediate_size": 48, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2,
  "head_dim": 16, "vocab_size": 64, "linear_key_head_dim": 4, "linear_value_head_dim": 6,
  "linear_num_key_heads": 2, "linear_num_value_heads": 4})";
constexpr const char *kNext = R"({"model_type": "qwen3_next", "hidden_size": 32,
  "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
  "head_dim": 16, "vocab_size": 64, "linear_key_head_dim": 4, "linear_value_head_dim": 6,
  "linear_num_key_heads": 2, "linear_num_value_heads": 4, "num_experts": 4, "num_experts_per_tok": 2,
  "full_attention_interval": 2, "moe_intermediate_size": 8, "shared_expert_intermediate_size": 8})";

llvm::Expected<ModelSpec> readWith(const char *config, const char *key = "hidden_act",
                                   const char *value = "\"silu\"") {
  llvm::json::Value parsed = llvm::cantFail(llvm::json::parse(config));
  (*parsed.getAsObject())[key] = llvm::cantFail(llvm::json::parse(value));
  JsonFields fields("config.json", *parsed.getAsObject());
  return readModelSpec(fields);
}

std::string errorOf(const char *config, const char *key, const char *value) {
  auto spec = readWith(config, key, value);
  return spec ? "" : llvm::toString(spec.takeError());
}

std::vector<bool> netsOf(const ModelSpec &spec) {
  std::vector<bool> nets;
  for (const LayerSpec &layer : spec.layers)
    nets.push_back(layer.deltaNet.has_value());
  return nets;
}

TEST(Qwen35, HasANetInAllButEachFourthLayer) {
  EXPECT_THAT(netsOf(llvm::cantFail(readWith(kDense))), ElementsAre(true, true, true, false));
  EXPECT_THAT(netsOf(llvm::cantFail(readWith(kDense, "full_attention_interval", "2"))),
              ElementsAre(true, false, true, false));
  EXPECT_THAT(
      netsOf(llvm::cantFail(readWith(
          kDense, "layer_types",
          R"(["full_attention", "linear_attention", "full_attention", "linear_attention"])"))),
      ElementsAre(false, true, false, true));
}

TEST(Qwen35, NamesAndShapesTheWeightsOfANet) {
  ModelSpec spec = llvm::cantFail(readWith(kDense));
  const DeltaNetSpec &net = *spec.layers[1].deltaNet;
  EXPECT_EQ(net.mixed.name, "model.layers.1.linear_attn.in_proj_qkv.weight");
  EXPECT_THAT(net.mixed.shape, ElementsAre(2 * 2 * 4 + 4 * 6, 32));
  EXPECT_THAT(net.gate.shape, ElementsAre(24, 32));
  EXPECT_THAT(net.decay.shape, ElementsAre(4, 32));
  EXPECT_THAT(net.convolution.shape, ElementsAre(4, 40));
  EXPECT_TRUE(net.convolution.forms.front().isConvolution);
  EXPECT_TRUE(net.logRates);
  EXPECT_EQ(net.norm.offset, 0);
  EXPECT_EQ(net.norm.size, 6);
  EXPECT_EQ(spec.layers[1].beforeAttention->offset, 1);
  EXPECT_EQ(spec.finalNorm.offset, 1);
}

TEST(Qwen35, GatesItsAttentionAndTurnsAQuarterOfAHead) {
  const AttentionSpec attention = llvm::cantFail(readWith(kDense)).layers[3].attention;
  ASSERT_TRUE(attention.gate);
  EXPECT_THAT(attention.gate->shape, ElementsAre(64, 32));
  const StoredForm &query = attention.query.forms.front(), &gate = attention.gate->forms.front();
  EXPECT_THAT(query.tensors, ElementsAre("model.layers.3.self_attn.q_proj.weight"));
  EXPECT_EQ(query.tensors, gate.tensors);
  EXPECT_EQ(query.firstRow, 0);
  EXPECT_EQ(gate.firstRow, 16);
  EXPECT_EQ(gate.allRows, 32);
  EXPECT_EQ(attention.rope->turned, 4);
  // The scales of a head's norm lie as its channels do.
  EXPECT_EQ(attention.queryNorm->scale->turnedRows, 4);
  EXPECT_EQ(attention.queryNorm->scale->headRows, 16);
  EXPECT_EQ(attention.queryNorm->offset, 1);
}

TEST(Qwen35, CutsTheJoinedProjectionsOfNextByKeyHead) {
  ModelSpec spec = llvm::cantFail(readWith(kNext));
  const DeltaNetSpec &net = *spec.layers[0].deltaNet;
  const StoredForm &mixed = net.mixed.forms.front(), &gate = net.gate.forms.front();
  EXPECT_THAT(mixed.tensors, ElementsAre("model.layers.0.linear_attn.in_proj_qkvz.weight"));
  EXPECT_EQ(mixed.allRows, 2 * 4 + 2 * 12);
  ASSERT_EQ(mixed.headParts.size(), 3u);
  EXPECT_EQ(mixed.headParts[2].first, 8);
  EXPECT_EQ(mixed.headParts[2].rows, 12);
  EXPECT_EQ(gate.headParts.front().first, 20);
  // beta before decay, the value heads of each key head together.
  EXPECT_EQ(net.beta.forms.front().headParts.front().first, 0);
  EXPECT_EQ(net.decay.forms.front().headParts.front().first, 2);
  EXPECT_TRUE(std::holds_alternative<ExpertsSpec>(spec.layers[0].feedForward));
}

TEST(Qwen35, RefusesByFieldAndValue) {
  EXPECT_THAT(errorOf(kDense, "linear_num_value_heads", "3"),
              HasSubstr("linear_num_value_heads: error: 3 is no whole multiple of "
                        "linear_num_key_heads 2"));
  EXPECT_THAT(
      errorOf(kDense, "linear_conv_kernel_dim", "1"),
      HasSubstr("linear_conv_kernel_dim: error: expected an integer from 2 to 64, found 1"));
  EXPECT_THAT(errorOf(kDense, "linear_num_key_heads", "0"), HasSubstr("linear_num_key_heads"));
  EXPECT_THAT(errorOf(kDense, "layer_types", R"(["linear_attention"])"),
              HasSubstr("names 1 layers, but num_hidden_layers is 4"));
  EXPECT_THAT(errorOf(kDense, "layer_types", R"(["sliding_attention"])"),
              HasSubstr("layer_types: error: \"sliding_attention\" is not supported"));
  EXPECT_THAT(errorOf(kDense, "attn_output_gate", "false"),
              HasSubstr("attn_output_gate: error: false is not supported"));
  EXPECT_THAT(errorOf(kDense, "attention_bias", "true"),
              HasSubstr("attention_bias: error: true is not supported"));
  EXPECT_THAT(errorOf(kDense, "mamba_ssm_dtype", "\"bfloat16\""),
              HasSubstr("mamba_ssm_dtype: error: \"bfloat16\" is not supported"));
  EXPECT_THAT(errorOf(kDense, "partial_rotary_factor", "0.2"), HasSubstr("partial_rotary_factor"));
  EXPECT_THAT(errorOf(kNext, "num_experts_per_tok", "5"), HasSubstr("num_experts_per_tok"));
}

} // namespace
