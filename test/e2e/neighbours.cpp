// Other sequences in the batch change no byte of a sequence's logits: the library's promise, kept
// by a compiled model. neighbours.py links this with what `osscc --emit=obj` wrote, and passes the
// executable of the same checkpoint and target, whose payload has the weights.
#include "runtime/bundle/Bundle.h"
#include "runtime/device/ThreadPool.h"
#include "runtime/model/Session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace osscc::rt {
namespace {

using Text = std::vector<int32_t>;
using Logits = std::vector<float>;

const char *executable = nullptr; // the program's argument

/// The payload inside the executable: it begins on a page, with its magic number.
Result<Bundle> findPayload() {
  int file = open(executable, O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  if (file < 0 || fstat(file, &status) != 0)
    return fail(Code::kInvalidArgument, std::string(executable) + ": cannot be read");
  size_t size = size_t(status.st_size);
  // Never unmapped: the weights are needed until the program ends.
  void *bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  close(file);
  if (bytes == MAP_FAILED)
    return fail(Code::kInvalidArgument, std::string(executable) + ": cannot be mapped");
  std::span segment(static_cast<const std::byte *>(bytes), size);
  for (size_t at = 0; at < size; at += bundle::kPayloadAlign)
    if (auto found = Bundle::open(segment.subspan(at)))
      return found;
  return fail(Code::kDataDamaged, std::string(executable) + ": has no payload");
}

const Model &compiled() {
  static const Model model = [] {
    auto payload = findPayload();
    auto loaded = payload ? Model::load(osscc_module, payload->weights(), "tiny")
                          : std::unexpected(payload.error());
    if (!loaded) {
      fprintf(stderr, "error: %s\n", loaded.error().message.c_str());
      exit(exitCode(loaded.error().code));
    }
    return *std::move(loaded);
  }();
  return model;
}

/// Seeded numbers from 0 to `limit` - 1.
struct Draw {
  uint64_t state;
  int64_t operator()(int64_t limit) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return int64_t((state >> 33) % uint64_t(limit));
  }
};

Text makeText(uint64_t seed, size_t length) {
  Draw draw{seed};
  Text text(length);
  for (int32_t &token : text)
    token = int32_t(draw(compiled().abi().vocabulary));
  return text;
}

/// The logits after each token of `text`, fed alone to a session with one worker, all in one go.
const Logits &alone(const Text &text) {
  static std::map<Text, Logits> known;
  auto [at, isNew] = known.try_emplace(text, text.size() * compiled().abi().vocabulary);
  if (isNew) {
    auto pool = *ThreadPool::create(1);
    Session session = *Session::create(compiled(), *pool, {});
    int64_t sequence = session.addSequence();
    std::vector<Row> rows;
    for (int32_t token : text)
      rows.push_back({token, sequence, true});
    EXPECT_TRUE(session.feed(rows, at->second));
  }
  return at->second;
}

/// The parameters are the workers and the rows a call.
struct Neighbours : testing::TestWithParam<std::tuple<int64_t, int64_t>> {
  std::unique_ptr<ThreadPool> pool = *ThreadPool::create(std::get<0>(GetParam()));
  Session session = *Session::create(compiled(), *pool, {.rowsPerCall = std::get<1>(GetParam())});

  /// Feeds `rows` in one go and compares each row that wants logits with its text fed alone.
  void feed(const std::vector<Row> &rows) {
    std::map<int64_t, size_t> positions;
    for (const Row &row : rows)
      positions.try_emplace(row.sequence, session.tokens(row.sequence).size());
    size_t vocabulary = size_t(session.vocabulary());
    Logits found(size_t(std::ranges::count(rows, true, &Row::output)) * vocabulary);
    ASSERT_TRUE(session.feed(rows, found));
    const float *next = found.data();
    for (const Row &row : rows) {
      size_t position = positions[row.sequence]++;
      if (!row.output)
        continue;
      auto text = session.tokens(row.sequence);
      const Logits &expected = alone({text.begin(), text.end()});
      ASSERT_EQ(0, std::memcmp(next, &expected[position * vocabulary], vocabulary * sizeof(float)))
          << "sequence " << row.sequence << ", position " << position;
      next += vocabulary;
    }
  }

  /// One row of each text in turn, until all are fed; sequence i has texts[i].
  std::vector<Row> interleave(const std::vector<Text> &texts) {
    std::vector<Row> rows;
    size_t longest = std::ranges::max(texts, {}, &Text::size).size();
    for (size_t at = 0; at < longest; ++at)
      for (size_t i = 0; i < texts.size(); ++i)
        if (at < texts[i].size())
          rows.push_back({texts[i][at], int64_t(i), true});
    return rows;
  }

