#include "test/cuda/machine/Fiber.h"

#include <mutex>
#include <new>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

namespace osscc::standin {

// What the ABI lets a callee keep is pushed, the stack is exchanged, and the same is popped from
// the other one. A fresh fiber finds the body and its argument in two of those registers.
#if defined(__x86_64__)
asm(R"(
  .text
  .globl osscc_standin_switch
  .type osscc_standin_switch, @function
osscc_standin_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size osscc_standin_switch, .-osscc_standin_switch
  .type osscc_standin_begin, @function
osscc_standin_begin:
  movq %r12, %rdi
  callq *%r13
  ud2
  .size osscc_standin_begin, .-osscc_standin_begin
)");
constexpr size_t kSavedWords = 7; // six registers and the address to return to
constexpr size_t kArgumentWord = 3, kBodyWord = 2, kReturnWord = 6;
#elif defined(__aarch64__)
asm(R"(
  .text
  .globl osscc_standin_switch
  .type osscc_standin_switch, %function
osscc_standin_switch:
  stp x19, x20, [sp, #-160]!
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  ldp x19, x20, [sp], #160
  ret
  .size osscc_standin_switch, .-osscc_standin_switch
  .type osscc_standin_begin, %function
osscc_standin_begin:
  mov x0, x19
  blr x20
  brk #1
  .size osscc_standin_begin, .-osscc_standin_begin
)");
constexpr size_t kSavedWords = 20;
constexpr size_t kArgumentWord = 0, kBodyWord = 1, kReturnWord = 11;
#else
#error "no fibers for this CPU"
#endif

extern "C" void osscc_standin_begin();

Stacks::Stacks(size_t count, size_t bytes) : number(count), each(bytes) {
  size_t page = size_t(sysconf(_SC_PAGESIZE));
  stride = (bytes + page - 1) / page * page + page;
  void *found = mmap(nullptr, stride * count, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (found == MAP_FAILED)
    throw std::bad_alloc();
  memory = static_cast<uint8_t *>(found);
  for (size_t i = 0; i < count; ++i)
    mprotect(memory + i * stride, page, PROT_NONE);
}

Stacks::~Stacks() {
  munmap(memory, stride * number);
}

namespace {

struct Pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<Stacks>> stacks;
};

Pool &pool() {
  static Pool all;
  return all;
}

} // namespace

std::unique_ptr<Stacks> Stacks::borrow(size_t count, size_t bytes) {
  std::lock_guard lock(pool().mutex);
  for (auto &stacks : pool().stacks)
    if (stacks->count() >= count && stacks->bytes() >= bytes) {
      std::unique_ptr<Stacks> found = std::move(stacks);
      stacks = std::move(pool().stacks.back());
      pool().stacks.pop_back();
      return found;
    }
  return std::make_unique<Stacks>(count, bytes);
}

void Stacks::giveBack(std::unique_ptr<Stacks> stacks) {
  std::lock_guard lock(pool().mutex);
  pool().stacks.push_back(std::move(stacks));
}

void *Stacks::prepare(size_t i, void (*body)(void *), void *argument) const {
  // Fibers begin at different lines of the cache: equal ones would throw each other out of it.
  auto *top = reinterpret_cast<uint64_t *>(memory + (i + 1) * stride - 64 * (i % 61) - 64);
  uint64_t *words = top - kSavedWords;
  for (size_t k = 0; k < kSavedWords; ++k)
    words[k] = 0;
  words[kArgumentWord] = reinterpret_cast<uint64_t>(argument);
  words[kBodyWord] = reinterpret_cast<uint64_t>(body);
  words[kReturnWord] = reinterpret_cast<uint64_t>(&osscc_standin_begin);
  return words;
}

} // namespace osscc::standin
