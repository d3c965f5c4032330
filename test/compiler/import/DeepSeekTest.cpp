// The family of latent attention: what its config makes of a layer, each refused field.
#include "compiler/import/families/Families.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

namespace {

using Fields = std::vector<std::pair<const char *, const char *>>;

llvm::Expected<ModelSpec> readWith(const char *generation, const Fields &fields) {
  std::string digit = generation;
  auto config =
      *llvm::cantFail(
           llvm::json::parse(
               R"({"model_type": "deepseek_v)" + digit + R"(", "architectures": ["DeepseekV)" +
               digit +
               R"(ForCausalLM"], "vocab_size": 12, "hidden_size": 64, "intermediate_size": 96,
      "num_hidden_layers": 3, "num_attention_heads": 4, "kv_lora_rank": 32, "q_lora_rank": 24, "qk_nope_head_dim": 16,
      "qk_rope_head_dim": 8, "v_head_dim": 12, "moe_intermediate_size": 48, "n_shared_experts": 2,
      "n_routed_experts": 8, "num_experts_per_tok": 3, "first_k_dense_replace": 1, "n_group": 4,
      "topk_group": 2, "routed_scaling_factor": 2.5})"))
           .getAsObject();
  for (auto [key, value] : fields)
    if (llvm::StringRef(value) == "...")
      config.erase(key);
    else
      config[key] = llvm::cantFail(llvm::json::parse(value));
  JsonFields read("config.json", config);
  return readModelSpec(read);
}

ModelSpec specOf(const char *generation, const Fields &fields = {}) {
  return llvm::cantFail(readWith(generation, fields));
}

std::string errorOf(const char *generation, const Fields &fields) {
  auto spec = readWith(generation, fields);
  return spec ? "" : llvm::toString(spec.takeError());
}

const ExpertsSpec &expertsOf(const ModelSpec &spec) {
  return std::get<ExpertsSpec>(spec.layers[1].feedForward);
}

TEST(DeepSeek, KeepsLatents) {
  ModelSpec spec = specOf("3");
  const AttentionSpec &attention = spec.layers[0].attention;
  EXPECT_EQ(attention.kvHeads, 1);
  EXPECT_EQ(attention.headSize, 40);
  ASSERT_TRUE(attention.latent && attention.latent->queryDown);
  const LatentSpec &latent = *attention.latent;
  EXPECT_THAT(latent.queryNope.shape, ElementsAre(64, 24));
  EXPECT_THAT(latent.queryRope.shape, ElementsAre(32, 24));
  EXPECT_THAT(latent.keyUp.shape, ElementsAre(4, 32, 16));
  EXPECT_THAT(latent.valueUp.shape, ElementsAre(4, 12, 32));
  EXPECT_NEAR(attention.scale, 0.204124145, 1e-9); // 1 / sqrt(24)
}

// The two halves of each head of kv_b_proj, the keys' transposed.
TEST(DeepSeek, CutsHeadsIntoParts) {
  ModelSpec spec = specOf("3");
  const LatentSpec &latent = *spec.layers[0].attention.latent;
  const StoredForm &keys = latent.keyUp.forms[0], &values = latent.valueUp.forms[0];
  EXPECT_THAT(keys.tensors, ElementsAre("model.layers.0.self_attn.kv_b_proj.weight"));
  EXPECT_TRUE(keys.transposed && !values.transposed);
  EXPECT_THAT((std::vector{keys.firstRow, keys.allRows, keys.someRows}), ElementsAre(0, 28, 16));
  EXPECT_THAT((std::vector{values.firstRow, values.allRows, values.someRows}),
              ElementsAre(16, 28, 12));
}

TEST(DeepSeek, HasDenseLayersFirst) {
  ModelSpec spec = specOf("2");
  EXPECT_TRUE(std::holds_alternative<MlpSpec>(spec.layers[0].feedForward));
  const ExpertsSpec &experts = expertsOf(spec);
  EXPECT_THAT(experts.gateUp.shape, ElementsAre(8, 96, 64));
  EXPECT_EQ(experts.gateUp.forms[0].tensors.size(), 16u);
  ASSERT_TRUE(experts.shared);
  EXPECT_THAT(experts.shared->mlp.up.shape, ElementsAre(96, 64));
}

