// What a .gguf file of a Gemma says otherwise than a Hugging Face folder: norms have the whole
// scale, nothing is rounded, and no key tells how queries are scaled.
#include "compiler/import/Import.h"
#include "compiler/import/checkpoint/gguf/Config.h"

#include "mlir/IR/MLIRContext.h"
#include "test/compiler/import/checkpoint/gguf/TinyGguf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::HasSubstr;
using testing::Not;

namespace {

/// A TinyGguf whose keys are those of `architecture`, with the norms behind that Gemma 2 has.
TinyGguf tinyOf(const std::string &architecture) {
  TinyGguf tiny;
  TinyGguf::Metadata renamed;
  for (auto &[key, value] : tiny.metadata)
    renamed[llvm::StringRef(key).starts_with("llama.") ? architecture + key.substr(5) : key] =
        value;
  tiny.metadata = renamed;
  tiny.set("general.architecture", textValue(architecture));
  for (const char *norm : {"post_attention_norm", "post_ffw_norm"})
    tiny.tensor(std::string("blk.0.") + norm + ".weight").extents = {32};
  return tiny;
}

TEST(GgufGemma, HasWholeNormsAndTheDefaultsOfItsFamily) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  ImportedModel model = llvm::cantFail(importModel(context, tinyOf("gemma2").write()));
  std::string graph;
  llvm::raw_string_ostream(graph) << *model.module;
  EXPECT_THAT(graph, HasSubstr("family = \"gemma2\""));
  EXPECT_THAT(graph, Not(HasSubstr("offset")));
  EXPECT_THAT(graph, HasSubstr("by 5.65685415")); // the root of 32 in f32
  EXPECT_THAT(graph, HasSubstr("scale 2.500000e-01 softcap 5.000000e+01"));
  EXPECT_THAT(graph, HasSubstr("at 3.000000e+01"));
  EXPECT_THAT(graph, HasSubstr("@model.layers.0.pre_feedforward_layernorm.weight"));
}

int64_t queryScalarOf(TinyGguf &tiny, uint32_t layers) {
  tiny.set("gemma3.attention.key_length", u32Value(8))
      .set("gemma3.attention.sliding_window", u32Value(4))
      .set("gemma3.rope.dimension_count")
      .set("gemma3.block_count", u32Value(layers));
  GgufFile file = llvm::cantFail(GgufFile::read(tiny.write()));
  const GgufArchitecture *architecture = llvm::cantFail(findGgufArchitecture(file));
  GgufFields config = llvm::cantFail(readGgufConfig(file, *architecture));
  return config.fields.getInteger("query_pre_attn_scalar").value_or(-1);
}

TEST(GgufGemma, ScalesQueriesByTheHeadButInTheWidest) {
  TinyGguf tiny = tinyOf("gemma3");
  EXPECT_EQ(queryScalarOf(tiny, 61), 8);
  EXPECT_EQ(queryScalarOf(tiny, 62), 16);
}

} // namespace
