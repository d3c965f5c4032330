// Opening a card and running calls on it: kernels, weights, graphs, what goes wrong.
#include "runtime/device/cuda/DeviceRunner.h"
#include "runtime/model/Session.h"
#include "test/runtime/device/cuda/FakeDeviceModel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

namespace osscc::rt::cuda {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<int32_t> kText = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8};

struct DeviceRunnerTest : testing::Test {
  test::FakeDriver fake;
  const OssccModel &compiled = test::onDevice(test::fakeModule(), fake);
  Model model = *Model::of(compiled, test::fakeWeights());

  Result<std::unique_ptr<Accelerator>> open(int64_t number = 0) {
    return DeviceRunner::open(fake.table(), {compiled, model.weights(), "fake", number});
  }
  static const Graphs &graphs(const Accelerator &runner) {
    return dynamic_cast<const DeviceRunner &>(runner).capturedCalls();
  }
};

TEST_F(DeviceRunnerTest, TakesMachineCodeAndElsePtx) {
  ASSERT_TRUE(open());
  EXPECT_THAT(fake.loaded, ElementsAre(HasSubstr("cubin")));
  fake.refusedImages = {"cubin"};
  fake.loaded.clear();
  auto runner = open();
  ASSERT_TRUE(runner);
  EXPECT_THAT(fake.loaded, ElementsAre(HasSubstr(".version 7.8")));
  EXPECT_EQ((*runner)->name(), "NVIDIA Test (cuda:0)");
  EXPECT_EQ((*runner)->memoryBandwidth(), 96e9);
}

TEST_F(DeviceRunnerTest, AsksForSharedMemoryBeyond48KiB) {
  auto runner = open();
  EXPECT_THAT(fake.shared, ElementsAre(testing::Pair("kernel_1", 60 << 10)));
  fake.failLater("cuFuncSetAttribute", 1);
  auto refused = open();
  EXPECT_THAT(refused.error().message, HasSubstr("61440 bytes of shared memory for kernel "
                                                 "'kernel_1' (it gives a block at most 101376)"));
}

TEST_F(DeviceRunnerTest, SaysWhatTheDriversCompilerSaid) {
  OssccImage broken[] = {{"sm_89", OSSCC_IMAGE_PTX, 20, "broken .version 7.8"}};
  OssccModel copy = compiled;
  copy.images = broken;
  copy.image_count = 1;
  auto runner = DeviceRunner::open(fake.table(), {copy, model.weights(), "fake", 0});
  ASSERT_FALSE(runner);
  EXPECT_EQ(runner.error().message,
            "NVIDIA Test (cuda:0): kernels for sm_89 cannot be loaded: CUDA_ERROR_INVALID_PTX (so "
            "it says): ptxas fatal : line 3");
}

TEST_F(DeviceRunnerTest, ADriverThatRefusesTheMachineCodeTooIsTooOld) {
  fake.refusedImages = {"cubin"};
  fake.version = 11040;
  auto runner = open();
  ASSERT_FALSE(runner);
  EXPECT_EQ(exitCode(runner.error().code), 69);
  EXPECT_THAT(runner.error().message, HasSubstr("PTX up to 7.4, the kernels are PTX 7.8"));
  EXPECT_EQ(runner.error().help, "install an NVIDIA driver for CUDA 11.8 or later");
}

TEST_F(DeviceRunnerTest, AKernelThatAnImageLacksIsDamage) {
  fake.kernels.pop_back();
  auto runner = open();
  ASSERT_FALSE(runner);
  EXPECT_EQ(exitCode(runner.error().code), 74);
  EXPECT_THAT(runner.error().message, HasSubstr("lack 'kernel_2'"));
}

TEST_F(DeviceRunnerTest, CardsThatAreNotThereAreCounted) {
  auto runner = open(3);
  ASSERT_FALSE(runner);
  EXPECT_EQ(runner.error().message, "cuda:3: the driver finds 1 device");
}

TEST_F(DeviceRunnerTest, ACardOfAnotherCapabilityIsRefused) {
  fake.major = 7;
  fake.minor = 5;
  auto runner = open();
  ASSERT_FALSE(runner);
  EXPECT_EQ(exitCode(runner.error().code), 69);
  EXPECT_THAT(runner.error().message, HasSubstr("has compute capability 7.5"));
}

TEST_F(DeviceRunnerTest, TooLittleMemoryIsSaidInBothNumbers) {
  for (size_t memory : {100, 700}) { // not for the weights; not for the call beside them
    fake.memory = memory;
    auto runner = open();
    ASSERT_FALSE(runner);
    EXPECT_EQ(exitCode(runner.error().code), 75);
    EXPECT_THAT(runner.error().message, HasSubstr("memory of NVIDIA Test (cuda:0): 0.0 MB are "
                                                  "needed"));
    EXPECT_THAT(runner.error().message, HasSubstr("0.0 MB are available"));
    EXPECT_EQ(fake.taken, 0u);
  }
}

