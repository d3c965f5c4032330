// Opening the driver, images, what a call is told, and what errors say.
#include "runtime/device/cuda/DeviceCall.h"
#include "runtime/device/cuda/DeviceRunner.h"
#include "runtime/device/cuda/Image.h"
#include "test/runtime/device/cuda/FakeDeviceModel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace osscc::rt::cuda {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CudaDriver, WithoutOneTheErrorSaysWhatToInstall) {
  auto driver = openDriver("/nowhere/libcuda.so.1");
  ASSERT_FALSE(driver);
  EXPECT_EQ(exitCode(driver.error().code), 69);
  EXPECT_THAT(driver.error().message, HasSubstr("no CUDA driver: /nowhere/libcuda.so.1"));
  EXPECT_THAT(driver.error().help, HasSubstr("install NVIDIA's driver"));
}

TEST(CudaDriver, ALibraryWithoutItsEntriesIsTooOld) {
  auto driver = openDriver("libm.so.6");
  ASSERT_FALSE(driver);
  EXPECT_EQ(exitCode(driver.error().code), 69);
  EXPECT_EQ(driver.error().message, "libm.so.6: the driver is too old, it has no cuInit");
}

TEST(CudaDriver, ErrorsHaveCudasNamesAndTheCallAndWhatToDo) {
  test::FakeDriver fake;
  Driver driver = fake.table();
  EXPECT_TRUE(checked(driver, kSuccess, "cuMemAlloc"));
  Status full = checked(driver, 2, "cuMemAlloc of 16.8 MB");
  EXPECT_EQ(exitCode(full.error().code), 75);
  EXPECT_EQ(full.error().message, "cuMemAlloc of 16.8 MB: CUDA_ERROR_OUT_OF_MEMORY (so it says)");
  Status lost = checked(driver, 719, "cuStreamSynchronize");
  EXPECT_EQ(exitCode(lost.error().code), 1);
  EXPECT_THAT(lost.error().message, HasSubstr("CUDA_ERROR_LAUNCH_FAILED"));
  EXPECT_THAT(lost.error().help, HasSubstr("the device was lost"));
  EXPECT_THAT(checked(driver, 9999, "cuInit").error().message, HasSubstr("CUDA error 9999"));
}

TEST(CudaImage, MachineCodeRunsOnItsMajorAndPtxOnAllThatIsNewer) {
  auto ptx = OSSCC_IMAGE_PTX, cubin = OSSCC_IMAGE_CUBIN;
  EXPECT_TRUE(runsOn("sm_80", cubin, 86));
  EXPECT_FALSE(runsOn("sm_86", cubin, 80));
  EXPECT_FALSE(runsOn("sm_80", cubin, 90));
  EXPECT_TRUE(runsOn("sm_80", ptx, 90));
  EXPECT_TRUE(runsOn("sm_90", ptx, 120));
  EXPECT_FALSE(runsOn("sm_90a", ptx, 120));
  EXPECT_TRUE(runsOn("sm_90a", ptx, 90));
  EXPECT_TRUE(runsOn("sm_90a", cubin, 90));
  EXPECT_FALSE(runsOn("sm_100f", ptx, 120));
  EXPECT_TRUE(runsOn("sm_120f", ptx, 121));
  EXPECT_FALSE(runsOn("x86-64", ptx, 90));
}

TEST(CudaImage, DriversTakePtxUpToTheirCuda) {
  EXPECT_EQ(ptxVersion("//\n// Generated\n.version 7.8\n.target sm_89"), 78);
  EXPECT_EQ(ptxVersion("\x7f"
                       "ELF"),
            0);
  EXPECT_EQ(latestPtx(11080), 78);
  EXPECT_EQ(latestPtx(12000), 80);
  EXPECT_EQ(latestPtx(12060), 85);
  EXPECT_EQ(latestPtx(12080), 87);
  EXPECT_EQ(latestPtx(13000), 90);
}

constexpr char kOld[] = ".version 7.0\n.target sm_80", kNew[] = ".version 8.7\n.target sm_120";

OssccModel modelOf(std::span<const OssccImage> images) {
  OssccModel model{};
  model.struct_bytes = sizeof model;
  model.image_count = int64_t(images.size());
  model.images = images.data();
  return model;
}

