// What lanes and threads tell each other.
#include "test/cuda/Gpu.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace osscc::standin {
namespace {

constexpr uint32_t kLanes = 32;

struct Warp : Gpu {
  /// What `body` makes of word i in lane i of %a, with i in %id; one word a thread.
  std::vector<uint32_t> lanes(const std::string &body, const std::vector<uint32_t> &in,
                              int sm = 80) {
    std::string text =
        kernelText("mul.wide.u32 %l0, %id, 4; add.u64 %in, %in, %l0; add.u64 %out, %out, %l0;\n"
                   "ld.global.b32 %a, [%in];\n" +
                   body + "\nst.global.b32 [%out], %o;");
    return run<uint32_t>(text, {1, unsigned(in.size()), 0}, in, in.size(), sm);
  }
};

TEST_F(Warp, ShuffleAsTheManualSays) {
  std::vector<uint32_t> in = randomWords(kLanes, 1);
  for (std::string mode : {"up", "down", "bfly", "idx"})
    for (uint32_t b : {0u, 1u, 2u, 5u, 16u, 31u})
      for (uint32_t c : {0x1fu, 0u, 0x1c1fu, 0x1c03u, 0x1800u, 0x181fu, 0x0007u}) {
        std::string body = "shfl.sync." + mode + ".b32 %o|%p1, %a, " + std::to_string(b) + ", " +
                           std::to_string(c) + ", 0xffffffff; @!%p1 add.u32 %o, %o, 1;";
        std::vector<uint32_t> expected(kLanes);
        for (uint32_t lane = 0; lane < kLanes; ++lane) {
          uint32_t segment = c >> 8 & 31, clamp = c & 31;
          int last = int((lane & segment) | (clamp & ~segment)), first = int(lane & segment),
              from = 0;
          bool isIn = false;
          if (mode == "up")
            from = int(lane) - int(b), isIn = from >= last;
          else if (mode == "down")
            from = int(lane + b), isIn = from <= last;
          else if (mode == "bfly")
            from = int(lane ^ b), isIn = from <= last;
          else
            from = first | int(b & ~segment), isIn = from <= last;
          expected[lane] = isIn ? in[size_t(from)] : in[lane] + 1;
        }
        ASSERT_EQ(lanes(body, in), expected) << body;
      }
}

TEST_F(Warp, VoteAndMatchAndReduce) {
  std::vector<uint32_t> in = randomWords(kLanes, 2);
  for (uint32_t &word : in)
    word %= 5;
  uint32_t below = 0, sum = 0, largest = 0;
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    below |= uint32_t(in[lane] < 2) << lane;
    sum += in[lane];
    largest = std::max(largest, in[lane]);
  }
  auto all = [](uint32_t word) { return std::vector<uint32_t>(kLanes, word); };
  EXPECT_EQ(lanes("setp.lt.u32 %p1, %a, 2; vote.sync.ballot.b32 %o, %p1, -1;", in), all(below));
  EXPECT_EQ(
      lanes("setp.lt.u32 %p1, %a, 5; vote.sync.all.pred %p2, %p1, -1; selp.b32 %o, 1, 0, %p2;", in),
      all(1));
  EXPECT_EQ(
      lanes("setp.lt.u32 %p1, %a, 2; vote.sync.any.pred %p2, !%p1, -1; selp.b32 %o, 1, 0, %p2;",
            in),
      all(1));
  EXPECT_EQ(
      lanes("setp.lt.u32 %p1, %a, 2; vote.sync.uni.pred %p2, %p1, -1; selp.b32 %o, 1, 0, %p2;", in),
      all(0));
  EXPECT_EQ(lanes("redux.sync.add.u32 %o, %a, -1;", in), all(sum));
  EXPECT_EQ(lanes("redux.sync.max.s32 %o, %a, -1;", in), all(largest));
  std::vector<uint32_t> same(kLanes);
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    for (uint32_t other = 0; other < kLanes; ++other)
      same[lane] |= uint32_t(in[lane] == in[other]) << other;
  EXPECT_EQ(lanes("match.any.sync.b32 %o, %a, -1;", in), same);
  EXPECT_EQ(lanes("match.all.sync.b32 %o|%p1, %a, -1; @%p1 mov.b32 %o, 7;", in), all(0));
  std::vector<uint32_t> first(kLanes);
  first[0] = 1;
  EXPECT_EQ(lanes("elect.sync %t0|%p1, -1; selp.b32 %o, 1, 0, %p1;", in, 90), first);
}

