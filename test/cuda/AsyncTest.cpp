// Asynchronous copies: their bytes are there when they were waited for, and the stand-in shows them
// no sooner.
#include "test/cuda/Gpu.h"

#include <cstdlib>

namespace osscc::standin {
namespace {

/// In another order of threads copies may be done at once.
bool isLate() {
  return !std::getenv("OSSCC_CUDA_DRIVER") && !std::getenv("OSSCC_STANDIN_ORDER");
}

struct Async : Gpu {
  /// Lane i copies its 16 bytes and then does what `wait` says before it reads them.
  std::vector<uint32_t> copiedWith(const std::string &wait, const std::string &size = "16") {
    std::vector<uint32_t> in = randomWords(128, 8);
    std::string text = kernelText(R"(
  mul.wide.u32 %l0, %id, 16;
  add.u64 %in, %in, %l0;
  add.u64 %out, %out, %l0;
  mov.u32 %t0, store;
  shl.b32 %t1, %id, 4;
  add.u32 %t0, %t0, %t1;
  mov.b32 %a, 0;
  st.shared.v4.b32 [%t0], {%a, %a, %a, %a};
  cp.async.cg.shared.global [%t0], [%in], )" +
                                      size + ";\n" + wait + R"(
  ld.shared.v4.b32 {%a, %b, %c, %d}, [%t0];
  st.global.v4.b32 [%out], {%a, %b, %c, %d};)",
                                  ".shared .align 16 .b8 store[512];\n");
    return run<uint32_t>(text, {1, 32, 0}, in, 128);
  }
};

TEST_F(Async, CopiesAreThereAfterTheWait) {
  std::vector<uint32_t> in = randomWords(128, 8);
  EXPECT_EQ(copiedWith("cp.async.wait_all;"), in) << log;
  EXPECT_EQ(copiedWith("cp.async.commit_group; cp.async.wait_group 0;"), in);
  EXPECT_EQ(copiedWith("cp.async.commit_group; cp.async.commit_group; cp.async.wait_group 1;"), in);
}

TEST_F(Async, CopiesAreNotThereBefore) {
  if (!isLate())
    GTEST_SKIP() << "a card may be done sooner";
  std::vector<uint32_t> zeros(128);
  EXPECT_EQ(copiedWith("cp.async.commit_group;"), zeros);
  EXPECT_EQ(copiedWith("cp.async.commit_group; cp.async.wait_group 1;"), zeros);
  EXPECT_EQ(copiedWith("cp.async.wait_group 0;"), zeros); // it is in no group yet
}

TEST_F(Async, CopiesEndInZeros) {
  std::vector<uint32_t> in = randomWords(128, 8);
  for (size_t i = 0; i < in.size(); ++i)
    in[i] = i % 4 < 2 ? in[i] : 0;
  EXPECT_EQ(copiedWith("cp.async.wait_all;", "16, 8"), in);
}

// One thread orders the copy, the mbarrier counts its bytes, all wait for the phase.
TEST_F(Async, BulkCopiesAreCounted) {
  std::vector<uint32_t> in = randomWords(256, 11);
  std::string text = kernelText(R"(
  mov.u32 %t0, store;
  mov.u32 %t1, bar;
  setp.ne.u32 %p1, %id, 0;
  @%p1 bra READY;
  mbarrier.init.shared.b64 [%t1], 1;
READY:
  bar.sync 0;
  @%p1 bra WAIT;
  mbarrier.arrive.expect_tx.shared.b64 %l3, [%t1], 1024;
  cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%t0], [%in], 512, [%t1];
  add.u64 %l4, %in, 512;
  add.u32 %t3, %t0, 512;
  cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%t3], [%l4], 512, [%t1];
WAIT:
  mbarrier.try_wait.parity.shared.b64 %p2, [%t1], 0;
  @!%p2 bra WAIT;
  shl.b32 %t2, %id, 2;
  add.u32 %t0, %t0, %t2;
  ld.shared.b32 %a, [%t0];
  cvt.u64.u32 %l0, %t2;
  add.u64 %out, %out, %l0;
  st.global.b32 [%out], %a;)",
                                ".shared .align 16 .b8 store[1024];\n.shared .align 8 .b64 bar;\n");
  EXPECT_EQ(run<uint32_t>(text, {1, 256, 0}, in, 256, 90), in) << log;
}

// All threads arrive at an mbarrier twice: each phase is waited for by its state.
TEST_F(Async, BarriersInMemoryHavePhases) {
  std::vector<uint32_t> in = randomWords(64, 12), expected(in.rbegin(), in.rend());
  std::string text = kernelText(R"(
  mov.u32 %t1, bar;
  setp.ne.u32 %p1, %id, 0;
  @%p1 bra READY;
  mbarrier.init.shared.b64 [%t1], 64;
READY:
  bar.sync 0;
  mbarrier.arrive.shared.b64 %l2, [%t1];
FIRST:
  mbarrier.test_wait.shared.b64 %p2, [%t1], %l2;
  @!%p2 bra FIRST;
  shl.b32 %t2, %id, 2;
  cvt.u64.u32 %l0, %t2;
  add.u64 %in, %in, %l0;
  ld.global.b32 %a, [%in];
  mov.u32 %t0, store;
  add.u32 %t3, %t0, %t2;
  st.shared.b32 [%t3], %a;
  mbarrier.arrive.shared.b64 %l2, [%t1];
SECOND:
  mbarrier.test_wait.shared.b64 %p2, [%t1], %l2;
  @!%p2 bra SECOND;
  sub.u32 %t3, 252, %t2;
  add.u32 %t3, %t0, %t3;
  ld.shared.b32 %a, [%t3];
  add.u64 %out, %out, %l0;
  st.global.b32 [%out], %a;)",
                                ".shared .align 4 .b8 store[256];\n.shared .align 8 .b64 bar;\n");
  EXPECT_EQ(run<uint32_t>(text, {1, 64, 0}, in, 64, 80), expected) << log;
}

} // namespace
} // namespace osscc::standin
