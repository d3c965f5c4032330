// What a .gguf file says with several keys, of each layer, or with tensors: Complete.h.
#include "compiler/import/checkpoint/gguf/Complete.h"
#include "compiler/import/families/Families.h"

#include "test/compiler/import/checkpoint/gguf/TinyGguf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace osscc;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// A TinyGguf of so many layers whose keys are those of `architecture`; only its metadata is read.
TinyGguf tinyOf(const std::string &architecture, uint32_t layers) {
  TinyGguf tiny;
  TinyGguf::Metadata renamed;
  for (auto &[key, value] : tiny.metadata)
    renamed[llvm::StringRef(key).starts_with("llama.") ? architecture + key.substr(5) : key] =
        value;
  tiny.metadata = renamed;
  tiny.set("general.architecture", textValue(architecture));
  tiny.set(architecture + ".block_count", u32Value(layers));
  return tiny;
}

llvm::Expected<ModelSpec> readSpec(const TinyGguf &tiny) {
  GgufFile file = llvm::cantFail(GgufFile::read(tiny.write()));
  const GgufArchitecture *architecture = llvm::cantFail(findGgufArchitecture(file));
  llvm::Expected<GgufFields> config = readGgufConfig(file, *architecture);
  if (!config)
    return config.takeError();
  JsonFields fields(file.path(), config->fields);
  fields.spell(config->keys);
  return readModelSpec(fields);
}

std::string errorOf(const TinyGguf &tiny) {
  auto spec = readSpec(tiny);
  return spec ? "" : llvm::toString(spec.takeError());
}

std::vector<int64_t> windowsOf(const ModelSpec &spec) {
  std::vector<int64_t> windows;
  for (const LayerSpec &layer : spec.layers)
    windows.push_back(layer.attention.window ? layer.attention.window->positions : 0);
  return windows;
}

/// An array of truths.
std::string boolsValue(const std::vector<bool> &values) {
  std::string out = u32(9) + u32(7) + u64(values.size());
  for (bool value : values)
    out += char(value);
  return out;
}

TEST(GgufLayers, HaveWindowsByAListOrAPeriod) {
  TinyGguf tiny = tinyOf("exaone4", 4);
  EXPECT_THAT(windowsOf(llvm::cantFail(readSpec(tiny))), ElementsAre(0, 0, 0, 0));
  tiny.set("exaone4.attention.sliding_window", u32Value(8));
  tiny.set("exaone4.attention.sliding_window_pattern", u32Value(2));
  EXPECT_THAT(windowsOf(llvm::cantFail(readSpec(tiny))), ElementsAre(8, 0, 8, 0));
  tiny.set("exaone4.attention.sliding_window_pattern", boolsValue({false, true, true, false}));
  EXPECT_THAT(windowsOf(llvm::cantFail(readSpec(tiny))), ElementsAre(0, 8, 8, 0));
  tiny.set("exaone4.attention.sliding_window_pattern", boolsValue({false, true}));
  EXPECT_THAT(errorOf(tiny), HasSubstr("sliding_window_pattern: error: names 2 layers, but"));
}

// An OLMo 3 is an olmo2 with a window there.
TEST(GgufLayers, TellOlmo3FromOlmo2) {
  TinyGguf tiny = tinyOf("olmo2", 4);
  EXPECT_EQ(llvm::cantFail(readSpec(tiny)).family, "olmo2");
  tiny.set("olmo2.attention.sliding_window", u32Value(8));
  ModelSpec spec = llvm::cantFail(readSpec(tiny));
  EXPECT_EQ(spec.family, "olmo3");
  EXPECT_THAT(windowsOf(spec), ElementsAre(8, 8, 8, 0));
}

TinyGguf deepSeek() {
  TinyGguf tiny = tinyOf("deepseek2", 2);
  for (auto [key, value] : {std::pair("attention.key_length", 40),
                            {"attention.value_length", 32},
                            {"attention.key_length_mla", 20},
                            {"attention.value_length_mla", 12},
                            {"attention.kv_lora_rank", 32},
                            {"rope.dimension_count", 8},
                            {"leading_dense_block_count", 1},
                            {"expert_count", 8},
                            {"expert_used_count", 3},
                            {"expert_shared_count", 2},
                            {"expert_feed_forward_length", 16},
                            {"expert_gating_func", 2}})
    tiny.set(std::string("deepseek2.") + key, u32Value(uint32_t(value)));
  return tiny;
}

