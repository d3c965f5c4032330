#include "test/runtime/device/cuda/FakeDeviceModel.h"

#include <array>
#include <string>

namespace osscc::rt::test {
namespace {

constexpr size_t kMostSegments = 4;
constexpr int64_t kSharedBytes = 60 << 10;

const char kPtx[] = ".version 7.8\n.target sm_89\n";
const char kCubin[] = "cubin of sm_89";
const OssccImage kImages[] = {{"sm_89", OSSCC_IMAGE_PTX, sizeof kPtx, kPtx},
                              {"sm_89", OSSCC_IMAGE_CUBIN, sizeof kCubin, kCubin}};

/// One worker that does all blocks of a grid.
struct Serial {
  OssccServices table{};
  int64_t next = 0;

  Serial() {
    table.barrier = [](const OssccCall *call, int64_t) { of(call).next = 0; };
    table.next_block = [](const OssccCall *call, int64_t, int64_t, int64_t count) {
      return of(call).next < count ? of(call).next++ : count;
    };
    table.finish = [](const OssccCall *, int64_t, int64_t) {};
  }
  static Serial &of(const OssccCall *call) {
    return *reinterpret_cast<Serial *>(const_cast<OssccServices *>(call->services));
  }
};

void runOnDevice(OssccSegmentFn segment, const Launch &launch) {
  OssccCall call = *reinterpret_cast<const OssccCall *>(launch.arguments[0]);
  Serial serial;
  call.services = &serial.table;
  segment(&call, 0);
}

/// The segment of number I: one kernel, whose grid the host knows.
template <int64_t I> void launchSegment(const OssccCall *call, int64_t) {
  const int64_t grid[] = {call->rows, 1, 1}, block[] = {32, 1, 1};
  const OssccCall *device = call->device_call;
  void *arguments[] = {&device};
  call->services->launch(call, I, grid, block, arguments);
}

struct DeviceModel {
  OssccModel model;
  std::array<std::string, kMostSegments> names;
  std::array<OssccSegment, kMostSegments> segments;
  std::array<OssccKernel, kMostSegments> kernels;
};

} // namespace

const OssccModel &onDevice(const OssccModule &module, FakeDriver &driver) {
  static DeviceModel made;
  static constexpr OssccSegmentFn kLaunches[kMostSegments] = {launchSegment<0>, launchSegment<1>,
                                                              launchSegment<2>, launchSegment<3>};
  const OssccModel &cpu = *module.models[0];
  made.model = cpu;
  driver.kernels.clear();
  for (size_t i = 0; i < size_t(cpu.segment_count); ++i) {
    OssccSegmentFn segment = cpu.segments[i].run;
    made.names[i] = "kernel_" + std::to_string(i);
    made.segments[i] = {cpu.segments[i].name, cpu.segments[i].kind, kLaunches[i]};
    made.kernels[i] = {made.names[i].c_str(), i == 1 ? kSharedBytes : 0};
    driver.kernels.push_back(
        {made.names[i], 1, [segment](const Launch &launch) { runOnDevice(segment, launch); }});
  }
  made.model.struct_bytes = sizeof(OssccModel);
  made.model.target = "sm_89";
  made.model.device = "cuda";
  made.model.segments = made.segments.data();
  made.model.kernel_count = cpu.segment_count;
  made.model.kernels = made.kernels.data();
  made.model.image_count = 2;
  made.model.images = kImages;
  return made.model;
}

} // namespace osscc::rt::test
