// Races in shared memory, which the stand-in looks for where OSSCC_STANDIN_WATCH is set: nothing
// that a barrier keeps apart is one.
#include "test/cuda/Gpu.h"

#include <cstdlib>

namespace osscc::standin {
namespace {

constexpr int kLaunchFailed = 719;

struct Races : Gpu {
  void SetUp() override {
    if (std::getenv("OSSCC_CUDA_DRIVER"))
      GTEST_SKIP() << "a card does not look for races";
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }
  /// Thread i of 64 writes word i, does `between`, and reads word 63 - i; ends the process with the
  /// driver's code.
  [[noreturn]] void leaveWith(const std::string &between) {
    setenv("OSSCC_STANDIN_WATCH", "1", 1);
    Gpu::SetUp();
    std::string text = kernelText(
        "mov.u32 %t0, s; shl.b32 %t1, %id, 2; add.u32 %t2, %t0, %t1; sub.u32 %t3, 252, %t1;\n"
        "add.u32 %t3, %t3, %t0; xor.b32 %t4, %t1, 4; add.u32 %t4, %t4, %t0;\n" +
            between,
        ".shared .align 4 .b8 s[256];\n");
    void *module = load(text);
    Address any = copied(std::vector<uint32_t>(64));
    std::exit(module ? launch(kernel(module, "k"), {1, 64, 0}, {any, any}) % 256 : 255);
  }
  void expect(int code, const char *said, const std::string &between) {
    EXPECT_EXIT(leaveWith(between), testing::ExitedWithCode(code % 256), said) << between;
  }
};

TEST_F(Races, AreNoneWhereABarrierIsBetween) {
  expect(0, "",
         "st.shared.b32 [%t2], %id; bar.sync 0; ld.shared.b32 %a, [%t3]; bar.sync 0; st.shared.b32 "
         "[%t2], %a;");
  expect(0, "", "st.shared.b32 [%t2], %id; bar.warp.sync -1; ld.shared.b32 %a, [%t4];");
  expect(0, "", "st.shared.b32 [%t2], %id; ld.shared.b32 %a, [%t2]; st.shared.b32 [%t2], %a;");
}

TEST_F(Races, AreSeenWhereNoneIs) {
  expect(kLaunchFailed, "race: reads byte|which nobody has written",
         "st.shared.b32 [%t2], %id; ld.shared.b32 %a, [%t3];");
  expect(kLaunchFailed, "race: ",
         "st.shared.b32 [%t2], %id; bar.warp.sync -1; bar.sync 0; st.shared.b32 [%t2], 1; "
         "bar.warp.sync -1; ld.shared.b32 %a, [%t3];");
  expect(kLaunchFailed, "race: ",
         "st.shared.b32 [%t2], %id; bar.sync 0; ld.shared.b32 %a, [%t3]; st.shared.b32 [%t2], %a;");
  expect(kLaunchFailed, "race: ", "st.shared.b32 [%t2], %id; st.shared.b32 [%t3], %id;");
  expect(kLaunchFailed, "reads byte .* which nobody has written", "ld.shared.b32 %a, [%t2];");
}

} // namespace
} // namespace osscc::standin
