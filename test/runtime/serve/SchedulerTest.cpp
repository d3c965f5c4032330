// Many answers at a time, drawn from the hand-written model: each is what it would be alone.
#include "runtime/serve/Scheduler.h"

#include "runtime/device/ThreadPool.h"
#include "test/runtime/model/FakeModel.h"
#include "test/runtime/serve/TinyServed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

namespace osscc::rt::serve {
namespace {

using Ids = std::vector<int32_t>;

/// Keeps what it is told.
struct Heard final : JobListener {
  std::string text;
  std::optional<Ending> ending;
  std::optional<ApiError> error;
  std::vector<TokenLogprob> logprobs, prompt;
  std::function<void()> onFirst;
  int64_t steps = 0;

  void onStep(Step step) override {
    EXPECT_FALSE(ending || error) << "a step behind the last";
    if (steps++ == 0 && onFirst)
      onFirst();
    for (const Piece &piece : step.pieces)
      text += piece.text;
    logprobs.insert(logprobs.end(), step.logprobs.begin(), step.logprobs.end());
    prompt.insert(prompt.end(), step.promptLogprobs.begin(), step.promptLogprobs.end());
    ending = step.ending;
    error = step.error;
  }
};

struct Asked {
  std::shared_ptr<Job> job = std::make_shared<Job>();
  std::shared_ptr<Heard> heard = std::make_shared<Heard>();

  explicit Asked(Ids prompt, int64_t tokens, double temperature = 0, uint64_t seed = 0) {
    job->prompt = std::move(prompt);
    job->maxTokens = tokens;
    job->sampler.temperature = temperature;
    job->sampler.seed = seed;
    job->listener = heard;
  }
};

struct SchedulerTest : testing::Test {
  test::TinyServed tiny;
  Model model = *Model::load(rt::test::fakeModule(), rt::test::fakeWeights(), "fake");
  std::unique_ptr<ThreadPool> pool = *ThreadPool::create(1);
  std::optional<Session> session;
  Metrics metrics;
  std::optional<Scheduler> scheduler;