  void addSequences(int count) {
    for (int i = 0; i < count; ++i)
      session.addSequence();
  }
};

TEST_P(Neighbours, InterleavedRowsOfDifferentLengths) {
  addSequences(4);
  // The last is the first again: equal texts must not share what they write.
  feed(interleave({makeText(1, 53), makeText(2, 21), makeText(3, 1), makeText(1, 53)}));
}

TEST_P(Neighbours, PromptBesideADecode) {
  addSequences(2);
  feed(interleave({makeText(1, 19)}));
  std::vector<Row> rows = {{7, 0, true}};
  for (int32_t token : makeText(2, 37))
    rows.push_back({token, 1, true});
  rows.push_back({8, 0, true});
  feed(rows);
}

TEST_P(Neighbours, OneRowOfEachOfThree) {
  addSequences(3);
  feed(interleave({makeText(1, 3), makeText(2, 15), makeText(3, 33)}));
  for (int32_t step = 0; step < 18; ++step)
    feed({{step, 0, true}, {step + 1, 1, true}, {step + 2, 2, true}});
}

TEST_P(Neighbours, OnlySomeOutputs) {
  addSequences(3);
  std::vector<Row> rows = interleave({makeText(1, 40), makeText(2, 40), makeText(3, 11)});
  for (size_t i = 0; i < rows.size(); ++i)
    rows[i].output = i % 5 == 3 || i + 1 == rows.size();
  feed(rows);
}

TEST_P(Neighbours, RewindOfOne) {
  addSequences(2);
  Text first = makeText(1, 35), second = makeText(2, 35);
  auto part = [](const Text &text, size_t from, size_t to) {
    return Text(text.begin() + from, text.begin() + to);
  };
  feed(interleave({part(first, 0, 18), part(second, 0, 18)}));
  session.keep(0); // a state stands for one length alone
  feed(interleave({part(first, 18, 35), part(second, 18, 35)}));
  EXPECT_EQ(session.rewind(0, 18), 18);
  feed(interleave({makeText(3, 21), makeText(4, 9)}));
  EXPECT_EQ(session.rewind(1, 0), 0);
  feed(interleave({makeText(5, 4), makeText(6, 17)}));
}

// A window's ring has come round: what it still holds, what was kept of it, and what is computed
// again give the same bytes.
TEST_P(Neighbours, GoesBackInALongText) {
  constexpr size_t kLong = 1400, kKept = 700;
  if (session.context() < int64_t(kLong) + 100)
    GTEST_SKIP() << "the context is too short";
  addSequences(1);
  auto feedText = [&](std::span<const int32_t> text) {
    std::vector<Row> rows;
    for (size_t i = 0; i < text.size(); ++i)
      rows.push_back({text[i], 0, i % 100 == 0 || i + 5 > text.size()});
    feed(rows);
  };
  Text text = makeText(1, kLong);
  feedText(std::span(text).first(kKept));
  session.keep(0);
  feedText(std::span(text).subspan(kKept));
  EXPECT_EQ(session.rewind(0, kLong - 10), kLong - 10);
  feedText(makeText(2, 20));
  EXPECT_EQ(session.rewind(0, kKept), kKept);
  feedText(makeText(3, 30));
  auto left = size_t(session.rewind(0, kKept / 2));
  EXPECT_TRUE(left == kKept / 2 || left == 0) << left;
  feedText(std::span(text).subspan(left, kKept));
}

TEST_P(Neighbours, AnyMixture) {
  Draw draw{17};
  for (int call = 0; call < 24; ++call) {
    if (call % 4 == 0)
      session.addSequence();
    int64_t sequences = call / 4 + 1;
    if (int64_t cut = draw(sequences); draw(3) == 0)
      EXPECT_GE(session.rewind(cut, draw(int64_t(session.tokens(cut).size()) + 1)), 0);
    std::vector<Row> rows;
    for (int64_t count = 1 + draw(29); count > 0; --count)
      rows.push_back(
          {int32_t(draw(session.vocabulary())), draw(sequences), count == 1 || draw(4) == 0});
    feed(rows);
  }
}

INSTANTIATE_TEST_SUITE_P(Workers, Neighbours,
                         testing::Combine(testing::Values(1, 2, 3, 8),
                                          testing::Values(1, 3, 8, 512)));

} // namespace
} // namespace osscc::rt

// Here, and not from gtest_main: the argument.
int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    fputs("usage: neighbours EXECUTABLE\n", stderr);
    return 2;
  }
  osscc::rt::executable = argv[1];
  return RUN_ALL_TESTS();
}