TEST(GgufDeepSeek, HasPartsOfAHeadInBothForms) {
  TinyGguf tiny = deepSeek();
  for (bool isSplit : {true, false}) {
    if (!isSplit)
      tiny.set("deepseek2.attention.key_length_mla")
          .set("deepseek2.attention.value_length_mla")
          .set("deepseek2.attention.key_length", u32Value(20))
          .set("deepseek2.attention.value_length", u32Value(12));
    ModelSpec spec = llvm::cantFail(readSpec(tiny));
    EXPECT_EQ(spec.family, "deepseek_v3");
    const LatentSpec &latent = *spec.layers[0].attention.latent;
    EXPECT_FALSE(latent.queryDown); // no key of its rank
    EXPECT_THAT(latent.keyUp.shape, ElementsAre(2, 32, 12));
    EXPECT_THAT(latent.valueUp.shape, ElementsAre(2, 12, 32));
  }
  EXPECT_THAT(errorOf(tiny.set("deepseek2.attention.key_length", u32Value(8))),
              HasSubstr("attention.key_length: error: leaves no channels"));
}

// What a file leaves out is off, whatever the family's own default.
TEST(GgufDeepSeek, RoutesAsTheFileSays) {
  auto routingOf = [](const TinyGguf &tiny) {
    ModelSpec spec = llvm::cantFail(readSpec(tiny));
    return std::get<ExpertsSpec>(spec.layers[1].feedForward).routing;
  };
  TinyGguf tiny = deepSeek();
  EXPECT_EQ(routingOf(tiny).kind, RoutingKind::Sigmoid);
  EXPECT_EQ(routingOf(tiny).groups, 1);
  EXPECT_EQ(routingOf(tiny).scale, 1);
  tiny.set("deepseek2.expert_weights_norm", boolValue(true))
      .set("deepseek2.expert_weights_scale", f32Value(2.5f))
      .set("deepseek2.expert_group_count", u32Value(4))
      .set("deepseek2.expert_group_used_count", u32Value(2));
  EXPECT_EQ(routingOf(tiny).kind, RoutingKind::SigmoidOfChosen);
  EXPECT_EQ(routingOf(tiny).groups, 4);
  EXPECT_EQ(routingOf(tiny).scale, 2.5);
  tiny.set("deepseek2.expert_weights_norm").set("deepseek2.expert_gating_func", u32Value(1));
  EXPECT_EQ(routingOf(tiny).kind, RoutingKind::Softmax);
  EXPECT_EQ(routingOf(tiny).groups, 4);
  EXPECT_THAT(errorOf(tiny.set("deepseek2.expert_gating_func", u32Value(3))),
              HasSubstr("expert_gating_func: error: 3 is not supported"));
}

TEST(GgufDeepSeek, ScalesScoresByTenTimesTheMultiplier) {
  TinyGguf tiny = deepSeek();
  tiny.set("deepseek2.rope.scaling.type", textValue("yarn"))
      .set("deepseek2.rope.scaling.factor", f32Value(40))
      .set("deepseek2.rope.scaling.original_context_length", u32Value(4096))
      .set("deepseek2.rope.scaling.yarn_log_multiplier", f32Value(0.1f));
  const AttentionSpec attention = llvm::cantFail(readSpec(tiny)).layers[0].attention;
  double growth = 0.1 * std::log(40) + 1;
  EXPECT_NEAR(attention.scale, growth * growth / std::sqrt(20.0), 1e-7);
  EXPECT_EQ(attention.rope->factor, 1);
}