TEST(CudaImage, TheNearestMachineCodeComesFirst) {
  OssccImage images[] = {{"sm_80", OSSCC_IMAGE_PTX, sizeof kOld, kOld},
                         {"sm_80", OSSCC_IMAGE_CUBIN, 4, "sm80"},
                         {"sm_86", OSSCC_IMAGE_CUBIN, 4, "sm86"},
                         {"sm_120", OSSCC_IMAGE_PTX, sizeof kNew, kNew}};
  OssccModel model = modelOf(images);
  EXPECT_THAT(fittingImages(model, {89, 12080}), ElementsAre(&images[2], &images[1], &images[0]));
  EXPECT_THAT(fittingImages(model, {90, 12080}), ElementsAre(&images[0]));
  EXPECT_THAT(fittingImages(model, {121, 12080}), ElementsAre(&images[3], &images[0]));
  EXPECT_THAT(fittingImages(model, {121, 12040}), ElementsAre(&images[0]));
  EXPECT_THAT(fittingImages(model, {75, 12080}), IsEmpty());
}

TEST(CudaImage, ARefusalNamesTheLineOrTheDriverThatFits) {
  OssccImage images[] = {{"sm_120", OSSCC_IMAGE_PTX, sizeof kNew, kNew}};
  OssccModel model = modelOf(images);
  Error other = refusal(model, {89, 12080}, "NVIDIA Test (cuda:0)", "smollm2");
  EXPECT_EQ(exitCode(other.code), 69);
  EXPECT_EQ(other.message,
            "NVIDIA Test (cuda:0) has compute capability 8.9, the kernels are for sm_120");
  EXPECT_EQ(other.help, "compile for this device: osscc smollm2 --target=sm_89");
  EXPECT_THAT(refusal(model, {87, 12080}, "d", "m").help, HasSubstr("--target=sm_86"));
  EXPECT_THAT(refusal(model, {75, 12080}, "d", "m").help, HasSubstr("sm_80"));
  Error old = refusal(model, {120, 12040}, "NVIDIA Test (cuda:0)", "smollm2");
  EXPECT_EQ(old.message, "NVIDIA Test (cuda:0): the driver serves CUDA 12.4 and PTX up to 8.4, the "
                         "kernels are PTX 8.7");
  EXPECT_EQ(old.help, "install an NVIDIA driver for CUDA 12.8 or later");
}

TEST(CudaCall, StagingHoldsTheCallAndItsArrays) {
  int64_t tokens[] = {5, 6, 7}, positions[] = {0, 1, 9}, sequences[] = {0, 0, 2}, outputs[] = {2};
  OssccCall call{};
  call.struct_bytes = sizeof call;
  call.rows = 3;
  call.tokens = tokens;
  call.positions = positions;
  call.sequences = sequences;
  call.output_rows = 1;
  call.outputs = outputs;
  int64_t cancel = 0;
  OssccServices services{};
  call.cancel = &cancel;
  call.services = &services;
  std::vector<uint8_t> staging(size_t(deviceCallBytes(3, 1)));
  // As if it lay on the device where it lies.
  call.device_call = reinterpret_cast<const OssccCall *>(staging.data());
  const void *weights[] = {&call};
  stageCall(staging.data(), call, weights);
  OssccCall copy;
  std::memcpy(&copy, staging.data(), sizeof copy);
  EXPECT_EQ(copy.rows, 3);
  EXPECT_EQ(copy.device_call, call.device_call);
  EXPECT_EQ(copy.weights, weights);
  EXPECT_EQ(copy.cancel, nullptr);
  EXPECT_EQ(copy.services, nullptr);
  EXPECT_EQ(reinterpret_cast<const uint8_t *>(copy.tokens), staging.data() + sizeof copy);
  EXPECT_THAT(std::span(copy.tokens, 3), ElementsAre(5, 6, 7));
  EXPECT_THAT(std::span(copy.positions, 3), ElementsAre(0, 1, 9));
  EXPECT_THAT(std::span(copy.sequences, 3), ElementsAre(0, 0, 2));
  EXPECT_THAT(std::span(copy.outputs, 1), ElementsAre(2));
  EXPECT_EQ(reinterpret_cast<const uint8_t *>(copy.outputs + 1), staging.data() + staging.size());
}

TEST(CudaCall, ExtentsArePowersOfTwoUpToTheContext) {
  EXPECT_EQ(extentFor(1, 8192), 256);
  EXPECT_EQ(extentFor(256, 8192), 256);
  EXPECT_EQ(extentFor(257, 8192), 512);
  EXPECT_EQ(extentFor(5000, 6000), 6000);
  EXPECT_EQ(extentFor(1, 40), 40);
}

} // namespace
} // namespace osscc::rt::cuda