TEST(DeepSeek, RoutesAsItsGenerationDoes) {
  ModelSpec greedy = specOf("2"),
            limited = specOf("2", {{"topk_method", "\"group_limited_greedy\""}}),
            third = specOf("3"), each = specOf("3", {{"norm_topk_prob", "false"}});
  EXPECT_EQ(expertsOf(greedy).routing.kind, RoutingKind::Softmax);
  EXPECT_EQ(expertsOf(greedy).routing.groups, 1);
  EXPECT_EQ(expertsOf(limited).routing.groups, 4);
  EXPECT_EQ(expertsOf(limited).routing.best, 1);
  EXPECT_FALSE(expertsOf(limited).routing.bias);
  EXPECT_EQ(expertsOf(third).routing.kind, RoutingKind::SigmoidOfChosen);
  EXPECT_EQ(expertsOf(third).routing.best, 2);
  EXPECT_EQ(expertsOf(third).routing.scale, 2.5);
  EXPECT_TRUE(expertsOf(third).routing.bias);
  EXPECT_EQ(expertsOf(each).routing.kind, RoutingKind::Sigmoid);
}

// Null is no latent of queries, absence one of the reference's width.
TEST(DeepSeek, QueriesMayHaveNoLatent) {
  EXPECT_FALSE(specOf("2", {{"q_lora_rank", "null"}}).layers[0].attention.latent->queryDown);
  ModelSpec usual = specOf("2", {{"q_lora_rank", "..."}});
  EXPECT_THAT(usual.layers[0].attention.latent->queryDown->shape, ElementsAre(1536, 64));
}

// (0.1 * 0.5 * ln 8 + 1)^2 / sqrt(24), and (0.1 ln 8 + 1) / (0.05 ln 8 + 1).
TEST(DeepSeek, ScoresGrowWithTheContext) {
  ModelSpec spec = specOf("3", {{"rope_scaling", R"({"type": "yarn", "factor": 8.0, "mscale": 1.0,
      "mscale_all_dim": 0.5, "original_max_position_embeddings": 64})"}});
  EXPECT_NEAR(spec.layers[0].attention.scale, 0.248777, 1e-6);
  EXPECT_NEAR(spec.layers[0].attention.rope->factor, 1.094180, 1e-6);
}

TEST(DeepSeek, LeavesOutLayersThatGuess) {
  auto starts = [](const char *prefix) { return Field(&ModelSpec::LeftOut::prefix, prefix); };
  EXPECT_THAT(specOf("3", {{"num_nextn_predict_layers", "2"}}).leftOut,
              ElementsAre(starts("model.layers.3."), starts("model.layers.4."), starts("mtp.")));
}

TEST(DeepSeek, RefusesByName) {
  EXPECT_THAT(errorOf("3", {{"kv_lora_rank", "0"}}), HasSubstr("kv_lora_rank: error: "));
  EXPECT_THAT(errorOf("3", {{"q_lora_rank", "0"}}), HasSubstr("q_lora_rank: error: "));
  EXPECT_THAT(errorOf("3", {{"qk_rope_head_dim", "7"}}), HasSubstr("7 is not even"));
  EXPECT_THAT(errorOf("3", {{"num_key_value_heads", "2"}}),
              HasSubstr("num_key_value_heads: error: 2 is not num_attention_heads 4"));
  EXPECT_THAT(errorOf("3", {{"attention_bias", "true"}}), HasSubstr("attention_bias: error: "));
  EXPECT_THAT(errorOf("3", {{"n_group", "3"}}),
              HasSubstr("n_group: error: 3 groups do not divide n_routed_experts 8"));
  EXPECT_THAT(errorOf("3", {{"n_group", "16"}}), HasSubstr("n_group: error: "));
  EXPECT_THAT(
      errorOf("3", {{"n_group", "8"}, {"topk_group", "4"}}),
      HasSubstr("n_group: error: 8 groups of n_routed_experts 8 leave fewer than 2 in each"));
  EXPECT_THAT(errorOf("3", {{"topk_group", "1"}}),
              HasSubstr("topk_group: error: 1 of 4 groups of 2 experts cannot give "
                        "num_experts_per_tok 3"));
  EXPECT_THAT(errorOf("3", {{"num_experts_per_tok", "9"}}),
              HasSubstr("num_experts_per_tok: error: 9 experts are chosen of 8"));
  EXPECT_THAT(errorOf("3", {{"moe_layer_freq", "2"}}), HasSubstr("moe_layer_freq: error: "));
  EXPECT_THAT(errorOf("3", {{"scoring_func", "\"softmax\""}}),
              HasSubstr("scoring_func: error: \"softmax\" is not supported, expected \"sigmoid\""));
  EXPECT_THAT(errorOf("2", {{"norm_topk_prob", "true"}}), HasSubstr("norm_topk_prob: error: "));
  EXPECT_THAT(errorOf("2", {{"topk_method", "\"noaux_tc\""}}), HasSubstr("topk_method: error: "));
}

} // namespace
