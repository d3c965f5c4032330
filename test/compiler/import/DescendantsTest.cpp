// config.json of the families that descend from Llama: where they differ from it.
#include "compiler/import/Context.h"
#include "compiler/import/families/Families.h"
#include "test/compiler/import/TinyCheckpoint.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::HasSubstr;

namespace {

using Fields = std::vector<std::pair<const char *, const char *>>;

llvm::Expected<ModelSpec> readWith(const Fields &family, const Fields &fields) {
  TinyCheckpoint tiny;
  for (const Fields &some : {family, fields})
    for (auto &[key, value] : some)
      tiny.set(key, value);
  tiny.write();
  auto spec = readModelSpec(tiny.path("config.json"));
  if (spec)
    if (llvm::Error error = limitContext(*spec, std::nullopt))
      return error;
  return spec;
}

const Fields kMistral = {{"model_type", "\"mistral\""},
                         {"architectures", R"(["MistralForCausalLM"])"},
                         {"sliding_window", "null"}};
const Fields kQwen2 = {{"model_type", "\"qwen2\""}, {"architectures", R"(["Qwen2ForCausalLM"])"}};

std::string errorOf(const Fields &family, const Fields &fields) {
  auto spec = readWith(family, fields);
  return spec ? "" : llvm::toString(spec.takeError());
}

TEST(Mistral, IsALlamaWithoutBiases) {
  auto spec = llvm::cantFail(readWith(kMistral, {}));
  EXPECT_EQ(spec.family, "mistral");
  EXPECT_FALSE(spec.layers[0].attention.query.bias);
  EXPECT_EQ(std::get<MlpSpec>(spec.layers[1].feedForward).down.name,
            "model.layers.1.mlp.down_proj.weight");
  // Defaults of its own: 8 key-value heads, unless the field is null.
  EXPECT_THAT(errorOf(kMistral, {{"num_key_value_heads", "..."}}), HasSubstr("8 does not divide"));
  spec = llvm::cantFail(readWith(kMistral, {{"num_key_value_heads", "null"}}));
  EXPECT_EQ(spec.layers[0].attention.kvHeads, 2);
  auto longest = readWith(kMistral, {{"max_position_embeddings", "..."}});
  EXPECT_EQ(llvm::cantFail(std::move(longest)).positions, 131072);
}

/// The windows of the layers, 0 for one without.
std::vector<int64_t> windowsOf(const Fields &family, const Fields &fields) {
  std::vector<int64_t> windows;
  for (const LayerSpec &layer : llvm::cantFail(readWith(family, fields)).layers)
    windows.push_back(layer.attention.window ? layer.attention.window->positions : 0);
  return windows;
}

TEST(Mistral, HasAWindowInEveryLayer) {
  EXPECT_THAT(windowsOf(kMistral, {}), testing::ElementsAre(0, 0));
  EXPECT_THAT(windowsOf(kMistral, {{"sliding_window", "16"}}), testing::ElementsAre(16, 16));
  // The reference's default is a window of 4096.
  EXPECT_THAT(windowsOf(kMistral, {{"sliding_window", "..."}}), testing::ElementsAre(4096, 4096));
  EXPECT_THAT(errorOf(kMistral, {{"sliding_window", "0"}}), HasSubstr("sliding_window: error: "));
  EXPECT_THAT(errorOf(kMistral, {{"sliding_window", "-1"}}), HasSubstr("sliding_window: error: "));
  EXPECT_THAT(errorOf(kMistral, {{"architectures", R"(["LlamaForCausalLM"])"}}),
              HasSubstr("expected \"MistralForCausalLM\""));
}

TEST(Qwen2, HasBiasesOnQueryKeyAndValue) {
  LayerSpec layer = llvm::cantFail(readWith(kQwen2, {})).layers[1];
  const AttentionSpec &attention = layer.attention;
  ASSERT_TRUE(attention.query.bias && attention.key.bias && attention.value.bias);
  const auto &mlp = std::get<MlpSpec>(layer.feedForward);
  EXPECT_FALSE(attention.output.bias || mlp.gate->bias || mlp.up.bias || mlp.down.bias);
  EXPECT_EQ(attention.query.bias->name, "model.layers.1.self_attn.q_proj.bias");
  EXPECT_THAT(attention.query.bias->shape, testing::ElementsAre(8));
}

TEST(Qwen2, ReadsAWindowOnlyWhereItIsUsed) {
  EXPECT_THAT(windowsOf(kQwen2, {{"use_sliding_window", "false"},
                                 {"sliding_window", "16"},
                                 {"max_window_layers", "1"}}),
              testing::ElementsAre(0, 0));
  EXPECT_THAT(windowsOf(kQwen2, {{"use_sliding_window", "true"},
                                 {"sliding_window", "16"},
                                 {"max_window_layers", "1"}}),
              testing::ElementsAre(0, 16));
}

} // namespace