/// Layers 2 and 5 have no window; the last two read others' keys.
TinyGguf gemma4() {
  TinyGguf tiny = tinyOf("gemma4", 6);
  for (auto [key, value] : {std::pair("attention.key_length", 32),
                            {"attention.value_length", 32},
                            {"attention.key_length_swa", 16},
                            {"attention.value_length_swa", 16},
                            {"rope.dimension_count", 32},
                            {"rope.dimension_count_swa", 16},
                            {"attention.sliding_window", 8},
                            {"attention.shared_kv_layers", 2}})
    tiny.set(std::string("gemma4.") + key, u32Value(uint32_t(value)));
  tiny.set("gemma4.attention.sliding_window_pattern",
           boolsValue({true, true, false, true, true, false}));
  tiny.set("gemma4.rope.freq_base_swa", f32Value(2e4f))
      .set("gemma4.rope.freq_base", f32Value(1e6f));
  std::string divisors;
  for (int i = 0; i < 16; ++i)
    divisors += f32(i < 4 ? 1 : 1e30f);
  tiny.tensor("rope_freqs.weight") = {"rope_freqs.weight", {16}, 0, 0, divisors};
  return tiny;
}

TEST(GgufGemma4, HasLayersOfTwoKinds) {
  TinyGguf tiny = gemma4();
  tiny.set("gemma4.feed_forward_length", i32sValue({32, 32, 32, 32, 64, 64}));
  tiny.set("gemma4.attention.head_count_kv", i32sValue({2, 2, 1, 2, 2, 1}));
  ModelSpec spec = llvm::cantFail(readSpec(tiny));
  const AttentionSpec &sliding = spec.layers[0].attention, &full = spec.layers[2].attention;
  EXPECT_EQ(sliding.headSize, 16);
  EXPECT_EQ(sliding.kvHeads, 2);
  EXPECT_EQ(sliding.rope->theta, 2e4);
  EXPECT_FALSE(sliding.valueIsKey || sliding.rope->scaling);
  EXPECT_EQ(full.headSize, 32);
  EXPECT_EQ(full.kvHeads, 1);
  EXPECT_TRUE(full.valueIsKey); // no blk.2.attn_v there
  ASSERT_TRUE(full.rope->scaling);
  EXPECT_EQ(full.rope->scaling->kind, "proportional");
  EXPECT_EQ(full.rope->scaling->low, 4);
  EXPECT_EQ(std::get<MlpSpec>(spec.layers[0].feedForward).up.shape[0], 32);
  EXPECT_EQ(std::get<MlpSpec>(spec.layers[5].feedForward).up.shape[0], 64);
  EXPECT_EQ(spec.layers[4].attention.source, 3);
  EXPECT_EQ(spec.layers[5].attention.source, 2);
  EXPECT_FALSE(spec.perLayerInputs);
}

TEST(GgufGemma4, NamesWhatLayersCannotBe) {
  TinyGguf tiny = gemma4();
  EXPECT_THAT(errorOf(tiny.set("gemma4.feed_forward_length", i32sValue({32, 32, 16, 32, 32, 32}))),
              HasSubstr("feed_forward_length: error: differs between layers of one kind"));
  EXPECT_THAT(errorOf(tiny.set("gemma4.feed_forward_length", i32sValue({32, 32, 32, 32, 96, 96}))),
              HasSubstr("nor twice as wide"));
  EXPECT_THAT(errorOf(tiny.set("gemma4.feed_forward_length", i32sValue({32, 32}))),
              HasSubstr("names 2 layers, but there are 6"));
  tiny.set("gemma4.feed_forward_length", u32Value(32));
  EXPECT_THAT(errorOf(tiny.set("gemma4.attention.head_count_kv", i32sValue({2, 1, 1, 2, 2, 1}))),
              HasSubstr("head_count_kv: error: differs between layers of one kind"));
  tiny.set("gemma4.attention.head_count_kv", u32Value(1));
  EXPECT_THAT(errorOf(tiny.set("gemma4.attention.value_length_swa", u32Value(8))),
              HasSubstr("value_length_swa: error: 8 is not supported, expected 16"));
  tiny.set("gemma4.attention.value_length_swa", u32Value(16));
  EXPECT_EQ(errorOf(tiny), "");
  std::string halved;
  for (int i = 0; i < 16; ++i)
    halved += f32(i < 4 ? 1 : 2);
  tiny.tensor("rope_freqs.weight").data = halved;
  EXPECT_THAT(errorOf(tiny), HasSubstr("\"rope_freqs.weight\": error: expected ones, then"));
}

} // namespace
