// Sessions whose caches and scratch lie on a card: the same numbers as on CPUs in every way of
// feeding, going back and going on.
#include "runtime/device/cuda/DeviceRunner.h"
#include "runtime/model/Session.h"
#include "test/runtime/device/cuda/FakeDeviceModel.h"

#include <gtest/gtest.h>

namespace osscc::rt::cuda {
namespace {

std::vector<int32_t> makeText(size_t length, uint64_t seed = 1) {
  std::vector<int32_t> text(length);
  for (int32_t &token : text) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    token = int32_t((seed >> 33) % uint64_t(test::kVocabulary));
  }
  return text;
}

/// A model of FakeModel.h, and its logits computed plainly.
struct Kind {
  const OssccModule &(*module)();
  std::vector<float> (*logits)(std::span<const int32_t>);
  size_t length;
};

struct DeviceSession : testing::TestWithParam<Kind> {
  test::FakeDriver fake;
  const OssccModel &compiled = test::onDevice(GetParam().module(), fake);
  Model model = *Model::of(compiled, test::fakeWeights());
  std::unique_ptr<Accelerator> runner =
      *DeviceRunner::open(fake.table(), {compiled, model.weights(), "fake", 0});
  std::vector<int32_t> text = makeText(GetParam().length);
  std::vector<float> logits = std::vector<float>(test::kVocabulary);

  Session session(Session::Options options = {}) {
    return *Session::create(model, *runner, options);
  }
  /// Feeds what `sequence` lacks of `text`, and compares the logits of its last token.
  void goOn(Session &s, int64_t sequence, std::span<const int32_t> wanted) {
    ASSERT_TRUE(s.append(sequence, wanted.subspan(s.tokens(sequence).size()), logits));
    EXPECT_EQ(logits, GetParam().logits(wanted));
  }
};

TEST_P(DeviceSession, ChunksChangeNothing) {
  for (int64_t rows : {1, 3, 7}) {
    Session s = session({.rowsPerCall = rows});
    s.addSequence();
    std::vector<Row> all;
    for (int32_t token : text)
      all.push_back({token, 0, true});
    std::vector<float> found(text.size() * test::kVocabulary);
    ASSERT_TRUE(s.feed(all, found));
    for (size_t n = 1; n <= text.size(); ++n) {
      auto expected = GetParam().logits(std::span(text).first(n));
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), &found[(n - 1) * test::kVocabulary]))
          << rows << " " << n;
    }
  }
}

// More sequences than the first tables have room for, in calls that mix them.
TEST_P(DeviceSession, ManySequencesKeepApart) {
  Session s = session();
  std::vector<std::vector<int32_t>> texts;
  std::vector<float> found;
  for (int64_t step = 0; step < 20; ++step) {
    texts.emplace_back();
    s.addSequence();
    std::vector<Row> rows;
    for (int64_t sequence = 0; sequence <= step; ++sequence) {
      auto token = int32_t((sequence * 7 + step) % test::kVocabulary);
      rows.push_back({token, sequence, true});
      texts[size_t(sequence)].push_back(token);
    }
    found.resize(rows.size() * test::kVocabulary);
    ASSERT_TRUE(s.feed(rows, found));
    for (size_t i = 0; i < rows.size(); ++i) {
      auto expected = GetParam().logits(texts[i]);
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), &found[i * test::kVocabulary]))
          << step << " " << i;
    }
  }
}

TEST_P(DeviceSession, GoesBackAndOn) {
  Session s = session();
  s.addSequence();
  s.addSequence();
  size_t half = text.size() / 2;
  goOn(s, 0, std::span(text).first(half));
  s.keep(0);
  goOn(s, 0, text);
  goOn(s, 1, std::span(text).first(5));
  EXPECT_EQ(s.rewind(0, int64_t(half)), int64_t(half));
  auto other = makeText(text.size(), 9);
  std::copy_n(text.begin(), half, other.begin());
  goOn(s, 0, other);
  // A slab that was given back comes again, with pages elsewhere.
  EXPECT_EQ(s.rewind(0, 0), 0);
  goOn(s, 1, std::span(text).first(half));
  goOn(s, 0, text);
}

TEST_P(DeviceSession, GivesAllMemoryBack) {
  size_t before = fake.taken;
  {
    Session s = session();
    s.addSequence();
    goOn(s, 0, text);
    s.keep(0);
    EXPECT_GT(fake.taken, before);
  }
  EXPECT_EQ(fake.taken, before);
  runner.reset();
  EXPECT_EQ(fake.taken, 0u);
}

TEST_P(DeviceSession, SaysWhenTheCardIsFull) {
  fake.memory = fake.taken + 100;
  auto made = Session::create(model, *runner, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(exitCode(made.error().code), 75);
  EXPECT_EQ(made.error().message.find("memory of NVIDIA Test (cuda:0): "), 0u);
}

INSTANTIATE_TEST_SUITE_P(Models, DeviceSession,
                         testing::Values(Kind{test::fakeModule, test::expectedLogits, 40},
                                         Kind{test::windowedModule, test::windowedLogits, 150},
                                         Kind{test::statefulModule, test::statefulLogits, 150}));

} // namespace
} // namespace osscc::rt::cuda
