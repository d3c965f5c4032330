// Ropes that YaRN scales: which frequencies a config gives, and what is refused.
#include "compiler/import/families/Families.h"
#include "test/compiler/import/TinyCheckpoint.h"

#include "dialects/llm/Llm.h"
#include "mlir/IR/Builders.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace osscc;
using testing::HasSubstr;

namespace {

using Fields = std::vector<std::pair<const char *, std::string>>;

/// The spec of a Llama with heads of 64.
llvm::Expected<ModelSpec> readWith(const Fields &fields) {
  TinyCheckpoint tiny;
  tiny.set("head_dim", "64");
  for (auto &[key, value] : fields)
    tiny.set(key, value);
  tiny.write();
  return readModelSpec(tiny.path("config.json"));
}

RopeSpec ropeOf(const Fields &fields) {
  return *llvm::cantFail(readWith(fields)).layers[0].attention.rope;
}

// The numbers of the published gpt-oss config, as transformers computes them from it.
TEST(Yarn, ReadsYarnWithoutTruncation) {
  RopeSpec rope =
      ropeOf({{"rope_theta", "150000"},
              {"rope_scaling", R"({"rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0,
      "beta_slow": 1.0, "truncate": false, "original_max_position_embeddings": 4096})"}});
  ASSERT_TRUE(rope.scaling);
  EXPECT_EQ(rope.scaling->kind, "yarn");
  EXPECT_EQ(rope.scaling->factor, 32);
  EXPECT_NEAR(rope.scaling->low, 8.092779115, 1e-8);
  EXPECT_NEAR(rope.scaling->high, 17.398024502, 1e-8);
  EXPECT_NEAR(rope.factor, 1.3465735902799727, 1e-15);

  mlir::MLIRContext context;
  context.loadDialect<llm::LlmDialect>();
  mlir::Builder builder(&context);
  auto number = [&](double value) { return builder.getF64FloatAttr(value); };
  auto scaling = llm::RopeScalingAttr::get(&context, builder.getStringAttr("yarn"), number(32),
                                           number(rope.scaling->low), number(rope.scaling->high),
                                           nullptr, nullptr);
  auto found = llm::RopeAttr::get(&context, 64, number(150000), scaling, number(rope.factor), 0);
  const float expected[] = {1,
                            0.689044306,
                            0.474782055,
                            0.327145872,
                            0.225418,
                            0.155322989,
                            0.107024421,
                            0.0737445682,
                            0.0508132748,
                            0.0317056962,
                            0.0193350011,
                            0.0115920493,
                            0.00679495949,
                            0.00386035932,
                            0.00209379238,
                            0.0010526021,
                            0.000456483919,
                            0.000129318701,
                            3.83088124e-05,
                            2.6396469e-05,
                            1.81883367e-05,
                            1.25325698e-05,
                            8.63549588e-06,
                            5.95023926e-06,
                            4.09997848e-06,
                            2.82506683e-06,
                            1.94659621e-06,
                            1.34129104e-06,
                            9.2420895e-07,
                            6.36820915e-07,
                            4.38797825e-07,
                            3.02351143e-07};
  auto frequencies = found.inverseFrequencies();
  ASSERT_EQ(frequencies.size(), std::size(expected));
  for (size_t i = 0; i < frequencies.size(); ++i)
    EXPECT_NEAR(frequencies[i] / expected[i], 1, 4e-7) << i;
  EXPECT_EQ(found.turnFactor(), 1.3465736f);
}

TEST(Yarn, ReadsYarnAsItIsPublished) {
  // Whole numbers of frequencies by default; all factors that there are.
  const std::string plain =
      R"("rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 4096)";
  RopeSpec rope = ropeOf({{"rope_parameters", "{\"rope_theta\": 10000, " + plain + "}"}});
  EXPECT_EQ(rope.scaling->low, 10);
  EXPECT_EQ(rope.scaling->high, 23);
  EXPECT_NEAR(rope.factor, 0.1 * std::log(4.0) + 1, 1e-15);
  EXPECT_EQ(ropeOf({{"rope_scaling", "{" + plain + R"(, "attention_factor": 1.5})"}}).factor, 1.5);
  double both =
      ropeOf({{"rope_scaling", "{" + plain + R"(, "mscale": 2, "mscale_all_dim": 1})"}}).factor;
  EXPECT_NEAR(both, (0.2 * std::log(4.0) + 1) / (0.1 * std::log(4.0) + 1), 1e-15);
  EXPECT_EQ(
      ropeOf({{"rope_scaling", "{" + plain + R"(, "mscale": 1, "mscale_all_dim": 1})"}}).factor, 1);
  // No mscale_all_dim: mscale alone means nothing.
  EXPECT_EQ(ropeOf({{"rope_scaling", "{" + plain + R"(, "mscale": 2})"}}).factor, rope.factor);
}

TEST(Yarn, RefusesYarnThatMakesNoSense) {
  auto refused = [](const char *fields) {
    auto spec =
        readWith({{"rope_scaling", std::string(R"({"rope_type": "yarn", )") + fields + "}"}});
    return spec ? std::string() : llvm::toString(spec.takeError());
  };
  EXPECT_THAT(refused(R"("factor": 0.5, "original_max_position_embeddings": 4096)"),
              HasSubstr("rope_scaling.factor: error: expected a number from 1"));
  EXPECT_THAT(refused(R"("factor": 4)"),
              HasSubstr("rope_scaling.original_max_position_embeddings"));
  EXPECT_THAT(refused(R"("factor": 4, "original_max_position_embeddings": 4096, "beta_fast": 1)"),
              HasSubstr("rope_scaling.beta_fast: error: is not above beta_slow"));
  EXPECT_THAT(refused(R"("factor": 4, "original_max_position_embeddings": 4096, "truncate": 1)"),
              HasSubstr("rope_scaling.truncate: error: expected true or false"));
  EXPECT_THAT(refused(R"("factor": 4, "original_max_position_embeddings": 4096,
                         "attention_factor": 0)"),
              HasSubstr("rope_scaling.attention_factor"));
  EXPECT_THAT(refused(R"("factor": 4, "original_max_position_embeddings": 4)"),
              HasSubstr("an original context of 4 leaves no frequency between"));
  EXPECT_THAT(refused(R"("factor": 4, "original_max_position_embeddings": 4096,
                         "low_freq_factor": 2)"),
              HasSubstr("rope_scaling.low_freq_factor"));
}

} // namespace
