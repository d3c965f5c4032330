// Families whose experts are chosen as DeepSeek V3's, and long ropes: what sets each config apart.
#include "compiler/import/Context.h"
#include "compiler/import/families/Families.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace osscc;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// Fields that all have; `more` is the inside of an object.
llvm::Expected<ModelSpec> readWith(const std::string &type, const std::string &more,
                                   Notes *notes = nullptr) {
  auto config =
      *llvm::cantFail(llvm::json::parse(R"({"model_type": ")" + type + R"(", "vocab_size": 12,
      "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4,
      "max_position_embeddings": 512)" + (more.empty() ? "" : ", " + more) +
                                        "}"))
           .getAsObject();
  JsonFields fields("config.json", config);
  fields.collect(notes);
  return readModelSpec(fields);
}

ModelSpec specOf(const std::string &type, const std::string &more = "") {
  return llvm::cantFail(readWith(type, more));
}

std::string errorOf(const std::string &type, const std::string &more) {
  auto spec = readWith(type, more);
  return spec ? "" : llvm::toString(spec.takeError());
}

const std::string kGrouped =
    R"("num_key_value_heads": 2, "n_routed_experts": 8, "num_experts_per_tok": 2,
      "moe_intermediate_size": 16, "n_shared_experts": 2)";

std::vector<bool> sparse(const ModelSpec &spec) {
  std::vector<bool> layers;
  for (const LayerSpec &layer : spec.layers)
    layers.push_back(std::holds_alternative<ExpertsSpec>(layer.feedForward));
  return layers;
}

TEST(GroupedExperts, ComeBehindLeadingLayersOrWhereTheyAreNamed) {
  EXPECT_THAT(sparse(specOf("glm4_moe", kGrouped)), ElementsAre(false, true, true));
  EXPECT_THAT(sparse(specOf("glm4_moe", kGrouped + R"(, "first_k_dense_replace": 2)")),
              ElementsAre(false, false, true));
  EXPECT_THAT(sparse(specOf("glm4_moe",
                            kGrouped + R"(, "mlp_layer_types": ["sparse", "dense", "sparse"])")),
              ElementsAre(true, false, true));
  EXPECT_THAT(sparse(specOf("solar_open", kGrouped)), ElementsAre(true, true, true));
  EXPECT_THAT(
      errorOf("glm4_moe", kGrouped + R"(, "mlp_layer_types": ["sparse", "other", "sparse"])"),
      HasSubstr("mlp_layer_types: error"));
  EXPECT_THAT(errorOf("glm4_moe", kGrouped + R"(, "n_group": 3)"), HasSubstr("do not divide"));
}

TEST(GroupedExperts, AreCalledAsEachFamilyDoes) {
  ModelSpec spec =
      specOf("hy_v3", R"("num_key_value_heads": 2, "num_experts": 4, "num_experts_per_tok": 2,
      "moe_intermediate_size": 16)");
  const auto &experts = std::get<ExpertsSpec>(spec.layers[1].feedForward);
  EXPECT_THAT(experts.router.forms[0].tensors,
              ElementsAre("model.layers.1.mlp.router.gate.weight"));
  EXPECT_EQ(experts.routing.bias->name, "model.layers.1.mlp.expert_bias");
  EXPECT_EQ(experts.shared->mlp.up.name, "model.layers.1.mlp.shared_mlp.up_proj.weight");
  EXPECT_NEAR(experts.routing.scale, 2.826, 1e-12);
  spec =
      specOf("minimax_m2",
             R"("num_key_value_heads": 2, "head_dim": 16, "rotary_dim": 8, "num_local_experts": 4)"
             R"(, "num_experts_per_tok": 2)");
  EXPECT_EQ(std::get<ExpertsSpec>(spec.layers[0].feedForward).routing.bias->name,
            "model.layers.0.block_sparse_moe.e_score_correction_bias");
  EXPECT_EQ(spec.layers[0].attention.rope->turned, 8);
}

TEST(GroupedExperts, LeaveGuessingLayersOut) {
  ModelSpec spec = specOf("glm4_moe", kGrouped + R"(, "num_nextn_predict_layers": 1)");
  EXPECT_THAT(spec.leftOut,
              testing::Contains(testing::Field(&ModelSpec::LeftOut::prefix, "model.layers.3.")));
}

TEST(MiniMaxM2, RefusesOtherAttention) {
  EXPECT_THAT(errorOf("minimax_m2", R"("num_key_value_heads": 2, "attn_type_list": [1, 0, 1])"),
              HasSubstr("attn_type_list"));
  EXPECT_THAT(errorOf("minimax_m2", R"("num_key_value_heads": 2, "qk_norm_type": "per_head")"),
              HasSubstr("expected \"per_layer\""));
}

TEST(Olmoe, RefusesToClip) {
  EXPECT_THAT(errorOf("olmoe", R"("clip_qkv": 8.0)"), HasSubstr("clip_qkv: error: 8"));
}

TEST(GraniteSwa, HasAThetaForEachLayer) {
  ModelSpec spec = specOf("granite_swa", R"("layer_rope_theta": [0, 20000.0, 30000.0])");
  EXPECT_FALSE(spec.layers[0].attention.rope);
  EXPECT_EQ(spec.layers[2].attention.rope->theta, 30000);
  EXPECT_EQ(spec.layers[1].attention.sinks->name, "model.layers.1.self_attn.sinks");
  EXPECT_FALSE(spec.layers[0].attention.window);
  EXPECT_EQ(spec.layers[1].attention.window->positions, 128);
  EXPECT_THAT(errorOf("granite_swa", R"("layer_rope_theta": [0, 0.5, 1e4])"),
              HasSubstr("expected a number above 1, or 0"));
}

