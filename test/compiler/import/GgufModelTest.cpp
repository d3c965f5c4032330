// A .gguf file as a model: its fields, its tensors, and the graph that comes out.
#include "compiler/import/Import.h"
#include "compiler/import/checkpoint/gguf/Tensors.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "test/compiler/import/checkpoint/gguf/TinyGguf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string errorOf(const TinyGguf &tiny) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto model = importModel(context, tiny.write());
  return model ? "" : llvm::toString(model.takeError());
}

/// The printed module, and the assets in `assets`.
std::string graphOf(const TinyGguf &tiny, bundle::BundleT *assets = nullptr) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  ImportedModel model = llvm::cantFail(importModel(context, tiny.write()));
  EXPECT_TRUE(mlir::succeeded(mlir::verify(*model.module)));
  std::string text;
  llvm::raw_string_ostream(text) << *model.module;
  if (assets)
    *assets = std::move(model.assets);
  return text;
}

TEST(GgufModel, BuildsTheGraphOfAHuggingFaceFolder) {
  TinyGguf tiny;
  bundle::BundleT assets;
  tiny.set("tokenizer.chat_template", textValue("{{ messages }}"));
  std::string graph = graphOf(tiny, &assets);
  EXPECT_THAT(
      graph,
      HasSubstr("family = \"llama\", layers = 1, hidden = 32, vocabulary = 12, positions = 64"));
  EXPECT_THAT(graph, HasSubstr("by <dims = 16, theta = 1.000000e+04 : f64>"));
  EXPECT_THAT(graph, Not(HasSubstr("lm_head")));
  EXPECT_THAT(
      graph, HasSubstr("pack.weight @model.layers.0.mlp.up_proj.weight : !pack.source<32x32xf32>"));
  size_t permuted = 0;
  for (size_t at = 0; (at = graph.find("pack.permute", at)) != std::string::npos; ++at)
    ++permuted;
  EXPECT_EQ(permuted, 2u); // q and k alone
  EXPECT_THAT(graph, HasSubstr("heads of 16"));
  EXPECT_EQ(assets.model->name, "tiny");
  EXPECT_EQ(assets.model->licence, "mit");
  EXPECT_THAT(assets.generation->eos, testing::ElementsAre(1));
  EXPECT_EQ(assets.generation->bos, 0);
  ASSERT_EQ(assets.templates.size(), 1u);
  EXPECT_EQ(assets.templates[0]->source, "{{ messages }}");
  ASSERT_EQ(assets.special_tokens.size(), 2u);
  EXPECT_EQ(assets.special_tokens[0]->name, "bos_token");
  EXPECT_EQ(assets.special_tokens[0]->text, "<s>");
  ASSERT_EQ(assets.sources.size(), 1u);
  EXPECT_EQ(assets.sources[0]->file, "tiny.gguf");
}

// A template that cannot be compiled never keeps the model.
TEST(GgufModel, TakesAnotherTemplateOrNone) {
  TinyGguf tiny;
  tiny.set("tokenizer.chat_template", textValue("{{ x | nope }}"))
      .set("tokenizer.chat_template.tool_use", textValue("t"));
  EXPECT_THAT(errorOf(tiny), HasSubstr("--chat-template=none leaves it out"));
  auto templatesWith = [&](const std::string &choice) {
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    std::vector<std::string> sources;
    for (const auto &each :
         llvm::cantFail(importModel(context, tiny.path(), {{}, choice, {}})).assets.templates)
      sources.push_back(each->source);
    return sources;
  };
  EXPECT_TRUE(templatesWith("none").empty());
  std::string mine = tiny.path("mine.jinja");
  std::error_code error;
  llvm::raw_fd_ostream(mine, error) << "mine";
  EXPECT_THAT(templatesWith(mine), testing::ElementsAre("mine"));
}

TEST(GgufModel, KeepsBlocksHeadAndBiases) {
  TinyGguf tiny;
  tiny.tensor("output.weight") = {"output.weight", {32, 12}, 8, 12 * 34};
  tiny.tensor("blk.0.attn_q.weight") = {"blk.0.attn_q.weight", {32, 32}, 3, 32 * 20};
  tiny.tensor("blk.0.ffn_up.weight") = {"blk.0.ffn_up.weight", {32, 32}, 2, 32 * 18};
  for (auto [name, rows] : {std::pair("q", 32), {"k", 16}, {"v", 16}, {"output", 32}})
    tiny.tensor(std::string("blk.0.attn_") + name + ".bias").extents = {uint64_t(rows)};
  std::string graph = graphOf(tiny);
  EXPECT_THAT(
      graph,
      HasSubstr(
          "@lm_head.weight : !pack.block<12x32, #pack.format<i8, group = 32, scale = f16>, rows>"));
  EXPECT_THAT(
      graph,
      HasSubstr("q_proj.weight : !pack.block<32x32, #pack.format<ui4, group = 32, scale = f16, "
                "minimum = f16>, rows>"));
  EXPECT_THAT(
      graph,
      HasSubstr(
          "up_proj.weight : !pack.block<32x32, #pack.format<i4, group = 32, scale = f16>, rows>"));
  EXPECT_THAT(graph, HasSubstr("pack.weight @model.layers.0.self_attn.q_proj.bias"));
}

