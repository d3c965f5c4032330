// The table of families, as people read it.
#include "compiler/import/families/Families.h"
#include "compiler/import/Licence.h"
#include "compiler/import/PrintModels.h"
#include "compiler/import/checkpoint/gguf/Architecture.h"
#include "compiler/import/families/Published.h"
#include "llvm/ADT/STLExtras.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace osscc;
using testing::HasSubstr;

namespace {

TEST(Families, AreListedWithModelsAndTestedShapes) {
  std::string text = printModels();
  for (const Family &family : families())
    EXPECT_THAT(text, HasSubstr(family.modelType.str() + ": safetensors"));
  for (const PublishedFamily &published : publishedFamilies()) {
    EXPECT_TRUE(llvm::any_of(families(), [&](const Family &family) {
      return family.modelType == published.modelType;
    })) << published.modelType.str();
    EXPECT_FALSE(published.models.empty());
    for (const PublishedModel &model : published.models)
      EXPECT_NE(classifyLicence(model.licence), bundle::LicenceClass::Unknown)
          << model.name.str() << ": " << model.licence.str();
  }
}

TEST(Families, EachOfAGgufFileIsKnown) {
  for (const GgufArchitecture &architecture : ggufArchitectures())
    EXPECT_TRUE(llvm::any_of(families(), [&](const Family &family) {
      return family.modelType == architecture.modelType;
    })) << architecture.name.str();
  EXPECT_THAT(printModels(), HasSubstr("gpt_oss: safetensors, gguf of gpt-oss\n"
                                       "  gpt-oss 20b, 120b: apache-2.0 (permissive), reasons in "
                                       "harmony's channels\n  tested as tiny-gpt-oss "));
  EXPECT_THAT(printModels(), HasSubstr("  Llama 3.2 1B, 3B: llama3.2 (restricted)\n"));
}

} // namespace
