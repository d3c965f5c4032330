#include "runtime/model/Model.h"

#include "runtime/device/CpuFeatures.h"
#include "test/runtime/model/FakeModel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt {
namespace {

using testing::HasSubstr;

TEST(Model, TakesTheFirstTierThatRunsHere) {
  OssccModel best = *test::fakeModule().models[0], plain = best;
  best.features = "sse2,no-such-feature";
  plain.features = "+sse2,-avx512f";
  const OssccModel *models[] = {&best, &plain};
  OssccModule module = {sizeof(OssccModule), OSSCC_ABI_VERSION, 2, models};
  auto chosen = chooseModel(module, "fake");
  ASSERT_TRUE(chosen);
  EXPECT_EQ(*chosen, &plain);
}

TEST(Model, NamesTheMissingFeaturesAndTheLineThatWouldFit) {
  OssccModel model = *test::fakeModule().models[0];
  model.features = "sse2,amx-none,avx10.9";
  const OssccModel *models[] = {&model};
  auto chosen = chooseModel({sizeof(OssccModule), OSSCC_ABI_VERSION, 1, models}, "smollm2");
  ASSERT_FALSE(chosen);
  EXPECT_EQ(exitCode(chosen.error().code), 69);
  EXPECT_THAT(chosen.error().message, HasSubstr("lacks amx-none, avx10.9"));
  EXPECT_THAT(chosen.error().help, HasSubstr("osscc smollm2 --target=x86-64"));
}

TEST(Model, RefusesAnotherAbi) {
  OssccModule module = test::fakeModule();
  module.abi_version = OSSCC_ABI_VERSION + 1;
  EXPECT_EQ(exitCode(Model::load(module, test::fakeWeights(), "m").error().code), 74);
}

TEST(Model, RefusesACacheThatItDoesNotKnow) {
  OssccModel model = *test::statefulModule().models[0];
  const OssccModel *models[] = {&model};
  OssccModule module = {sizeof(OssccModule), OSSCC_ABI_VERSION, 1, models};
  OssccCacheGroup group = model.cache_groups[1];
  model.cache_groups = &group;
  model.cache_group_count = 1;
  EXPECT_TRUE(Model::load(module, test::fakeWeights(), "m"));
  group.rows_per_page = 64; // a state has no positions
  EXPECT_FALSE(Model::load(module, test::fakeWeights(), "m"));
  group = {group.struct_bytes, OSSCC_CACHE_STATE, 1, 8, 64, /*window=*/16, 1};
  EXPECT_FALSE(Model::load(module, test::fakeWeights(), "m"));
  group = {group.struct_bytes, OSSCC_CACHE_STATE + 1, 1, 8, 64, 0, 1};
  EXPECT_FALSE(Model::load(module, test::fakeWeights(), "m"));
}

TEST(Model, RefusesAWeightOutsideThePayload) {
  auto weights = test::fakeWeights();
  auto cut = Model::load(test::fakeModule(), weights.first(weights.size() - 1), "m");
  ASSERT_FALSE(cut);
  EXPECT_EQ(exitCode(cut.error().code), 74);
  EXPECT_THAT(cut.error().message, HasSubstr("weight 'w'"));

  OssccModel model = *test::fakeModule().models[0];
  const OssccModel *models[] = {&model};
  OssccModule module = {sizeof(OssccModule), OSSCC_ABI_VERSION, 1, models};
  for (int64_t offset : {int64_t(-8), INT64_MAX, int64_t(8)}) {
    OssccWeight weight = model.weights[0];
    weight.offset = offset;
    model.weights = &weight;
    EXPECT_FALSE(Model::load(module, weights, "m")) << offset;
    model.weights = test::fakeModule().models[0]->weights;
  }
}

} // namespace
} // namespace osscc::rt
