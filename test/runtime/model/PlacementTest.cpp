// Which model answers where a file has several.
#include "runtime/model/Placement.h"

#include "test/runtime/model/FakeModel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt {
namespace {

using testing::HasSubstr;
using Kind = DeviceChoice::Kind;

struct FakeAccelerator : Accelerator {
  std::string label = "a card";
  Status run(OssccCall, std::span<const OssccSegment>) override { return {}; }
  Storage &storage() override { return hostStorage(); }
  const std::string &name() const override { return label; }
  Status waitForWeights() override { return {}; }
  std::optional<double> memoryBandwidth() const override { return std::nullopt; }
};

/// Opens for models of this target alone.
std::string_view fitting;
int64_t asked = -1;
const AcceleratorKind kCards = {
    [](const AcceleratorRequest &request) -> Result<std::unique_ptr<Accelerator>> {
      asked = request.number;
      if (request.model.target == fitting)
        return std::make_unique<FakeAccelerator>();
      return fail(Code::kUnsupportedDevice, std::string("no card for ") + request.model.target,
                  "buy one");
    }};

struct PlacementTest : testing::Test {
  OssccModel cpu = *test::fakeModule().models[0], first = cpu, second = cpu;
  std::vector<const OssccModel *> models;
  PlacementTest() {
    // As the compiler writes a CPU's: without what only devices have.
    cpu.struct_bytes = offsetof(OssccModel, device);
    cpu.device = "no field of it";
    first.device = second.device = "cuda";
    first.target = "sm_120";
    second.target = "sm_89";
    fitting = "sm_89";
  }
  Result<Placement> placed(std::vector<const OssccModel *> list, DeviceChoice choice = {},
                           const AcceleratorKind *cards = &kCards) {
    models = std::move(list);
    OssccModule module = {sizeof(OssccModule), OSSCC_ABI_VERSION, int64_t(models.size()),
                          models.data()};
    return place(module, test::fakeWeights(), "smollm2", choice, cards);
  }
};

TEST_F(PlacementTest, TheFirstDeviceThatIsThereAnswers) {
  auto best = placed({&first, &second, &cpu});
  ASSERT_TRUE(best);
  EXPECT_EQ(&best->model->abi(), &second);
  EXPECT_TRUE(best->device);
  EXPECT_EQ(best->notice, "");
}

TEST_F(PlacementTest, WithoutADeviceTheCpuAnswersAndSaysWhy) {
  fitting = "";
  auto best = placed({&first, &second, &cpu});
  ASSERT_TRUE(best);
  EXPECT_EQ(&best->model->abi(), &cpu);
  EXPECT_FALSE(best->device);
  EXPECT_EQ(best->notice, "no card for sm_89; the CPU answers");
}

TEST_F(PlacementTest, AFileForCpusAsksForNoDevice) {
  asked = -1;
  auto best = placed({&cpu}, {}, nullptr);
  ASSERT_TRUE(best);
  EXPECT_EQ(best->notice, "");
  EXPECT_EQ(asked, -1);
}

TEST_F(PlacementTest, WithoutCodeForCpusTheDevicesErrorIsTheError) {
  fitting = "";
  auto none = placed({&first});
  ASSERT_FALSE(none);
  EXPECT_EQ(exitCode(none.error().code), 69);
  EXPECT_EQ(none.error().message, "no card for sm_120");
}

TEST_F(PlacementTest, WhatIsAskedForIsNotReplaced) {
  auto onCpu = placed({&second, &cpu}, {Kind::kCpu});
  ASSERT_TRUE(onCpu);
  EXPECT_EQ(&onCpu->model->abi(), &cpu);
  ASSERT_TRUE(placed({&cpu, &second}, {Kind::kCuda, 3})->device);
  EXPECT_EQ(asked, 3);
  fitting = "";
  EXPECT_EQ(placed({&second, &cpu}, {Kind::kCuda}).error().message, "no card for sm_89");
  auto noCpu = placed({&second}, {Kind::kCpu});
  EXPECT_EQ(exitCode(noCpu.error().code), 69);
  EXPECT_EQ(noCpu.error().message, "there is no code for a CPU in this file, only for sm_89");
  EXPECT_THAT(noCpu.error().help, HasSubstr("osscc smollm2 --target="));
  auto noCuda = placed({&cpu}, {Kind::kCuda}, nullptr);
  EXPECT_EQ(exitCode(noCuda.error().code), 69);
  EXPECT_EQ(noCuda.error().message, "there is no code for a CUDA device in this file");
}

} // namespace
} // namespace osscc::rt