TEST(GgufModel, DividesFrequencies) {
  TinyGguf tiny;
  std::string divisors;
  for (int i = 1; i <= 8; ++i)
    divisors += f32(float(i));
  tiny.tensor("rope_freqs.weight") = {"rope_freqs.weight", {8}, 0, 0, divisors};
  EXPECT_THAT(graphOf(tiny),
              HasSubstr("scaling = <kind = \"divisors\", divisors = [1.000000e+00, 2.0"));
  tiny.set("llama.rope.scaling.factor", f32Value(4));
  EXPECT_THAT(errorOf(tiny),
              HasSubstr("\"rope_freqs.weight\": error: scales positions, and so does"));
  tiny.set("llama.rope.scaling.factor");
  tiny.tensor("rope_freqs.weight").data = f32(0);
  EXPECT_THAT(errorOf(tiny), HasSubstr("value 0 is not positive and finite"));
  tiny.tensor("rope_freqs.weight").extents = {7};
  EXPECT_THAT(errorOf(tiny), HasSubstr("is [7] of F32, expected [8] of F32"));
}

TEST(GgufModel, ReadsScalingAndSampling) {
  TinyGguf tiny;
  tiny.set("llama.rope.scaling.type", textValue("linear"))
      .set("llama.rope.scaling.factor", f32Value(4));
  tiny.set("general.sampling.temp", f32Value(0.5f)).set("general.sampling.top_k", u32Value(20));
  bundle::BundleT assets;
  EXPECT_THAT(graphOf(tiny, &assets), HasSubstr("scaling = <kind = \"linear\", factor = 4.0"));
  EXPECT_TRUE(assets.generation->do_sample);
  EXPECT_EQ(assets.generation->temperature, 0.5f);
  EXPECT_EQ(assets.generation->top_k, 20);
  EXPECT_THAT(graphOf(tiny.set("llama.rope.scaling.type", textValue("none"))),
              Not(HasSubstr("linear\"")));
}

TEST(GgufModel, ReadsQwen2) {
  TinyGguf tiny;
  std::map<std::string, std::string> renamed;
  for (auto &[key, value] : tiny.metadata)
    renamed[llvm::StringRef(key).starts_with("llama.") ? "qwen2" + key.substr(5) : key] = value;
  tiny.metadata = renamed;
  tiny.set("general.architecture", textValue("qwen2"));
  for (auto [name, rows] : {std::pair("q", 32), {"k", 16}, {"v", 16}})
    tiny.tensor(std::string("blk.0.attn_") + name + ".bias").extents = {uint64_t(rows)};
  std::string graph = graphOf(tiny);
  EXPECT_THAT(graph, HasSubstr("family = \"qwen2\""));
  EXPECT_THAT(graph, Not(HasSubstr("pack.permute")));
}