  void make(Scheduler::Limits limits = {}, Session::Options options = {}) {
    scheduler.reset();
    session.emplace(*Session::create(model, *pool, std::move(options)));
    scheduler.emplace(*session, *tiny, limits, metrics);
  }
  /// Draws all of them together.
  void draw(const std::vector<Asked> &all) {
    std::vector<std::shared_ptr<Job>> jobs;
    for (const Asked &each : all)
      jobs.push_back(each.job);
    ASSERT_TRUE(scheduler->submit(jobs));
    scheduler->drain();
    scheduler->run();
  }
};

std::string greedy(Ids text, size_t count) {
  std::string answer;
  for (size_t i = 0; i < count; ++i) {
    text.push_back(rt::test::expectedNext(text));
    answer += char(text.back());
  }
  return answer;
}

std::vector<Asked> sixteen() {
  std::mt19937 random(7);
  std::vector<Asked> all;
  for (uint64_t i = 0; i < 16; ++i) {
    Ids prompt(1 + random() % 15);
    for (int32_t &id : prompt)
      id = int32_t(random() % rt::test::kVocabulary);
    all.emplace_back(prompt, int64_t(1 + random() % 20), i % 2 ? 1.0 : 0.0, i);
  }
  return all;
}

TEST_F(SchedulerTest, AnAnswerIsWhatTheModelSays) {
  make();
  Asked one({3, 1, 4}, 12);
  draw({one});
  EXPECT_EQ(one.heard->text, greedy({3, 1, 4}, 12));
  ASSERT_TRUE(one.heard->ending);
  EXPECT_EQ(one.heard->ending->reason, "length");
  EXPECT_EQ(one.heard->ending->promptTokens, 3);
  EXPECT_EQ(one.heard->ending->answerTokens, 12);
  EXPECT_EQ(one.heard->ending->cachedTokens, 0);
}

TEST_F(SchedulerTest, NeighboursChangeNoText) {
  std::vector<std::string> alone;
  for (Asked &each : sixteen()) {
    make();
    draw({each});
    alone.push_back(each.heard->text);
  }
  for (int64_t parallel : {1, 3, 16})
    for (int64_t rows : {1, 3, 7})
      for (int64_t beside : {1, 128}) {
        make({.parallel = parallel, .rowsBesideDecoding = beside}, {.rowsPerCall = rows});
        auto all = sixteen();
        draw(all);
        for (size_t i = 0; i < all.size(); ++i)
          EXPECT_EQ(all[i].heard->text, alone[i]) << i << " of " << parallel << ", " << rows;
      }
}

TEST_F(SchedulerTest, AConversationThatGoesOnIsNotReadAgain) {
  make({.parallel = 1});
  Asked first({3, 1, 4, 1, 5}, 6);
  ASSERT_TRUE(scheduler->submit({first.job}));
  Ids longer = first.job->prompt;
  for (char c : greedy(longer, 6))
    longer.push_back(c);
  longer.push_back(9);
  Asked second(longer, 5), stranger(longer, 5);
  stranger.job->owner = 1;
  ASSERT_TRUE(scheduler->submit({second.job}));
  draw({stranger});
  EXPECT_EQ(second.heard->text, greedy(longer, 5));
  EXPECT_EQ(second.heard->ending->cachedTokens, 10); // its last token was never fed
  EXPECT_EQ(stranger.heard->text, greedy(longer, 5));
  EXPECT_EQ(stranger.heard->ending->cachedTokens, 0) << "another owner's cache";
  EXPECT_EQ(metrics.cachedTokens, 10);
}

TEST_F(SchedulerTest, ClientsTakeTurns) {
  make({.parallel = 1});
  std::vector<Asked> all;
  std::string order;
  for (uint64_t client : {1, 1, 1, 2}) {
    Asked &each = all.emplace_back(Ids{int32_t(client)}, 2);
    each.job->client = client;
    each.heard->onFirst = [&order, client] { order += char('0' + client); };
  }
  draw(all);
  EXPECT_EQ(order, "1112") << "nothing runs beside: the first comes first";
  make({.parallel = 2});
  order.clear();
  for (Asked &each : all) {
    each.heard->steps = 0;
    each.heard->ending.reset();
  }
  draw(all);
  EXPECT_EQ(order.substr(0, 2), "12");
}

TEST_F(SchedulerTest, WhatIsCancelledIsNotTold) {
  make({.parallel = 2});
  Asked gone({1}, 20), stays({2}, 20), waits({3}, 4);
  gone.heard->onFirst = [&] { gone.job->isCancelled = true; };
  draw({gone, stays, waits});
  EXPECT_FALSE(gone.heard->ending);
  EXPECT_EQ(gone.heard->steps, 1);
  EXPECT_EQ(stays.heard->text, greedy({2}, 20));
  EXPECT_EQ(waits.heard->text, greedy({3}, 4));
  EXPECT_EQ(metrics.cancelled, 1);
}

TEST_F(SchedulerTest, TheQueueIsBounded) {
  make({.queue = 2});
  Asked a({1}, 1), b({2}, 1), c({3}, 1);
  bool isTold = false;
  EXPECT_FALSE(scheduler->submit({a.job, b.job, c.job}, [&] { isTold = true; }));
  EXPECT_FALSE(isTold);
  EXPECT_TRUE(scheduler->submit({a.job, b.job}, [&] { isTold = true; }));
  EXPECT_TRUE(isTold);
  EXPECT_FALSE(scheduler->submit({c.job}));
  scheduler->drain();
  EXPECT_FALSE(scheduler->submit({c.job}));
  scheduler->run();
  EXPECT_TRUE(a.heard->ending && b.heard->ending);
}

TEST_F(SchedulerTest, WhatIsCutSaysWhy) {
  make({.parallel = 1});
  Asked runs({1}, 30), waits({2}, 30);
  runs.heard->onFirst = [&] { scheduler->cut(); };
  draw({runs, waits});
  ASSERT_TRUE(runs.heard->ending);
  EXPECT_EQ(runs.heard->ending->reason, "length");
  EXPECT_EQ(runs.heard->ending->faultCode, "server_stopped");
  EXPECT_EQ(runs.heard->text, greedy({1}, 1));
  ASSERT_TRUE(waits.heard->error);
  EXPECT_EQ(waits.heard->error->status, 503);
}

TEST_F(SchedulerTest, AStopStringEndsAnAnswer) {
  make();
  std::string whole = greedy({5, 8}, 20);
  Asked one({5, 8}, 20);
  one.job->stops = {whole.substr(4, 2)};
  draw({one});
  EXPECT_EQ(one.heard->text, whole.substr(0, whole.find(whole.substr(4, 2))));
  EXPECT_EQ(one.heard->ending->reason, "stop");
}

TEST_F(SchedulerTest, TheContextEndsAnAnswer) {
  make();
  Asked one(Ids(38, 1), 20);
  draw({one});
  EXPECT_EQ(one.heard->ending->answerTokens, 3); // the last is not fed
  EXPECT_EQ(one.heard->ending->reason, "length");
}

TEST_F(SchedulerTest, PromptsAreScored) {
  make();
  Asked one({3, 1, 4, 1}, 0);
  one.job->scoresPrompt = true;
  one.job->topLogprobs = 2;
  draw({one});
  ASSERT_EQ(one.heard->prompt.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    auto logits = rt::test::expectedLogits(std::span(one.job->prompt).first(i + 1));
    double sum = 0;
    for (float logit : logits)
      sum += std::exp(double(logit));
    int32_t token = one.job->prompt[i + 1];
    EXPECT_EQ(one.heard->prompt[i].chosen.token, token);
    EXPECT_NEAR(one.heard->prompt[i].chosen.logprob, logits[size_t(token)] - std::log(sum), 1e-9);
    EXPECT_EQ(one.heard->prompt[i].top.size(), 2u);
  }
  EXPECT_EQ(one.heard->text, "");
  EXPECT_EQ(one.heard->ending->answerTokens, 0);
}

TEST_F(SchedulerTest, BiasAndPenaltiesChangeWhatIsDrawn) {
  make();
  Asked plain({3, 1, 4}, 8), biased({3, 1, 4}, 8), varied({3, 1, 4}, 11);
  biased.job->edits.bias = {{7, 1000.0F}};
  varied.job->edits.presence = 1000;
  draw({plain, biased, varied});
  EXPECT_EQ(biased.heard->text, std::string(8, 7));
  EXPECT_EQ(std::set<char>(varied.heard->text.begin(), varied.heard->text.end()).size(), 11u);
}

// Pages are given for a while and then no more; a session that has none left says so.
TEST_F(SchedulerTest, CachesGoBeforeAnAnswerFails) {
  int64_t available = 1 << 20;
  make({.parallel = 2}, {.memory = [&] { return available; }});
  Asked idle({1, 2}, 4), next({5, 6}, 4), beside({7, 8}, 4);
  idle.heard->onFirst = [&] { available = 10; };
  ASSERT_TRUE(scheduler->submit({idle.job}));
  ASSERT_TRUE(scheduler->submit({next.job, beside.job}));
  scheduler->drain();
  scheduler->run();
  EXPECT_EQ(idle.heard->text, greedy({1, 2}, 4));
  int64_t failed = 0;
  for (const Asked *each : {&next, &beside}) {
    bool hasFailed = each->heard->error.has_value();
    failed += hasFailed;
    EXPECT_TRUE(hasFailed || each->heard->ending);
    if (hasFailed)
      EXPECT_EQ(each->heard->error->status, 503);
  }
  EXPECT_GE(failed, 1);
}

} // namespace
} // namespace osscc::rt::serve
