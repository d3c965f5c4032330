// What is wrong in a kernel is seen and named. After a fault every call fails, so each test runs in
// a process of its own.
#include "test/cuda/Gpu.h"

#include <cstdlib>

namespace osscc::standin {
namespace {

constexpr int kInvalidValue = 1, kInvalidPtx = 218, kIllegalAddress = 700, kMisaligned = 716,
              kLaunchFailed = 719;

struct Faults : Gpu {
  void SetUp() override {
    if (std::getenv("OSSCC_CUDA_DRIVER"))
      GTEST_SKIP() << "a card does not see all of this";
    Gpu::SetUp();
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }
  /// Ends the process with the driver's code of a launch of 32 threads over 64 bytes of input and
  /// of output.
  [[noreturn]] void leaveWith(const std::string &body, const std::string &before = "") {
    void *module = load(kernelText(body, before));
    int code = 0;
    if (module) {
      Address in = copied(std::vector<uint32_t>(16)), out = copied(std::vector<uint32_t>(16));
      code = launch(kernel(module, "k"), {1, 32, 0}, {in, out});
    }
    std::exit(code % 256);
  }
  void expect(int code, const char *said, const std::string &body, const std::string &before = "") {
    EXPECT_EXIT(leaveWith(body, before), testing::ExitedWithCode(code % 256), said);
  }
};

TEST_F(Faults, AddressesOutsideOfMemory) {
  expect(kIllegalAddress, "k, line .*thread .*outside of any allocation",
         "ld.global.b32 %a, [%in+64];");
  expect(kIllegalAddress, "outside of any allocation", "st.global.b32 [%out+-4], %a;");
  expect(kIllegalAddress, "outside of any allocation", "mov.b64 %l0, 0; ld.global.b32 %a, [%l0];");
  expect(kIllegalAddress, "outside of any allocation",
         "ld.global.v4.b32 {%a, %b, %c, %d}, [%in+64];");
  expect(0, "", "ld.global.v4.b32 {%a, %b, %c, %d}, [%in+48];");
  expect(kIllegalAddress, "4 bytes at 64 of 64 bytes of shared memory",
         "mov.u32 %t0, s; ld.shared.b32 %a, [%t0+64];", ".shared .align 4 .b8 s[64];\n");
}

TEST_F(Faults, AddressesThatAreNotAligned) {
  expect(kMisaligned, "no multiple of 4", "ld.global.b32 %a, [%in+2];");
  expect(kMisaligned, "no multiple of 16", "ld.global.v4.b32 {%a, %b, %c, %d}, [%in+8];");
  expect(kMisaligned, "no multiple of 8", "mov.u32 %t0, s; st.shared.b64 [%t0+4], %l0;",
         ".shared .align 8 .b8 s[64];\n");
}

TEST_F(Faults, ThreadsThatDoNotMeet) {
  expect(kLaunchFailed, "no thread can go on.*at barrier 0, at which are 16 of 32",
         "setp.lt.u32 %p1, %id, 16; @%p1 bra OVER; bar.sync 0; OVER:");
  expect(kLaunchFailed, "no thread can go on.*shfl",
         "setp.lt.u32 %p1, %id, 16; @%p1 bra OVER; shfl.sync.bfly.b32 %a, %b, 1, 31, -1; OVER:");
  expect(
      kLaunchFailed, "shfl reads a lane that the mask",
      "setp.ge.u32 %p1, %id, 16; @%p1 bra OVER; shfl.sync.idx.b32 %a, %b, 20, 31, 0xffff; OVER:");
  expect(kLaunchFailed, "the mask lacks the thread itself",
         "shfl.sync.idx.b32 %a, %b, 0, 31, 0xffff;");
  expect(kLaunchFailed, "trap", "trap;");
}

TEST_F(Faults, TextsThatAreNotKnown) {
  for (auto [body, said] :
       {std::pair("tex.1d.v4.f32 %a, %b;", "line .*: tex.1d.v4.f32: unknown instruction"),
        {"add.rz.f32 %f0, %f1, %f2;", "unknown modifier .rz"},
        {"add.s32 %a, %b, %nothing;", "unknown name %nothing"},
        {"bra NOWHERE;", "unknown label NOWHERE"},
        {"ld.global.b32 %a, %b;", "not an address"}})
    expect(kInvalidPtx, said, body);
  EXPECT_FALSE(load("something else"));
  EXPECT_NE(log.find("line 4: unknown directive something"), std::string::npos) << log;
}

TEST_F(Faults, LaunchesThatAreTooLarge) {
  void *module = load(kernelText("", ".extern .shared .align 16 .b8 dynamic[];\n"));
  ASSERT_TRUE(module);
  void *function = kernel(module, "k");
  Address any = copied(std::vector<uint32_t>(4));
  EXPECT_EQ(launch(function, {1, 1025, 0}, {any, any}), kInvalidValue);
  EXPECT_EQ(launch(function, {1, 32, 49153}, {any, any}), kInvalidValue);
  EXPECT_EQ(cuda("cuFuncSetAttribute", function, 8, 200 << 10), 0);
  EXPECT_EQ(launch(function, {1, 32, 200 << 10}, {any, any}), 0);
  EXPECT_EQ(cuda("cuFuncSetAttribute", function, 8, 228 << 10), kInvalidValue);
}

} // namespace
} // namespace osscc::standin
