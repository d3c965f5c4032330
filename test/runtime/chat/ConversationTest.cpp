#include "runtime/chat/Conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct ChooseGeneration : testing::Test {
  flatbuffers::FlatBufferBuilder builder;
  bundle::GenerationT defaults;
  Options options;

  Result<GenerateOptions> choose() {
    builder.Clear();
    builder.Finish(bundle::Generation::Pack(builder, &defaults));
    return chooseGeneration(options,
                            *flatbuffers::GetRoot<bundle::Generation>(builder.GetBufferPointer()));
  }
};

TEST_F(ChooseGeneration, AModelThatDoesNotSampleIsGreedy) {
  defaults.temperature = 0.7f;
  EXPECT_EQ(choose()->sampler.temperature, 0);
  defaults.do_sample = true;
  EXPECT_EQ(choose()->sampler.temperature, 0.7f);
  options.temperature = 0.0;
  EXPECT_EQ(choose()->sampler.temperature, 0);
}

TEST_F(ChooseGeneration, TheCommandLineGoesBeforeTheModel) {
  defaults.top_k = 50;
  defaults.top_p = 0.5f;
  defaults.eos = {2, 7};
  options.topP = 0.25;
  options.seed = 5;
  options.maxTokens = 9;
  auto generation = choose();
  EXPECT_EQ(generation->sampler.topK, 50);
  EXPECT_EQ(generation->sampler.topP, 0.25);
  EXPECT_EQ(generation->sampler.seed, 5u);
  EXPECT_EQ(generation->maxTokens, 9);
  EXPECT_THAT(generation->eos, ElementsAre(2, 7));
}

TEST_F(ChooseGeneration, WithoutASeedTwoChatsDiffer) {
  EXPECT_NE(choose()->sampler.seed, choose()->sampler.seed);
}

TEST_F(ChooseGeneration, AValueOutOfRangeIsAUsageError) {
  options.topP = 1.5;
  auto generation = choose();
  ASSERT_FALSE(generation);
  EXPECT_EQ(exitCode(generation.error().code), 2);
  EXPECT_THAT(generation.error().message, HasSubstr("--top-p"));
}

} // namespace
} // namespace osscc::rt::cli
