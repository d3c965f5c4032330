// Config against weights, generation defaults, where files lie, and the graph that comes out.
#include "compiler/import/GenerationConfig.h"
#include "compiler/import/GraphBuilder.h"
#include "compiler/import/Licence.h"
#include "compiler/import/checkpoint/CheckWeights.h"
#include "compiler/import/checkpoint/Safetensors.h"
#include "compiler/import/families/Families.h"
#include "test/compiler/import/TinyCheckpoint.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::HasSubstr;

namespace {

std::string weightsError(const TinyCheckpoint &tiny) {
  tiny.write();
  auto spec = llvm::cantFail(readModelSpec(tiny.path("config.json")));
  auto checkpoint = llvm::cantFail(readSafetensors(tiny.path("model.safetensors")));
  llvm::Error error = checkWeights(spec, checkpoint);
  return error ? llvm::toString(std::move(error)) : std::string();
}

TEST(CheckWeights, HoldsEveryTensorToTheConfig) {
  TinyCheckpoint tiny;
  EXPECT_EQ(weightsError(tiny), "");
  tiny.tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = {"F32", {2}, ""};
  EXPECT_EQ(weightsError(tiny), "");
  tiny.tensors["mystery.weight"] = {"F32", {2, 8}, ""};
  EXPECT_THAT(weightsError(tiny),
              HasSubstr("tensor \"mystery.weight\": error: is not part of the model"));
}

TEST(CheckWeights, NamesWhatDisagrees) {
  TinyCheckpoint missing;
  missing.tensors.erase("model.layers.1.mlp.up_proj.weight");
  EXPECT_THAT(
      weightsError(missing),
      HasSubstr("\"model.layers.1.mlp.up_proj.weight\": error: is missing, expected shape [6, 8]"));
  TinyCheckpoint shape;
  shape.tensors["model.layers.1.mlp.down_proj.weight"].shape = {8, 7};
  EXPECT_THAT(weightsError(shape),
              HasSubstr("shape [8, 7] does not match [8, 6] (hidden_size, intermediate_size)"));
  TinyCheckpoint flat;
  flat.tensors["model.layers.1.mlp.down_proj.weight"].shape = {48};
  EXPECT_THAT(weightsError(flat), HasSubstr("shape [48] does not match [8, 6]"));
  TinyCheckpoint dtype;
  dtype.tensors["model.layers.0.self_attn.q_proj.weight"].dtype = "I8";
  EXPECT_THAT(weightsError(dtype),
              HasSubstr("dtype I8 is not supported, expected F32, F16 or BF16"));
  TinyCheckpoint layers;
  EXPECT_THAT(weightsError(layers.set("num_hidden_layers", "1")), HasSubstr("\"model.layers.1."));
  TinyCheckpoint infinite;
  infinite.tensors["model.norm.weight"].bytes =
      std::string("\0\0\0\0\x80\x7F\0\0\0\0\0\0\0\0\0\0", 16);
  EXPECT_THAT(weightsError(infinite),
              HasSubstr("\"model.norm.weight\": error: value 2 is not finite"));
}

TEST(CheckWeights, HoldsATiedHeadToBeACopy) {
  TinyCheckpoint tiny;
  tiny.tensors["lm_head.weight"] = {"BF16", {12, 8}, ""};
  EXPECT_EQ(weightsError(tiny), "");
  tiny.tensors["lm_head.weight"].bytes = std::string(191, '\0') + "x";
  EXPECT_THAT(weightsError(tiny),
              HasSubstr("\"lm_head.weight\": error: config.json ties the head"));
  EXPECT_EQ(weightsError(tiny.set("tie_word_embeddings", "false")), "");
  tiny.tensors.erase("lm_head.weight");
  EXPECT_THAT(weightsError(tiny), HasSubstr("\"lm_head.weight\": error: is missing"));
}

TEST(Generation, ReadsDefaults) {
  TinyCheckpoint tiny;
  tiny.write("tokenizer.json", "{}");
  tiny.write();
  auto files = llvm::cantFail(locateModel(tiny.path("model.safetensors")));
  auto spec = llvm::cantFail(readModelSpec(tiny.path("config.json")));
  auto plain = llvm::cantFail(readGenerationConfig(files, spec, std::nullopt));
  EXPECT_EQ(plain->bos, 1);
  EXPECT_THAT(plain->eos, testing::ElementsAre(2));
  tiny.write(
      "generation_config.json",
      R"({"do_sample": true, "temperature": 0.5, "top_k": 20, "top_p": 0.9, "eos_token_id": [2, 3], "num_beams": 1})");
  auto given = llvm::cantFail(readGenerationConfig(files, spec, std::nullopt));
  EXPECT_TRUE(given->do_sample);
  EXPECT_EQ(given->temperature, 0.5f);
  EXPECT_EQ(given->top_k, 20);
  EXPECT_THAT(given->eos, testing::ElementsAre(2, 3));
  for (const char *bad :
       {R"({"top_p": 0, "do_sample": true})", R"({"top_p": "1.5", "do_sample": true})",
        R"({"temperature": -1, "do_sample": true})", R"({"top_k": -1})", R"({"eos_token_id": 12})",
        R"({"num_beams": 4})", R"({"no_repeat_ngram_size": 3})", R"({"repetition_penalty": 0})",
        R"({"do_sample": 1})", R"({"suppress_tokens": [1]})", "[]"}) {
    tiny.write("generation_config.json", bad);
    EXPECT_THAT(llvm::toString(readGenerationConfig(files, spec, std::nullopt).takeError()),
                HasSubstr("generation_config.json: "))
        << bad;
  }
}

TEST(Sources, HoldTemplatesAndWords) {
  TinyCheckpoint tiny;
  for (const char *name : {"tokenizer.json", "special_tokens_map.json", "chat_template.json"})
    tiny.write(name, "{}");
  llvm::sys::fs::create_directories(tiny.path("additional_chat_templates"));
  tiny.write("additional_chat_templates/rag.jinja", "r");
  tiny.write("additional_chat_templates/notes.txt", "n");
  tiny.write();
  auto files = llvm::cantFail(locateModel(tiny.folder));
  std::vector<std::string> names;
  for (const auto &source : llvm::cantFail(describeSources(files, files.weights)))
    names.push_back(source->file);
  EXPECT_THAT(names, testing::ElementsAre("additional_chat_templates/rag.jinja",
                                          "chat_template.json", "config.json", "model.safetensors",
                                          "special_tokens_map.json", "tokenizer.json"));
}

TEST(Generation, ATokenizersEndCountsBesideTheFiles) {
  TinyCheckpoint tiny;
  tiny.write("tokenizer.json", "{}");
  tiny.write();
  auto files = llvm::cantFail(locateModel(tiny.path("model.safetensors")));
  auto spec = llvm::cantFail(readModelSpec(tiny.path("config.json")));
  auto ends = [&](std::optional<int64_t> end) {
    return llvm::cantFail(readGenerationConfig(files, spec, end))->eos;
  };
  EXPECT_THAT(ends(5), testing::ElementsAre(2, 5));
  EXPECT_THAT(ends(2), testing::ElementsAre(2));
  tiny.write("generation_config.json", R"({"eos_token_id": [3, 4]})");
  EXPECT_THAT(ends(5), testing::ElementsAre(3, 4, 5));
}

TEST(Generation, SomeIdsNameNoToken) {
  TinyCheckpoint tiny;
  tiny.write("tokenizer.json", "{}");
  tiny.set("bos_token_id", "4294967295").set("eos_token_id", "-1").set("pad_token_id", "32000");
  tiny.write();
  auto files = llvm::cantFail(locateModel(tiny.path("model.safetensors")));
  auto spec = llvm::cantFail(readModelSpec(tiny.path("config.json")));
  EXPECT_EQ(spec.beginToken, std::nullopt);
  EXPECT_TRUE(spec.endTokens.empty());
  tiny.write(
      "generation_config.json",
      R"({"bos_token_id": -1, "eos_token_id": [4294967295, 3], "pad_token_id": 4294967295})");
  auto given = llvm::cantFail(readGenerationConfig(files, spec, std::nullopt));
  EXPECT_EQ(given->bos, -1);
  EXPECT_THAT(given->eos, testing::ElementsAre(3));
  tiny.set("eos_token_id", "12").write();
  EXPECT_THAT(llvm::toString(readModelSpec(tiny.path("config.json")).takeError()),
              HasSubstr("expected integers from 0 to 11, the last token's, found 12"));
}

TEST(ModelFiles, FindsThem) {
  TinyCheckpoint tiny;
  auto errorOf = [](llvm::StringRef model) {
    return llvm::toString(locateModel(model).takeError());
  };
  EXPECT_THAT(errorOf(tiny.folder), HasSubstr("the folder has no model.safetensors"));
  tiny.write();
  EXPECT_THAT(errorOf(tiny.folder), HasSubstr("tokenizer.json: error: no such file"));
  tiny.write("tokenizer.json", "{}");
  tiny.write("README.md", "---\nlanguage: en\nlicense: apache-2.0\n---\nlicense: mit\n");
  auto files = llvm::cantFail(locateModel((tiny.folder + "/").str()));
  EXPECT_EQ(files.folder, tiny.folder);
  EXPECT_EQ(files.name, llvm::StringRef(tiny.folder).rsplit('/').second);
  EXPECT_EQ(readLicence(files).name, "apache-2.0");
  EXPECT_THAT(errorOf(tiny.path("config.json")), HasSubstr("not a safetensors or GGUF file"));
  EXPECT_THAT(errorOf("/nowhere"), HasSubstr("no such file or folder"));
  auto sources = llvm::cantFail(describeSources(files, files.weights));
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_EQ(sources[2]->file, "tokenizer.json");
  EXPECT_EQ(sources[2]->bytes, 2u);
}

// gpt-oss is published with its makers' layout in a folder of its own, and one tokenizer above it.
TEST(ModelFiles, TakesWordsFromAboveTheMakersFolder) {
  TinyCheckpoint tiny;
  auto above = tiny.folder;
  tiny.folder += "/original";
  ASSERT_FALSE(llvm::sys::fs::create_directories(tiny.folder));
  tiny.write();
  EXPECT_THAT(llvm::toString(locateModel(tiny.folder).takeError()),
              HasSubstr("original/tokenizer.json: error: no such file"));
  tiny.write("../tokenizer.json", "{}");
  tiny.write("../chat_template.jinja", "t");
  tiny.write("../README.md", "---\nlicense: apache-2.0\n---\n");
  auto files = llvm::cantFail(locateModel(tiny.folder));
  EXPECT_EQ(files.folder, tiny.folder);
  EXPECT_EQ(readLicence(files).name, "apache-2.0");
  std::vector<std::string> names;
  for (const auto &source : llvm::cantFail(describeSources(files, files.weights)))
    names.push_back(source->file);
  EXPECT_THAT(names, testing::ElementsAre("../chat_template.jinja", "../tokenizer.json",
                                          "config.json", "model.safetensors"));
  tiny.write("tokenizer.json", "{}"); // its own goes first, with all that belongs to it
  EXPECT_EQ(llvm::cantFail(locateModel(tiny.folder)).words, tiny.folder);
  tiny.folder = above;
}

/// The printed module of a checkpoint.
std::string graphOf(const TinyCheckpoint &tiny) {
  tiny.write();
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto spec = llvm::cantFail(readModelSpec(tiny.path("config.json")));
  auto checkpoint = llvm::cantFail(readSafetensors(tiny.path("model.safetensors")));
  auto module = buildGraph(context, spec, checkpoint);
  EXPECT_TRUE(mlir::succeeded(mlir::verify(*module)));
  std::string text;
  llvm::raw_string_ostream(text) << *module;
  return text;
}

TEST(GraphBuilder, BuildsSegmentsOverWeights) {
  TinyCheckpoint tiny;
  std::string graph = graphOf(tiny);
  EXPECT_THAT(
      graph,
      HasSubstr(
          "llm.config = #llm.config<family = \"llama\", layers = 2, hidden = 8, vocabulary = 12, "
          "positions = 32, max_rows = 32>"));
  EXPECT_THAT(
      graph,
      HasSubstr("pack.weight @model.layers.1.self_attn.k_proj.weight : !pack.source<4x8xbf16>"));
  EXPECT_THAT(
      graph,
      HasSubstr("func.func @layer_1(%arg0: !llm.rows, %arg1: !llm.cache<0, heads = 1, size = 4>, "
                "%arg2: tensor<?x8xf32>) -> tensor<?x8xf32>"));
  EXPECT_THAT(graph, HasSubstr("llm.segment = \"head\""));
  EXPECT_THAT(graph, HasSubstr("by <dims = 4, theta = 1.000000e+04 : f64>"));
  EXPECT_THAT(graph, testing::Not(HasSubstr("lm_head")));
}

TEST(GraphBuilder, KeepsAnUntiedHeadApart) {
  TinyCheckpoint tiny;
  tiny.set("tie_word_embeddings", "false").tensors["lm_head.weight"] = {"F32", {12, 8}, ""};
  EXPECT_THAT(graphOf(tiny), HasSubstr("pack.get @lm_head.weight : tensor<12x8xf32>"));
}

} // namespace
