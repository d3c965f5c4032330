#include "runtime/device/Storage.h"

#include "runtime/base/AlignedBuffer.h"
#include "runtime/device/Memory.h"

#include <algorithm>
#include <cstring>

namespace osscc::rt {
namespace {

class HostStorage : public Storage {
public:
  bool isHost() const override { return true; }
  std::string name() const override { return "memory"; }
  std::optional<int64_t> available() const override { return availableMemory(); }

  Result<Block> allocate(int64_t bytes, int64_t align) override {
    int64_t least = bytes < AlignedBuffer::kHugePage ? 1 : AlignedBuffer::kHugePage;
    auto buffer = AlignedBuffer::allocate(bytes, std::max(align, least), /*zeroed=*/false);
    if (!buffer)
      return std::unexpected(std::move(buffer).error());
    return Block(buffer->release(), {this});
  }
  void zero(uint8_t *at, int64_t bytes) override { std::memset(at, 0, size_t(bytes)); }
  void copy(uint8_t *to, const uint8_t *from, int64_t bytes) override {
    std::memcpy(to, from, size_t(bytes));
  }
  void write(uint8_t *to, const void *from, int64_t bytes) override {
    std::memcpy(to, from, size_t(bytes));
  }

private:
  void release(uint8_t *address) override { std::free(address); }
};

} // namespace

Storage &hostStorage() {
  static HostStorage storage;
  return storage;
}

} // namespace osscc::rt