TEST(HyperClovaX, MultipliesLogits) {
  ModelSpec spec = specOf("hyperclovax", R"("logits_scaling": 0.25, "attention_multiplier": null)");
  EXPECT_EQ(spec.logitScale, 0.25);
  EXPECT_EQ(spec.layers[0].attention.scale, 0.25);
  EXPECT_EQ(spec.layers[0].afterAttention->scale->name, "model.layers.0.post_norm1.weight");
  EXPECT_FALSE(specOf("hyperclovax", R"("use_post_norm": false)").layers[0].afterAttention);
}

TEST(MiniCpm3, ScalesByDepthAndWidth) {
  std::string sizes = R"("scale_emb": 12, "dim_model_base": 16)";
  ModelSpec spec = specOf("minicpm3", sizes + R"(, "scale_depth": 1.5)");
  EXPECT_EQ(spec.embeddingScale, 12);
  EXPECT_EQ(spec.logitScale, 0.25);
  EXPECT_NEAR(spec.layers[0].residualScale, 1.5 / std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(specOf("minicpm3", sizes + R"(, "scale_depth": null)").layers[0].residualScale, 1,
              1e-12);
  EXPECT_FALSE(spec.layers[0].attention.latent->queryRope.paired);
}

TEST(KimiK2, IsADeepSeekV3) {
  EXPECT_EQ(specOf("kimi_k2", R"("n_group": 1, "topk_group": 1, "n_routed_experts": 384)").family,
            "deepseek_v3");
}

const std::string kLong =
    R"("rope_scaling": {"type": "longrope", "short_factor": [1, 1, 1, 1, 1, 1, 1, 1.5],
      "long_factor": [1, 2, 2, 2, 2, 2, 2, 4]}, "original_max_position_embeddings": 128)";

std::vector<float> divisorsIn(std::optional<int64_t> context, std::string *said = nullptr) {
  Notes notes;
  ModelSpec spec = llvm::cantFail(readWith("phi3", kLong, &notes));
  llvm::cantFail(limitContext(spec, context, &notes));
  if (said)
    for (const Note &note : notes.all())
      *said += note.message + "\n";
  return spec.layers[0].attention.rope->scaling->divisors;
}

TEST(LongRope, ChoosesByTheContext) {
  std::string said;
  EXPECT_EQ(divisorsIn(std::nullopt, &said).back(), 4);
  EXPECT_THAT(said, HasSubstr("--context=128 takes the short ones"));
  EXPECT_EQ(divisorsIn(129).back(), 4);
  EXPECT_EQ(divisorsIn(128).back(), 1.5f);
  ModelSpec spec = specOf("phi3", kLong);
  EXPECT_NEAR(spec.layers[0].attention.rope->factor, std::sqrt(1 + std::log(4) / std::log(128)),
              1e-12);
}

TEST(LongRope, NamesWhatIsWrong) {
  auto with = [](const std::string &scaling) {
    return errorOf(
        "phi3",
        R"("original_max_position_embeddings": 128, "rope_scaling": {"type": "longrope", )" +
            scaling + "}");
  };
  std::string eight = "[1, 1, 1, 1, 1, 1, 1, 1]";
  EXPECT_THAT(with(R"("short_factor": [1, 1], "long_factor": )" + eight),
              HasSubstr("short_factor has 2 numbers, expected 8"));
  EXPECT_THAT(with(R"("short_factor": )" + eight), HasSubstr("long_factor: error"));
  EXPECT_THAT(with(R"("short_factor": )" + eight + R"(, "long_factor": [1, 1, 1, 1, 1, 1, 1, -1])"),
              HasSubstr("-1 is not positive"));
}

TEST(Fp8, IsReadInSquareBlocksOrByTheMatrix) {
  auto blockOf = [](const std::string &quantization) {
    return specOf("qwen3", R"("head_dim": 16, "num_key_value_heads": 2, "quantization_config": )" +
                               quantization)
        .fp8Block;
  };
  EXPECT_EQ(
      blockOf(
          R"({"quant_method": "fp8", "weight_block_size": [128, 128], "activation_scheme": "dynamic"})"),
      128);
  EXPECT_GT(blockOf(R"({"quant_method": "fp8", "weight_block_size": null})"), 1 << 24);
  EXPECT_EQ(
      blockOf(
          R"({"quant_method": "compressed-tensors", "format": "float-quantized", "config_groups":
      {"group_0": {"weights": {"num_bits": 8, "type": "float", "strategy": "block", "block_structure": [64, 64]}}}})"),
      64);
  EXPECT_THAT(
      errorOf(
          "qwen3",
          R"("quantization_config": {"quant_method": "compressed-tensors", "format": "float-quantized",
      "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float", "strategy": "channel"}}}})"),
      HasSubstr("quantization_config: error"));
  EXPECT_THAT(
      errorOf("qwen3",
              R"("quantization_config": {"quant_method": "fp8", "weight_block_size": [1, 128]})"),
      HasSubstr("quantization_config: error"));
  EXPECT_THAT(errorOf("qwen3", R"("quantization_config": {"quant_method": "gptq"})"),
              HasSubstr("cannot be compiled"));
}

} // namespace