TEST_F(DeviceRunnerTest, WeightsArriveInChunks) {
  std::vector<uint8_t> large(size_t(Weights::kChunkBytes) * 2 + 100), small(3, 7);
  std::iota(large.begin(), large.end(), uint8_t(1));
  auto device = *Device::open(fake.table(), 0);
  DeviceStorage storage(*device);
  HostWeight weights[] = {{large.data(), int64_t(large.size())}, {small.data(), 3}};
  for (int threads : {0, 1, 3}) {
    auto uploaded = *Weights::upload(*device, storage, weights, threads);
    ASSERT_TRUE(uploaded->wait());
    EXPECT_EQ(fake.largestCopy, size_t(Weights::kChunkBytes));
    auto *const *addresses = uploaded->addresses();
    EXPECT_EQ(std::memcmp(addresses[0], large.data(), large.size()), 0) << threads;
    EXPECT_EQ(std::memcmp(addresses[1], small.data(), 3), 0) << threads;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(addresses[1]) % 256, 0u);
    EXPECT_EQ(uploaded->deviceAddresses()[1], addresses[1]);
  }
  EXPECT_EQ(fake.taken, 0u);
}

TEST_F(DeviceRunnerTest, ACopyOfWeightsThatFailsIsKnownAtTheFirstCall) {
  fake.failLater("cuEventRecord", 719);
  auto runner = open();
  ASSERT_TRUE(runner);
  Session session = *Session::create(model, **runner, {});
  session.addSequence();
  Status status = session.append(0, kText, {});
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("CUDA_ERROR_LAUNCH_FAILED"));
}

TEST_F(DeviceRunnerTest, ACallThatComesAgainIsOneLaunch) {
  auto runner = open();
  Session session = *Session::create(model, **runner, {});
  session.addSequence();
  std::vector<float> logits(test::kVocabulary);
  for (size_t n = 0; n < kText.size(); ++n) {
    ASSERT_TRUE(session.append(0, std::span(kText).subspan(n, 1), logits));
    EXPECT_EQ(logits, test::expectedLogits(std::span(kText).first(n + 1))) << n;
  }
  // Plainly, then captured; three kernels each time.
  EXPECT_EQ(fake.countOf("cuLaunchKernel"), 6);
  EXPECT_EQ(fake.countOf("cuGraphLaunch"), int(kText.size()) - 1);
  EXPECT_EQ(graphs(**runner).size(), 1u);
}

TEST_F(DeviceRunnerTest, ADeviceThatIsLostInMidAnswerStaysLost) {
  auto runner = open();
  Session session = *Session::create(model, **runner, {});
  session.addSequence();
  std::vector<float> logits(test::kVocabulary);
  ASSERT_TRUE(session.append(0, std::span(kText).first(3), logits));
  fake.failLater("cuStreamSynchronize", 719);
  for (int i = 0; i < 2; ++i) {
    Status status = session.append(0, std::span(kText).subspan(3, 1), logits);
    ASSERT_FALSE(status);
    EXPECT_EQ(exitCode(status.error().code), 1);
    EXPECT_THAT(status.error().message, HasSubstr("NVIDIA Test (cuda:0): cuStreamSynchronize: "
                                                  "CUDA_ERROR_LAUNCH_FAILED"));
    EXPECT_EQ(session.tokens(0).size(), 3u);
    fake.failures.clear();
  }
}

TEST_F(DeviceRunnerTest, ALaunchThatIsRefusedNamesItsKernel) {
  auto runner = open();
  Session session = *Session::create(model, **runner, {});
  session.addSequence();
  fake.failLater("cuLaunchKernel", 1, 1);
  Status status = session.append(0, kText, {});
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message,
              HasSubstr("cuLaunchKernel of 'kernel_1': CUDA_ERROR_INVALID_VALUE"));
}

TEST_F(DeviceRunnerTest, ACancelledCallComputesNothing) {
  auto runner = open();
  int64_t cancel = 0;
  Session session = *Session::create(model, **runner, {.cancel = &cancel});
  session.addSequence();
  std::vector<float> logits(test::kVocabulary);
  ASSERT_TRUE(session.append(0, std::span(kText).first(3), logits));
  cancel = 1;
  int launched = fake.countOf("cuLaunchKernel");
  EXPECT_EQ(exitCode(session.append(0, kText, logits).error().code), 130);
  EXPECT_EQ(fake.countOf("cuLaunchKernel"), launched);
  cancel = 0;
  ASSERT_TRUE(session.append(0, std::span(kText).subspan(3), logits));
  EXPECT_EQ(logits, test::expectedLogits(kText));
}

TEST(CudaGraphs, TheOneThatWasNotUsedForLongestGoes) {
  test::FakeDriver fake;
  auto device = *Device::open(fake.table(), 0);
  Graphs graphs(*device);
  int entered = 0;
  auto put = [&] { ++entered; };
  for (int64_t rows = 0; rows <= int64_t(Graphs::kMost); ++rows)
    for (int again = 0; again < 3; ++again)
      graphs.run({.rows = rows}, put);
  EXPECT_EQ(entered, 2 * int(Graphs::kMost + 1));
  EXPECT_EQ(graphs.size(), Graphs::kMost);
  EXPECT_EQ(fake.countOf("cuGraphExecDestroy"), 1);
  graphs.run({.rows = 1}, put); // is kept
  EXPECT_EQ(entered, 2 * int(Graphs::kMost + 1));
  graphs.run({.rows = 0}, put); // is gone
  EXPECT_EQ(entered, 2 * int(Graphs::kMost + 1) + 1);
}

} // namespace
} // namespace osscc::rt::cuda
