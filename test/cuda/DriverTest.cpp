// Streams, events, graphs and the driver's answers to what is wrong.
#include "test/cuda/Gpu.h"

#include <cstdlib>

namespace osscc::standin {
namespace {

constexpr int kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2, kNoBinary = 209, kInvalidPtx = 218,
              kUnsupported = 222, kNotFound = 500, kCaptureUnsupported = 900,
              kCaptureInvalidated = 901;

bool isStandIn() {
  return !std::getenv("OSSCC_CUDA_DRIVER");
}

struct Drivers : Gpu {
  void *stream = nullptr;
  uint32_t *pinned = nullptr;

  void SetUp() override {
    Gpu::SetUp();
    ASSERT_EQ(cuda("cuStreamCreate", &stream, 1u), kSuccess);
    void *memory = nullptr;
    ASSERT_EQ(cuda("cuMemHostAlloc", &memory, size_t(64), 0u), kSuccess);
    pinned = static_cast<uint32_t *>(memory);
    std::fill(pinned, pinned + 16, 0u);
  }
  void TearDown() override {
    EXPECT_EQ(cuda("cuStreamDestroy_v2", stream), kSuccess);
    EXPECT_EQ(cuda("cuMemFreeHost", static_cast<void *>(pinned)), kSuccess);
    Gpu::TearDown();
  }
  /// A kernel that adds 1 to the first word, or a number to it.
  void *adding() {
    return kernel(load(R"(
.visible .entry k(.param .u64 at, .param .u32 number) {
  .reg .b64 %at;
  .reg .b32 %a, %b;
  ld.param.u64 %at, [at];
  ld.param.u32 %b, [number];
  ld.global.u32 %a, [%at];
  add.u32 %a, %a, %b;
  st.global.u32 [%at], %a;
  ret;
})"),
                  "k");
  }
  int start(void *function, Address at, uint32_t number) {
    void *values[] = {&at, &number};
    return cuda("cuLaunchKernel", function, 1u, 1u, 1u, 1u, 1u, 1u, 0u, stream,
                static_cast<void **>(values), static_cast<void **>(nullptr));
  }
  int toDevice(Address to) {
    return cuda("cuMemcpyHtoDAsync_v2", to, static_cast<const void *>(pinned), size_t(4), stream);
  }
  int toHost(Address from, size_t i) {
    return cuda("cuMemcpyDtoHAsync_v2", static_cast<void *>(pinned + i), from, size_t(4), stream);
  }
};

TEST_F(Drivers, StreamsKeepTheirOrder) {
  void *add = adding();
  Address at = copied(std::vector<uint32_t>{5});
  *pinned = 7;
  EXPECT_EQ(toDevice(at), kSuccess);
  EXPECT_EQ(start(add, at, 3), kSuccess);
  EXPECT_EQ(toHost(at, 1), kSuccess);
  if (isStandIn())
    EXPECT_EQ(pinned[1], 0u) << "nobody has waited yet";
  EXPECT_EQ(cuda("cuStreamSynchronize", stream), kSuccess);
  EXPECT_EQ(pinned[1], 10u);
}

// Pinned memory is read when the copy is done, memory that is not pinned when it is ordered.
TEST_F(Drivers, CopiesReadPinnedMemoryLate) {
  if (!isStandIn())
    GTEST_SKIP() << "a card may be done sooner";
  Address at = copied(std::vector<uint32_t>{5});
  *pinned = 7;
  EXPECT_EQ(toDevice(at), kSuccess);
  *pinned = 8;
  EXPECT_EQ(cuda("cuStreamSynchronize", stream), kSuccess);
  EXPECT_EQ(read<uint32_t>(at, 1)[0], 8u);
  uint32_t local = 9;
  EXPECT_EQ(cuda("cuMemcpyHtoDAsync_v2", at, static_cast<const void *>(&local), size_t(4), stream),
            kSuccess);
  local = 10;
  EXPECT_EQ(cuda("cuStreamSynchronize", stream), kSuccess);
  EXPECT_EQ(read<uint32_t>(at, 1)[0], 9u);
}

TEST_F(Drivers, EventsWaitAndMeasure) {
  void *add = adding(), *first = nullptr, *last = nullptr;
  Address at = copied(std::vector<uint32_t>{5});
  EXPECT_EQ(cuda("cuEventCreate", &first, 0u), kSuccess);
  EXPECT_EQ(cuda("cuEventCreate", &last, 0u), kSuccess);
  EXPECT_EQ(cuda("cuEventRecord", first, stream), kSuccess);
  EXPECT_EQ(start(add, at, 3), kSuccess);
  EXPECT_EQ(toHost(at, 0), kSuccess);
  EXPECT_EQ(cuda("cuEventRecord", last, stream), kSuccess);
  EXPECT_EQ(cuda("cuEventSynchronize", last), kSuccess);
  EXPECT_EQ(*pinned, 8u);
  float milliseconds = -1;
  EXPECT_EQ(cuda("cuEventElapsedTime", &milliseconds, first, last), kSuccess);
  EXPECT_GE(milliseconds, 0);
  EXPECT_EQ(cuda("cuEventDestroy_v2", first), kSuccess);
  EXPECT_EQ(cuda("cuEventDestroy_v2", last), kSuccess);
}

TEST_F(Drivers, GraphsDoTheSameAgain) {
  void *add = adding(), *graph = nullptr, *executable = nullptr;
  Address at = copied(std::vector<uint32_t>{100});
  EXPECT_EQ(cuda("cuStreamBeginCapture_v2", stream, 1), kSuccess);
  EXPECT_EQ(toDevice(at), kSuccess);
  EXPECT_EQ(start(add, at, 1), kSuccess);
  EXPECT_EQ(start(add, at, 20), kSuccess);
  EXPECT_EQ(toHost(at, 1), kSuccess);
  EXPECT_EQ(cuda("cuStreamEndCapture", stream, &graph), kSuccess);
  EXPECT_EQ(read<uint32_t>(at, 1)[0], 100u) << "a capture does nothing";
  EXPECT_EQ(cuda("cuGraphInstantiateWithFlags", &executable, graph, 0ull), kSuccess);
  EXPECT_EQ(cuda("cuGraphDestroy", graph), kSuccess);
  for (uint32_t i : {0u, 4u, 300u}) {
    *pinned = i;
    EXPECT_EQ(cuda("cuGraphLaunch", executable, stream), kSuccess);
    EXPECT_EQ(cuda("cuStreamSynchronize", stream), kSuccess);
    EXPECT_EQ(pinned[1], i + 21);
  }
  EXPECT_EQ(cuda("cuGraphExecDestroy", executable), kSuccess);
}

TEST_F(Drivers, CapturesBreakWhereSomebodyWaits) {
  void *graph = this;
  EXPECT_EQ(cuda("cuStreamBeginCapture_v2", stream, 1), kSuccess);
  EXPECT_EQ(cuda("cuStreamSynchronize", stream), kCaptureUnsupported);
  EXPECT_EQ(cuda("cuStreamEndCapture", stream, &graph), kCaptureInvalidated);
  EXPECT_EQ(graph, nullptr);
}

TEST_F(Drivers, MemoryIsCountedAndHasAnEnd) {
  size_t before = 0, total = 0, after = 0;
  EXPECT_EQ(cuda("cuMemGetInfo_v2", &before, &total), kSuccess);
  EXPECT_GT(total, 0u);
  Address at = 0;
  EXPECT_EQ(cuda("cuMemAlloc_v2", &at, size_t(64) << 20), kSuccess);
  EXPECT_EQ(cuda("cuMemGetInfo_v2", &after, &total), kSuccess);
  EXPECT_GE(before - after, size_t(64) << 20);
  EXPECT_EQ(cuda("cuMemsetD8Async", at, static_cast<unsigned char>(7), size_t(5), stream),
            kSuccess);
  EXPECT_EQ(cuda("cuStreamSynchronize", stream), kSuccess);
  EXPECT_EQ(read<uint8_t>(at, 5), std::vector<uint8_t>(5, 7));
  EXPECT_EQ(cuda("cuMemFree_v2", at), kSuccess);
  EXPECT_EQ(cuda("cuMemAlloc_v2", &at, total + 1), kOutOfMemory);
  EXPECT_EQ(cuda("cuMemAlloc_v2", &at, size_t(0)), kInvalidValue);
}

TEST_F(Drivers, ImagesThatDoNotFitAreRefused) {
  void *module = nullptr;
  EXPECT_EQ(cuda("cuModuleLoadDataEx", &module, static_cast<const void *>("no image"), 0u,
                 static_cast<int *>(nullptr), static_cast<void **>(nullptr)),
            kInvalidPtx);
  if (isStandIn()) {
    std::string elf = "\177ELF and more";
    EXPECT_EQ(cuda("cuModuleLoadDataEx", &module, static_cast<const void *>(elf.c_str()), 0u,
                   static_cast<int *>(nullptr), static_cast<void **>(nullptr)),
              kNoBinary);
  }
  for (auto [text, code] :
       {std::pair(".version 99.0\n.target sm_80\n.address_size 64\n", kUnsupported),
        {".version 7.0\n.target sm_999\n.address_size 64\n", kInvalidPtx}})
    EXPECT_EQ(cuda("cuModuleLoadDataEx", &module, static_cast<const void *>(text), 0u,
                   static_cast<int *>(nullptr), static_cast<void **>(nullptr)),
              code);
  void *function = nullptr;
  EXPECT_EQ(cuda("cuModuleGetFunction", &function, load(""), "nothing"), kNotFound);
}

TEST_F(Drivers, VariablesKeepTheirValues) {
  void *module = load(R"(
.global .align 4 .b32 table[3] = {10, 20, 30};
.const .align 4 .f32 half = 0f3F000000;
.visible .entry k(.param .u64 at) {
  .reg .b64 %at;
  .reg .b32 %a, %b;
  ld.param.u64 %at, [at];
  ld.global.b32 %a, [table+8];
  ld.const.b32 %b, [half];
  st.global.v2.b32 [%at], {%a, %b};
  st.global.b32 [table], %b;
  ret;
})");
  Address at = copied(std::vector<uint32_t>(2)), table = 0;
  size_t bytes = 0;
  EXPECT_EQ(launch(kernel(module, "k"), {1, 1, 0}, {at}), kSuccess);
  EXPECT_EQ(read<uint32_t>(at, 2), (std::vector<uint32_t>{30, 0x3f000000}));
  EXPECT_EQ(cuda("cuModuleGetGlobal_v2", &table, &bytes, module, "table"), kSuccess);
  EXPECT_EQ(bytes, 12u);
  EXPECT_EQ(read<uint32_t>(table, 3), (std::vector<uint32_t>{0x3f000000, 20, 30}));
}

TEST_F(Drivers, ErrorsHaveNames) {
  const char *name = nullptr, *text = nullptr;
  EXPECT_EQ(cuda("cuGetErrorName", kOutOfMemory, &name), kSuccess);
  EXPECT_STREQ(name, "CUDA_ERROR_OUT_OF_MEMORY");
  EXPECT_EQ(cuda("cuGetErrorString", kOutOfMemory, &text), kSuccess);
  EXPECT_STREQ(text, "out of memory");
  EXPECT_EQ(cuda("cuGetErrorName", 12345, &name), kInvalidValue);
}

// Functions of a text call each other, with results; and local memory is each thread's own.
TEST_F(Drivers, FunctionsCallEachOther) {
  std::string text = R"(
.func (.param .b32 result) twice(.param .b32 value) {
  .reg .b32 %a;
  ld.param.b32 %a, [value];
  shl.b32 %a, %a, 1;
  st.param.b32 [result], %a;
  ret;
}
)" + kernelText(R"(
  .local .align 4 .b8 own[128];
  mul.wide.u32 %l0, %id, 4;
  mov.u64 %l1, own;
  add.u64 %l2, %l1, %l0;
  { .param .b32 argument; .param .b32 value;
    st.param.b32 [argument], %id;
    call.uni (value), twice, (argument);
    ld.param.b32 %a, [value]; }
  st.local.b32 [%l2], %a;
  cvta.local.u64 %l3, %l2;
  ld.b32 %b, [%l3];
  add.u64 %out, %out, %l0;
  st.global.b32 [%out], %b;)");
  std::vector<uint32_t> found = run<uint32_t>(text, {1, 32, 0}, std::vector<uint32_t>(1), 32);
  ASSERT_EQ(found.size(), 32u) << log;
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(found[i], 2 * i);
}

} // namespace
} // namespace osscc::standin