// Half of a warp shuffles within a branch that the others do not take.
TEST_F(Warp, ShuffleAmongSome) {
  std::vector<uint32_t> in = randomWords(kLanes, 4), expected = in;
  for (uint32_t lane = 0; lane < 16; ++lane)
    expected[lane] = in[lane ^ 1];
  EXPECT_EQ(lanes("mov.b32 %o, %a; setp.lt.u32 %p1, %id, 16; @!%p1 bra OVER;\n"
                  "shfl.sync.bfly.b32 %o, %a, 1, 31, 0xffff;\nOVER: bar.warp.sync -1;",
                  in),
            expected);
}

TEST_F(Warp, MeetAtBarriers) {
  constexpr unsigned kThreads = 256;
  std::vector<uint32_t> in = randomWords(kThreads, 5), expected(in.rbegin(), in.rend());
  std::string text = kernelText(R"(
  shl.b32 %t0, %id, 2;
  mov.u32 %t1, store;
  add.u32 %t2, %t1, %t0;
  cvt.u64.u32 %l0, %t0;
  add.u64 %l1, %in, %l0;
  ld.global.b32 %a, [%l1];
  st.shared.b32 [%t2], %a;
  bar.sync 0;
  sub.u32 %t3, 1020, %t0;
  add.u32 %t3, %t3, %t1;
  ld.shared.b32 %o, [%t3];
  barrier.sync 1, 256;
  add.u64 %l1, %out, %l0;
  st.global.b32 [%l1], %o;)",
                                ".shared .align 4 .b8 store[1024];\n");
  EXPECT_EQ(run<uint32_t>(text, {1, kThreads, 0}, in, kThreads), expected);
}

// Producers arrive, consumers wait: 64 of each.
TEST_F(Warp, ArriveWithoutWaiting) {
  std::vector<uint32_t> in = randomWords(64, 6);
  std::string text = kernelText(R"(
  and.b32 %t0, %id, 63;
  shl.b32 %t0, %t0, 2;
  cvt.u64.u32 %l0, %t0;
  setp.lt.u32 %p1, %id, 64;
  mov.u32 %t1, store;
  add.u32 %t2, %t1, %t0;
  @%p1 bra CONSUME;
  add.u64 %l1, %in, %l0;
  ld.global.b32 %a, [%l1];
  st.shared.b32 [%t2], %a;
  bar.arrive 3, 128;
  bra OVER;
CONSUME:
  bar.sync 3, 128;
  ld.shared.b32 %o, [%t2];
  add.u64 %l1, %out, %l0;
  st.global.b32 [%l1], %o;
OVER:)",
                                ".shared .align 4 .b8 store[256];\n");
  EXPECT_EQ(run<uint32_t>(text, {1, 128, 0}, in, 64), in);
}

TEST_F(Warp, CountWithAtomics) {
  std::vector<uint32_t> zeros(4);
  std::string text = kernelText(R"(
  atom.global.add.u32 %a, [%out], 1;
  red.global.max.u32 [%out+4], %id;
  atom.global.inc.u32 %b, [%out+8], 6;
  cvt.rn.f32.u32 %f0, %id;
  red.global.add.f32 [%out+12], %f0;)");
  void *module = load(text);
  ASSERT_TRUE(module) << log;
  Address in = copied(zeros), out = copied(zeros);
  ASSERT_EQ(launch(kernel(module, "k"), {3, 64, 0}, {in, out}), 0);
  std::vector<uint32_t> found = read<uint32_t>(out, 4);
  EXPECT_EQ(found[0], 192u);
  EXPECT_EQ(found[1], 63u);
  EXPECT_EQ(found[2], 192u % 7);
  EXPECT_EQ(std::bit_cast<float>(found[3]), 3 * 63 * 32.0f);
}

TEST_F(Warp, KnowWhereTheyAre) {
  std::string text = kernelText(R"(
  mov.u32 %a, %ctaid.x; mov.u32 %b, %ntid.x; mov.u32 %c, %nctaid.x; mov.u32 %d, %laneid; mov.u32 %t1, %warpid;
  mad.lo.u32 %i, %a, %b, %id;
  mul.wide.u32 %l0, %i, 16;
  add.u64 %out, %out, %l0;
  mov.u32 %t2, %lanemask_lt;
  mad.lo.u32 %t1, %t1, 100, %c;
  st.global.v4.b32 [%out], {%i, %d, %t1, %t2};)");
  std::vector<uint32_t> found =
      run<uint32_t>(text, {3, 64, 0}, std::vector<uint32_t>(1), 3 * 64 * 4);
  ASSERT_EQ(found.size(), 768u) << log;
  for (uint32_t i = 0; i < 192; ++i) {
    EXPECT_EQ(found[4 * i], i);
    EXPECT_EQ(found[4 * i + 1], i % 32);
    EXPECT_EQ(found[4 * i + 2], i % 64 / 32 * 100 + 3);
    EXPECT_EQ(found[4 * i + 3], (1u << (i % 32)) - 1);
  }
}

} // namespace
} // namespace osscc::standin
