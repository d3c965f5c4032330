#include "runtime/device/cuda/Weights.h"

#include "runtime/device/Pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace osscc::rt::cuda {
namespace {

constexpr size_t kStackBytes = size_t(256) << 10;

int64_t alignedUp(int64_t bytes) {
  return (bytes + Weights::kAlign - 1) & -Weights::kAlign;
}

/// A stream, and pinned buffers that take turns: one is read from while the next is filled.
class Lane {
public:
  static Result<Lane> create(const Device &device) {
    Lane lane(device);
    const Driver &driver = device.driver();
    OSSCC_RETURN_IF_ERROR(
        checked(driver, driver.cuStreamCreate(&lane.stream, kStreamNonBlocking), "cuStreamCreate"));
    for (Turn &turn : lane.turns) {
      auto buffer = PinnedBuffer::allocate(device, Weights::kChunkBytes);
      if (!buffer)
        return std::unexpected(std::move(buffer).error());
      turn.buffer = std::move(*buffer);
      OSSCC_RETURN_IF_ERROR(
          checked(driver, driver.cuEventCreate(&turn.free, kEventDisableTiming), "cuEventCreate"));
    }
    return lane;
  }
  Lane(Lane &&other) noexcept
      : device(other.device), stream(std::exchange(other.stream, nullptr)),
        turns(std::move(other.turns)) {
    for (Turn &turn : other.turns)
      turn.free = nullptr;
  }
  ~Lane() {
    const Driver &driver = device->driver();
    for (Turn &turn : turns)
      if (turn.free)
        driver.cuEventDestroy_v2(turn.free);
    if (stream)
      driver.cuStreamDestroy_v2(stream);
  }

  Status copy(Address to, const void *from, int64_t bytes) {
    const Driver &driver = device->driver();
    Turn &turn = turns[number++ % turns.size()];
    if (turn.used)
      OSSCC_RETURN_IF_ERROR(
          checked(driver, driver.cuEventSynchronize(turn.free), "cuEventSynchronize"));
    populate({static_cast<const std::byte *>(from), size_t(bytes)}); // or the copy faults them in
    std::memcpy(turn.buffer.data(), from, size_t(bytes));
    OSSCC_RETURN_IF_ERROR(
        checked(driver, driver.cuMemcpyHtoDAsync_v2(to, turn.buffer.data(), size_t(bytes), stream),
                fmt::format("{}: cuMemcpyHtoDAsync of weights", device->name())));
    turn.used = true;
    return checked(driver, driver.cuEventRecord(turn.free, stream), "cuEventRecord");
  }

  Status finish() {
    return checked(device->driver(), device->driver().cuStreamSynchronize(stream),
                   fmt::format("{}: copying weights", device->name()));
  }

private:
  struct Turn {
    PinnedBuffer buffer;
    Event free = nullptr; ///< the last copy from the buffer is done
    bool used = false;
  };
  explicit Lane(const Device &device) : device(&device) {}

  const Device *device;
  Stream stream = nullptr;
  std::array<Turn, 2> turns;
  size_t number = 0;
};

} // namespace

int64_t Weights::bytesFor(std::span<const HostWeight> weights) {
  int64_t sum = 0;
  for (const HostWeight &weight : weights)
    sum += alignedUp(weight.bytes);
  return sum;
}

Result<std::unique_ptr<Weights>> Weights::upload(Device &device, DeviceStorage &storage,
                                                 std::span<const HostWeight> weights, int threads) {
  std::unique_ptr<Weights> result(new Weights(device));
  OSSCC_RETURN_IF_ERROR(result->place(storage, weights));
  result->threads.reserve(size_t(threads));
  for (int i = 0; i < threads; ++i)
    if (auto thread = Thread::start(kStackBytes, [self = result.get()] { self->copyChunks(); }))
      result->threads.push_back(std::move(*thread));
  if (result->threads.empty()) // a sandbox that gives none
    result->copyChunks();
  return result;
}

/// Takes the memory of all, and cuts the copies.
Status Weights::place(DeviceStorage &storage, std::span<const HostWeight> weights) {
  int64_t bytes = bytesFor(weights);
  auto available = storage.available();
  if (available && bytes > *available)
    return fail(rt::Code::kOutOfMemory,
                fmt::format("{}: {:.1f} MB are needed for the weights, {:.1f} MB are available",
                            storage.name(), double(bytes) / 1e6, double(*available) / 1e6),
                "end other programs that use the card, take another (--device=cuda:1), compile "
                "with a smaller --quantize, or take --device=cpu if this file has code for a CPU");
  auto block = storage.allocate(bytes, kAlign);
  if (!block)
    return std::unexpected(std::move(block).error());
  memory = std::move(*block);
  uint8_t *at = memory.get();
  for (const HostWeight &weight : weights) {
    onHost.push_back(at);
    auto *from = static_cast<const uint8_t *>(weight.data);
    for (int64_t done = 0; done < weight.bytes; done += kChunkBytes)
      chunks.push_back(
          {addressOf(at + done), from + done, std::min(kChunkBytes, weight.bytes - done)});
    at += alignedUp(weight.bytes);
  }
  auto addresses = storage.allocate(int64_t(onHost.size() * sizeof onHost[0]), kAlign);
  if (!addresses)
    return std::unexpected(std::move(addresses).error());
  table = std::move(*addresses);
  if (!onHost.empty())
    storage.write(table.get(), onHost.data(), int64_t(onHost.size() * sizeof onHost[0]));
  return {};
}

/// Copies what no other thread has taken.
void Weights::copyChunks() {
  Status entered = device->enter();
  if (!entered)
    return keepFirst(std::move(entered));
  auto lane = Lane::create(*device);
  if (!lane)
    return keepFirst(std::unexpected(std::move(lane).error()));
  Status copied;
  for (size_t i = next++; copied && i < chunks.size() && !stopped; i = next++)
    copied = lane->copy(chunks[i].to, chunks[i].from, chunks[i].bytes);
  Status finished = lane->finish();
  keepFirst(copied ? std::move(finished) : std::move(copied));
}

void Weights::keepFirst(Status found) {
  if (found)
    return;
  stopped = true;
  std::lock_guard lock(mutex);
  if (status)
    status = std::move(found);
}

Status Weights::wait() {
  threads.clear();
  return status;
}

Weights::~Weights() {
  stopped = true;
  threads.clear();
}

} // namespace osscc::rt::cuda
