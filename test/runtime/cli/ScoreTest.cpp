#include "runtime/cli/Score.h"

#include "runtime/cli/Bench.h"
#include "runtime/cli/Npy.h"
#include "runtime/device/ThreadPool.h"
#include "runtime/model/Session.h"
#include "runtime/sample/LogSoftmax.h"
#include "test/runtime/model/FakeModel.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace osscc::rt::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<int32_t> kText = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};

struct ScoreTest : testing::Test {
  Model model = *Model::load(test::fakeModule(), test::fakeWeights(), "fake");
  std::unique_ptr<ThreadPool> pool = *ThreadPool::create(2);
  std::string lines;

  Result<double> run(const ScoreOptions &options, int64_t chunk = 0) {
    Session session = *Session::create(model, *pool, {.rowsPerCall = chunk});
    session.addSequence();
    lines.clear();
    return score(session, *pool, kText, options, [&](std::string_view part) -> Status {
      lines += part;
      return {};
    });
  }
};

TEST_F(ScoreTest, ALineATokenWithTheNextOnesLogprob) {
  auto perplexity = run({.top = 3});
  ASSERT_TRUE(perplexity);
  double sum = 0;
  std::istringstream in(lines);
  std::string line;
  for (size_t i = 0; i < kText.size(); ++i) {
    ASSERT_TRUE(std::getline(in, line));
    auto logits = test::expectedLogits(std::span(kText).first(i + 1));
    auto object = boost::json::parse(line).as_object();
    EXPECT_EQ(object["top"].as_array().size(), 3u);
    EXPECT_EQ(object["top"].as_array()[0].as_array()[0].as_int64(),
              test::expectedNext(std::span(kText).first(i + 1)));
    if (i + 1 == kText.size()) {
      EXPECT_TRUE(object["token"].is_null() && object["logprob"].is_null());
      continue;
    }
    EXPECT_EQ(object["token"].as_int64(), kText[i + 1]);
    double expected = logits[kText[i + 1]] - logSumExp(logits);
    EXPECT_NEAR(object["logprob"].to_number<double>(), expected, 1e-12);
    sum += expected;
  }
  EXPECT_FALSE(std::getline(in, line));
  EXPECT_NEAR(*perplexity, std::exp(-sum / double(kText.size() - 1)), 1e-9);
}

TEST_F(ScoreTest, ChunksAndThreadsChangeNoByte) {
  double perplexity = *run({.top = 11});
  std::string expected = lines;
  for (int64_t workers : {1, 3})
    for (int64_t chunk : {1, 2, 512}) {
      pool = *ThreadPool::create(workers);
      EXPECT_EQ(*run({.top = 11}, chunk), perplexity);
      EXPECT_EQ(lines, expected);
    }
}

TEST_F(ScoreTest, LogitsGoToAnNpyFile) {
  std::string path = testing::TempDir() + "/scores.npy";
  ASSERT_TRUE(run({.top = 0, .logitsFile = path}, 3));
  std::string bytes = *readAll(path);
  std::remove(path.c_str());
  ASSERT_EQ(bytes.size(), 128 + kText.size() * test::kVocabulary * 4);
  EXPECT_EQ(bytes.substr(0, 6), "\x93NUMPY");
  EXPECT_THAT(bytes.substr(0, 128),
              HasSubstr("'descr': '<f4', 'fortran_order': False, 'shape': (11, 11), }"));
  EXPECT_EQ(bytes[127], '\n');
  std::vector<float> last(test::kVocabulary);
  std::memcpy(last.data(), bytes.data() + bytes.size() - last.size() * 4, last.size() * 4);
  EXPECT_EQ(last, test::expectedLogits(kText));
}

TEST_F(ScoreTest, TooLongATextNamesBothNumbers) {
  Session session = *Session::create(model, *pool, {.context = 5});
  session.addSequence();
  auto result = score(session, *pool, kText, {}, [](std::string_view) -> Status { return {}; });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "11 tokens do not fit in the context of 5");
  EXPECT_FALSE(score(session, *pool, {}, {}, [](std::string_view) -> Status { return {}; }));
}

TEST(ScoreLine, WhatIsNotFiniteIsNull) {
  std::vector<float> logits = {0, -std::numeric_limits<float>::infinity()};
  double sum = 0;
  EXPECT_EQ(scoreLine(logits, 1, 2, &sum),
            "{\"token\":1,\"logprob\":null,\"top\":[[0,0],[1,null]]}\n");
}

TEST(LogSoftmax, StaysFiniteForLargeLogits) {
  std::vector<float> logits = {1000, 1000, -1000};
  EXPECT_NEAR(logSumExp(logits), 1000 + std::log(2.0), 1e-12);
  EXPECT_THAT(largest(logits, 2), ElementsAre(0, 1));
  EXPECT_THAT(largest(logits, 99), ElementsAre(0, 1, 2));
}

TEST_F(ScoreTest, BenchMeasuresAllThree) {
  Session session = *Session::create(model, *pool, {});
  session.addSequence();
  auto result = bench(session, *pool, test::fakeWeights(),
                      {.prompt = 20, .answer = 10, .depth = {}, .repetitions = 3});
  ASSERT_TRUE(result);
  EXPECT_GT(result->prefillTokensPerSecond, 0);
  EXPECT_GT(result->decodeTokensPerSecond, 0);
  EXPECT_GT(result->streamBytesPerSecond, 0);
  session.addSequence();
  ASSERT_TRUE(bench(session, *pool, test::fakeWeights(),
                    {.prompt = 20, .answer = 10, .depth = 5, .sequences = 2, .repetitions = 1}));
  EXPECT_EQ(session.tokens(0).size(), 15u);
  EXPECT_EQ(session.tokens(1).size(), 15u);
  auto tooLong =
      bench(session, *pool, test::fakeWeights(), {.prompt = 31, .answer = 10, .depth = {}});
  EXPECT_EQ(tooLong.error().message, "31 + 10 tokens do not fit in the context of 40");
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
}

} // namespace
} // namespace osscc::rt::cli
