// config.json of Gemma 3n, and of families whose numbers are named a layer.
#include "compiler/import/families/Families.h"
#include "test/compiler/import/TinyCheckpoint.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

namespace {

using Fields = std::vector<std::pair<const char *, const char *>>;

llvm::Expected<ModelSpec> readWith(const Fields &family, const Fields &fields) {
  TinyCheckpoint tiny;
  for (const Fields &some : {family, fields})
    for (auto &[key, value] : some)
      tiny.set(key, value);
  tiny.write();
  return readModelSpec(tiny.path("config.json"));
}

std::string errorOf(const Fields &family, const Fields &fields) {
  auto spec = readWith(family, fields);
  return spec ? "" : llvm::toString(spec.takeError());
}

const Fields kGemma = {{"model_type", "\"gemma3n_text\""},
                       {"architectures", R"(["Gemma3nForCausalLM"])"},
                       {"num_hidden_layers", "12"},
                       {"num_kv_shared_layers", "3"},
                       {"layer_types", "..."},
                       {"hidden_act", "..."},
                       {"attention_bias", "..."},
                       {"mlp_bias", "..."},
                       {"vocab_size_per_layer_input", "10"}};

TEST(Gemma3n, KeepsATwentiethOfGatesInTheFirstTenLayers) {
  ModelSpec spec = llvm::cantFail(readWith(kGemma, {}));
  auto cutoffOf = [&](size_t layer) {
    return std::get<MlpSpec>(spec.layers[layer].feedForward).cutoff;
  };
  EXPECT_NEAR(*cutoffOf(0), 1.6448536, 1e-6); // the quantile of 0.95
  EXPECT_TRUE(cutoffOf(9));
  EXPECT_FALSE(cutoffOf(10));
  spec = llvm::cantFail(readWith(kGemma, {{"num_hidden_layers", "10"}}));
  EXPECT_FALSE(cutoffOf(0)); // of models so small none is sparse
}

TEST(Gemma3n, CarriesFourStreams) {
  ModelSpec spec = llvm::cantFail(readWith(kGemma, {}));
  EXPECT_EQ(spec.streams->count(), 4);
  EXPECT_THAT(spec.layers[0].streams->predict.shape, ElementsAre(16, 4));
  EXPECT_EQ(spec.layers[0].branch->down.shape[0], 64);
  EXPECT_THAT(errorOf(kGemma, {{"altup_active_idx", "1"}}),
              HasSubstr("altup_active_idx: error: 1"));
}

// The default pattern has a full layer at every fifth place; the last layers read those before.
TEST(Gemma3n, LeavesOutWhatSharedLayersDoNotRead) {
  ModelSpec spec = llvm::cantFail(readWith(kGemma, {}));
  EXPECT_EQ(spec.layers[9].attention.source, 4);  // full
  EXPECT_EQ(spec.layers[11].attention.source, 8); // with a window
  EXPECT_THAT(spec.leftOut, testing::Contains(Field(&ModelSpec::LeftOut::prefix,
                                                    "model.layers.9.self_attn.v_norm.")));
}

TEST(Gemma3n, RepeatsTheFirstRowOfATableOfFewerTokens) {
  ModelSpec spec = llvm::cantFail(readWith(kGemma, {}));
  const WeightSpec &table = spec.perLayerInputs->table;
  EXPECT_EQ(table.forms.front().copies, spec.vocabulary - 10);
  EXPECT_THAT(errorOf(kGemma, {{"vocab_size_per_layer_input", "100000"}}),
              HasSubstr("vocab_size_per_layer_input: error: 100000 is above vocab_size"));
}

const Fields kHunYuan = {{"model_type", "\"hunyuan_v1_moe\""},
                         {"architectures", R"(["HunYuanMoEV1ForCausalLM"])"},
                         {"num_experts", "4"}};

TEST(HunYuanMoe, ReadsNumbersThatAreNamedALayer) {
  ModelSpec spec = llvm::cantFail(readWith(kHunYuan, {{"moe_topk", "[2, 2]"}}));
  EXPECT_EQ(std::get<ExpertsSpec>(spec.layers[0].feedForward).chosen, 2);
  EXPECT_THAT(errorOf(kHunYuan, {{"moe_topk", "[2, 3]"}}),
              HasSubstr("moe_topk: error: layers that differ are not supported"));
  EXPECT_THAT(errorOf(kHunYuan, {{"moe_topk", "5"}}),
              HasSubstr("moe_topk: error: 5 experts are chosen of 4"));
}

} // namespace
