// The hand-written models of FakeModel.h for a card of FakeDriver.h: a segment is host code that
// launches a kernel, and the kernel is the segment of a CPU, which sees what the card's copy of the
// call leads to and nothing else.
#pragma once

#include "test/runtime/device/cuda/FakeDriver.h"
#include "test/runtime/model/FakeModel.h"

namespace osscc::rt::test {

/// The only model of `module`, for devices; gives the driver its kernels. One at a time.
const OssccModel &onDevice(const OssccModule &module, FakeDriver &driver);

} // namespace osscc::rt::test
