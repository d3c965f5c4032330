/// Stacks for GPU threads, and the switch between them.
#ifndef OSSCC_TEST_CUDA_MACHINE_FIBER_H
#define OSSCC_TEST_CUDA_MACHINE_FIBER_H

#include <cstddef>
#include <cstdint>
#include <memory>

namespace osscc::standin {

/// Leaves one stack for another: saves where the caller stands in *from and goes on at `to`.
extern "C" void osscc_standin_switch(void **from, void *to);

/// Stacks of one size, each with a page below that cannot be touched.
class Stacks {
public:
  Stacks(size_t count, size_t bytes);
  ~Stacks();
  Stacks(const Stacks &) = delete;
  Stacks &operator=(const Stacks &) = delete;

  size_t count() const { return number; }
  size_t bytes() const { return each; }
  bool contains(const uint8_t *address) const {
    return address >= memory && address < memory + stride * number;
  }
  /// A fiber on the i-th stack that will call body(argument), which must not return.
  void *prepare(size_t i, void (*body)(void *), void *argument) const;

  /// At least so many of at least that size, from those that were given back or new.
  static std::unique_ptr<Stacks> borrow(size_t count, size_t bytes);
  static void giveBack(std::unique_ptr<Stacks> stacks);

private:
  size_t number, each, stride;
  uint8_t *memory;
};

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_MACHINE_FIBER_H