TEST(GgufModel, NamesWhatIsWrong) {
  auto with = [](llvm::StringRef key, std::string value = {}) {
    TinyGguf tiny;
    return errorOf(tiny.set(key, std::move(value)));
  };
  EXPECT_THAT(with("general.architecture"),
              testing::AllOf(HasSubstr("the key is missing, osscc knows "), HasSubstr("llama, "),
                             HasSubstr("qwen2, ")));
  EXPECT_THAT(with("general.architecture", textValue("mamba")),
              HasSubstr("unknown architecture \"mamba\""));
  EXPECT_THAT(with("general.type", textValue("adapter")), HasSubstr("expected \"model\""));
  EXPECT_THAT(with("llama.embedding_length"),
              HasSubstr("llama.embedding_length: error: the key is missing"));
  EXPECT_THAT(with("llama.embedding_length", u32Value(0)),
              HasSubstr("llama.embedding_length: error: expected an integer"));
  EXPECT_THAT(with("llama.block_count", textValue("1")),
              HasSubstr("llama.block_count: error: expected an integer"));
  EXPECT_THAT(with("llama.block_count", u32Value(2)),
              HasSubstr("tensor \"blk.1.attn_norm.weight\": error: is missing"));
  EXPECT_THAT(with("llama.feed_forward_length", i32sValue({32, 64})),
              HasSubstr("differs from layer to layer"));
  EXPECT_EQ(with("llama.feed_forward_length", i32sValue({32, 32})), "");
  EXPECT_THAT(with("llama.rope.dimension_count", u32Value(8)),
              HasSubstr("expected 16, the width of a head"));
  EXPECT_THAT(with("llama.attention.value_length", u32Value(8)),
              HasSubstr("expected 16, the width of a head"));
  EXPECT_THAT(with("llama.rope.scaling.type", textValue("longrope")),
              HasSubstr("\"longrope\" is not supported"));
  EXPECT_THAT(with("llama.rope.scaling.type", textValue("yarn")),
              HasSubstr("llama.rope.scaling.factor: error: the key is missing"));
  EXPECT_THAT(with("llama.rope.scaling.attn_factor", f32Value(2)), HasSubstr("expected 1"));
  EXPECT_THAT(with("llama.attention.causal", boolValue(false)),
              HasSubstr("false is not supported"));
  EXPECT_THAT(with("llama.expert_count", u32Value(8)), // a Mixtral then
              HasSubstr("llama.expert_used_count: error: the key is missing"));
  EXPECT_EQ(with("llama.expert_count", u32Value(0)), "");
  EXPECT_THAT(with("llama.moe_every_n_layers", u32Value(2)), HasSubstr("2 would change"));
  EXPECT_EQ(with("llama.attention.sliding_window", u32Value(8)), "");
  EXPECT_THAT(with("tokenizer.ggml.eos_token_id", u32Value(12)),
              HasSubstr("tokenizer.ggml.eos_token_id: error"));
  EXPECT_EQ(with("llama.attention.sliding_window", u32Value(0)), "");
}

// What says how positions are scaled is an object of config.json, but keys of the metadata.
TEST(GgufModel, NamesKeysOfScaledPositions) {
  auto with = [](llvm::StringRef key, std::string value) {
    TinyGguf tiny;
    tiny.set("llama.rope.scaling.type", textValue("yarn"));
    tiny.set("llama.rope.scaling.factor", f32Value(4));
    tiny.set("llama.rope.scaling.original_context_length", u32Value(8));
    return errorOf(tiny.set(key, std::move(value)));
  };
  EXPECT_THAT(with("llama.rope.scaling.factor", f32Value(0.5)),
              HasSubstr("llama.rope.scaling.factor: error: expected a number"));
  EXPECT_THAT(with("llama.rope.scaling.original_context_length", u32Value(0)),
              HasSubstr("llama.rope.scaling.original_context_length: error: expected an integer"));
  EXPECT_THAT(with("llama.rope.scaling.yarn_beta_fast", f32Value(0.5)),
              HasSubstr("llama.rope.scaling.yarn_beta_fast: error: is not above beta_slow"));
  EXPECT_THAT(with("llama.rope.scaling.yarn_beta_slow", f32Value(-1)),
              HasSubstr("llama.rope.scaling.yarn_beta_slow: error: expected a number"));
  TinyGguf linear;
  EXPECT_THAT(errorOf(linear.set("llama.rope.scaling.factor", f32Value(0.5))),
              HasSubstr("llama.rope.scaling.factor: error: expected a number"));
}

TEST(GgufModel, HoldsTensorsToTheMetadata) {
  auto with = [](const TinyGguf::Entry &entry) {
    TinyGguf tiny;
    tiny.tensor(entry.name) = entry;
    return errorOf(tiny);
  };
  EXPECT_THAT(with({"blk.0.mystery.weight", {8}}),
              HasSubstr("no model of the architecture \"llama\" has it"));
  EXPECT_THAT(with({"blk.00.ffn_up.weight", {8}}), HasSubstr("no model of the architecture"));
  EXPECT_THAT(with({"blk.0.ffn_up.weight", {32, 31}}),
              HasSubstr("\"blk.0.ffn_up.weight\": error: shape [31, 32] does not match [32, 32]"));
  EXPECT_EQ(with({"blk.0.ffn_up.weight", {32, 32}, 6, 32 * 22}), "");
  EXPECT_THAT(with({"blk.0.ffn_up.weight", {32, 32}, 9, 32 * 36}),
              HasSubstr("dtype Q8_1 is not supported, expected F32, F16, BF16, Q4_0, Q4_1, Q5_0"));
  EXPECT_THAT(with({"blk.0.ffn_up.weight", {32, 32}, 28, 32 * 32 * 8}),
              HasSubstr("\"blk.0.ffn_up.weight\": error: dtype F64 is not supported"));
  EXPECT_THAT(with({"output_norm.weight", {32}, 8, 34}),
              HasSubstr("dtype Q8_0 is not supported, expected F32, F16 or BF16"));
  EXPECT_THAT(with({"blk.1.ffn_up.weight", {32, 32}}),
              HasSubstr("the model that the metadata describes"));
}

} // namespace
